/** The Lambda `configure`: joins its handler with the ports that it needs, once, at cold start. */
import { createConfigureHandler } from './handlers/configure.ts';
import {
  configPort,
  configurationStepPort,
  processPorts,
  salesforceApiPort,
  storePort,
  tokensPort,
} from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createConfigureHandler({
  ...process,
  ...configPort(environment),
  ...storePort(environment, process),
  ...tokensPort(environment),
  ...salesforceApiPort(environment),
  ...configurationStepPort(environment),
});
