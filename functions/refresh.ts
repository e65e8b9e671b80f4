/** The Lambda `refresh`: joins its handler with the ports as they are in AWS, once, at cold start. */
import { createRefreshHandler } from './handlers/refresh.ts';
import { awsPorts } from './runtime/aws-ports.ts';

export const handler = createRefreshHandler(awsPorts());
