/** An integration that is linked and to be configured, over ports in memory. */
import type { Integration } from '../../../functions/core/integration.ts';
import type { ConfigurationStep, IntegrationKey } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { configureIntegration } from '../../../functions/flows/configure-integration.ts';
import { anIntegration } from '../../contract/items.ts';
import { type MemoryPorts, memoryPorts, remaining, storedConnection } from '../../support/memory-ports.ts';

export const key: IntegrationKey = { tenant: 'acme', integration: 'sync' };
export const text = (status: number, body: string) => ({
  kind: 'answer' as const,
  status,
  contentType: 'text/plain',
  body: new Secret(body),
});

export async function setUp(
  change: Partial<Integration> = {},
  connection: Parameters<typeof storedConnection>[1] = {},
) {
  const ports = memoryPorts();
  const { connection: held, atSalesforce } = await storedConnection(ports, connection);
  await ports.store.inner.integrations.create(anIntegration('acme', 'sync', { connectionId: held.id, ...change }));
  ports.store.resetCalls();
  const start = (step: ConfigurationStep = ports.configurationStep, version = 1, timeMs = 300_000) =>
    configureIntegration(
      { ...ports, configurationStep: step },
      { version: 1, ...key, configurationVersion: version },
      { remainingTimeMs: remaining(ports.clock, timeMs), redactText: (words) => words.replaceAll('secret', '[r]') },
    );
  const run = (...order: Parameters<typeof start>) => ports.clock.run(start(...order));
  return { ports, held, atSalesforce, start, run };
}

export const failing = (message: string): ConfigurationStep => ({ run: () => Promise.reject(new Error(message)) });
export const hanging: ConfigurationStep = { run: () => new Promise(() => undefined) };

export async function shown(ports: MemoryPorts) {
  const item = await ports.store.inner.integrations.read(key);
  return [item?.status, item?.reason];
}
