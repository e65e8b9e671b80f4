/** One integration, with the state of the connection that it uses. A tombstone is no integration. */
import type { Connection } from '../core/connection.ts';
import type { Integration } from '../core/integration.ts';
import type { IntegrationKey, Ports } from '../core/ports.ts';

export interface ShownIntegration {
  readonly integration: Integration;
  readonly connection: Connection | undefined;
}

export async function showIntegration(
  { store }: Pick<Ports, 'store'>,
  key: IntegrationKey,
): Promise<ShownIntegration | undefined> {
  const integration = await store.integrations.read(key);
  if (integration === undefined || integration.status === 'unlinked') return undefined;
  return { integration, connection: await store.connections.read(integration.connectionId) };
}
