/** `configure`: runs the configuration steps that its queue asks for. Holds no key and no client secret. */
import * as z from 'zod/mini';
import { UnreadableItemError } from '../core/errors.ts';
import { labelPattern } from '../core/ids.ts';
import type { ConfigurationRequest } from '../core/ports.ts';
import { type ConfigurePorts, configureIntegration } from '../flows/configure-integration.ts';
import type { RuntimeMetrics } from '../runtime/observability.ts';
import { createQueueHandler, type QueueHandler } from '../runtime/queue.ts';
import { redactText } from '../runtime/redaction.ts';

export type ConfigureHandlerPorts = ConfigurePorts & { readonly metrics: RuntimeMetrics };

const label = z.string().check(z.regex(labelPattern));

const requestSchema = z.object({
  version: z.literal(1),
  tenant: label,
  integration: label,
  configurationVersion: z.int().check(z.minimum(1)),
});

export function createConfigureHandler(ports: ConfigureHandlerPorts): QueueHandler {
  return createQueueHandler({
    log: ports.log,
    metrics: ports.metrics,
    parse,
    run: (request, { remainingTimeMs }) =>
      configureIntegration(ports, request, { remainingTimeMs: () => remainingTimeMs(), redactText }),
    // Nothing else brings a configuration back.
    onThrow: 'retry',
  });
}

function parse(body: unknown): ConfigurationRequest {
  const parsed = requestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new UnreadableItemError('The message is no configuration request of version 1.');
}
