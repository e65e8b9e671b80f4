/** The Lambda `callback`: joins its handler with the ports that it needs, once, at cold start. */
import { createCallbackHandler } from './handlers/callback.ts';
import {
  configPort,
  configurationQueuePort,
  lifeboatPort,
  maintainerPort,
  processPorts,
  publicUrlPort,
  salesforceApiPort,
  salesforcePort,
  sealingPorts,
  secretsPort,
  storePort,
  tableIdentityPort,
} from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createCallbackHandler({
  ...process,
  ...configPort(environment),
  ...publicUrlPort(environment),
  ...storePort(environment, process),
  ...tableIdentityPort(environment, process),
  ...lifeboatPort(environment, process),
  ...sealingPorts(environment),
  ...salesforcePort(environment),
  ...salesforceApiPort(environment),
  ...secretsPort(environment, process),
  ...configurationQueuePort(environment),
  ...maintainerPort(environment),
});
