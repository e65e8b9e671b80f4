/** The Lambda `connect`: joins its handler with the ports that it needs, once, at cold start. */
import { createConnectHandler } from './handlers/connect.ts';
import {
  appCallersPort,
  configPort,
  configurationQueuePort,
  maintainerPort,
  processPorts,
  publicUrlPort,
  storePort,
  tableIdentityPort,
} from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createConnectHandler({
  ...process,
  ...configPort(environment),
  ...appCallersPort(environment),
  ...publicUrlPort(environment),
  ...storePort(environment, process),
  ...tableIdentityPort(environment, process),
  ...configurationQueuePort(environment),
  ...maintainerPort(environment),
});
