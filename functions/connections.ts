/** The Lambda `connections`: joins its handler with the ports that it needs, once, at cold start. */
import { createConnectionsHandler } from './handlers/connections.ts';
import {
  appCallersPort,
  configPort,
  configurationQueuePort,
  egressPort,
  processPorts,
  storePort,
} from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createConnectionsHandler({
  ...process,
  ...configPort(environment),
  ...appCallersPort(environment),
  ...egressPort(environment),
  ...storePort(environment, process),
  ...configurationQueuePort(environment),
});
