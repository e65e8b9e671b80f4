/**
 * One connection with the integrations that use it, the ledger of its grants and, where it does not work, why; a tenant sees
 * its own integrations only.
 */
import type { Ports } from '../core/ports.ts';
import { presentConnectionInFull } from '../core/present-connection.ts';
import { diagnoseConnection } from './diagnose-connection.ts';

const usesShown = 100;

export async function showConnection(
  ports: Pick<Ports, 'store' | 'config' | 'clock'>,
  connectionId: string,
  tenant: string | undefined,
): Promise<Record<string, unknown> | undefined> {
  const { store, config, clock } = ports;
  const [connection, uses, ledger] = await Promise.all([
    store.connections.read(connectionId),
    store.usesOf(connectionId, usesShown, tenant),
    store.ledgers.read(connectionId),
  ]);
  if (connection === undefined || (tenant !== undefined && uses.length === 0)) return undefined;
  const read = await Promise.all(uses.map((use) => store.integrations.read(use)));
  const integrations = read.flatMap((one) =>
    one?.connectionId === connectionId && one.status !== 'unlinked' ? [one] : [],
  );
  // Without a refresh token nothing counts to the limit of grants.
  const limit = connection.flow === 'authorization_code' ? config.apps[connection.app]?.grantLimit : undefined;
  const diagnosis = await diagnoseConnection(ports, connection, { ledger });
  return presentConnectionInFull(connection, integrations, { ledger, limit, now: clock.now() }, diagnosis);
}
