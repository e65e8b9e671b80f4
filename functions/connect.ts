/** The Lambda `connect`: joins its handler with the ports as they are in AWS, once, at cold start. */
import { createConnectHandler } from './handlers/connect.ts';
import { awsPorts } from './runtime/aws-ports.ts';

export const handler = createConnectHandler(awsPorts());
