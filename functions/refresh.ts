/** The Lambda `refresh`: joins its handler with the ports that it needs, once, at cold start. */
import { createRefreshHandler } from './handlers/refresh.ts';
import {
  alertsPort,
  configPort,
  lifeboatPort,
  processPorts,
  salesforcePort,
  sealingPorts,
  secretsPort,
  signingKeysPort,
  storePort,
  tableIdentityPort,
} from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createRefreshHandler({
  ...process,
  ...configPort(environment),
  ...storePort(environment, process),
  ...tableIdentityPort(environment, process),
  ...lifeboatPort(environment, process),
  ...sealingPorts(environment),
  ...salesforcePort(environment),
  ...secretsPort(environment, process),
  ...signingKeysPort(environment, process),
  ...alertsPort(environment, process),
});
