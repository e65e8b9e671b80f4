/** The Lambda `maintain`: joins its handler with the ports that it needs, once, at cold start. */
import { createMaintainHandler } from './handlers/maintain.ts';
import {
  accessRevokerPort,
  alertsPort,
  configPort,
  configurationQueuePort,
  lifeboatPort,
  processPorts,
  salesforcePort,
  sealingPorts,
  secretAgesPort,
  signingKeysPort,
  storePort,
  tableIdentityPort,
} from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createMaintainHandler({
  ...process,
  ...configPort(environment),
  ...storePort(environment, process),
  ...tableIdentityPort(environment, process),
  ...lifeboatPort(environment, process),
  ...sealingPorts(environment),
  ...salesforcePort(environment),
  ...secretAgesPort(environment),
  ...signingKeysPort(environment, process),
  ...alertsPort(environment, process),
  ...configurationQueuePort(environment),
  ...accessRevokerPort(environment),
});
