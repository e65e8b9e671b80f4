/** The Lambda `callback`: joins its handler with the ports as they are in AWS, once, at cold start. */
import { createCallbackHandler } from './handlers/callback.ts';
import { awsPorts } from './runtime/aws-ports.ts';

export const handler = createCallbackHandler(awsPorts());
