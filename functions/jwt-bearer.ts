/** The Lambda `jwt-bearer`: joins its handler with the ports that it needs, once, at cold start. */
import { createJwtBearerHandler } from './handlers/jwt-bearer.ts';
import {
  appCallersPort,
  configPort,
  configurationQueuePort,
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

export const handler = createJwtBearerHandler({
  ...process,
  ...configPort(environment),
  ...appCallersPort(environment),
  ...storePort(environment, process),
  ...tableIdentityPort(environment, process),
  ...sealingPorts(environment),
  ...salesforcePort(environment),
  ...secretsPort(environment, process),
  ...signingKeysPort(environment, process),
  ...configurationQueuePort(environment),
});
