/** The Lambda `connections`: joins its handler with the ports as they are in AWS, once, at cold start. */
import { createConnectionsHandler } from './handlers/connections.ts';
import { awsPorts } from './runtime/aws-ports.ts';

export const handler = createConnectionsHandler(awsPorts());
