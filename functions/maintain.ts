/** The Lambda `maintain`: joins its handler with the ports that it needs, once, at cold start. */
import { createMaintainHandler } from './handlers/maintain.ts';
import {
  alertsPort,
  configurationQueuePort,
  lifeboatPort,
  processPorts,
  salesforcePort,
  sealingPorts,
  storePort,
} from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createMaintainHandler({
  ...process,
  ...storePort(environment, process),
  ...lifeboatPort(environment, process),
  ...sealingPorts(environment),
  ...salesforcePort(),
  ...alertsPort(environment),
  ...configurationQueuePort(environment),
});
