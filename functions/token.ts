/** The Lambda `token`: joins its handler with the ports that it needs, once, at cold start. */
import { createTokenHandler } from './handlers/token.ts';
import { configPort, processPorts, refresherPort, sealingPorts, storePort } from './runtime/aws-ports.ts';
import { processEnvironment as environment } from './runtime/environment.ts';

const process = processPorts(environment);

export const handler = createTokenHandler({
  ...process,
  ...configPort(environment),
  ...storePort(environment, process),
  ...sealingPorts(environment),
  ...refresherPort(environment),
});
