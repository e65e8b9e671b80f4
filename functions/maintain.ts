/** The Lambda `maintain`: joins its handler with the ports as they are in AWS, once, at cold start. */
import { createMaintainHandler } from './handlers/maintain.ts';
import { awsPorts } from './runtime/aws-ports.ts';

export const handler = createMaintainHandler(awsPorts());
