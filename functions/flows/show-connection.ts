/** One connection with the integrations that use it; a tenant sees its own integrations only. */
import type { Ports } from '../core/ports.ts';
import { presentConnectionInFull } from '../core/present-connection.ts';

const usesShown = 100;

export async function showConnection(
  ports: Pick<Ports, 'store'>,
  connectionId: string,
  tenant: string | undefined,
): Promise<Record<string, unknown> | undefined> {
  const [connection, uses] = await Promise.all([
    ports.store.connections.read(connectionId),
    ports.store.usesOf(connectionId, usesShown, tenant),
  ]);
  if (connection === undefined || (tenant !== undefined && uses.length === 0)) return undefined;
  const read = await Promise.all(uses.map((use) => ports.store.integrations.read(use)));
  const integrations = read.flatMap((one) => (one?.connectionId === connectionId ? [one] : []));
  return presentConnectionInFull(connection, integrations);
}
