/** The Lambda `token`: joins its handler with the ports as they are in AWS, once, at cold start. */
import { createTokenHandler } from './handlers/token.ts';
import { awsPorts } from './runtime/aws-ports.ts';

export const handler = createTokenHandler(awsPorts());
