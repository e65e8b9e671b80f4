/**
 * Disconnects: one conditional write, also while Salesforce is down; `maintain` revokes the grant there and forgets the
 * tokens. Repeating it does no harm. Where other tenants use the connection, only by force.
 */
import type { Connection } from '../core/connection.ts';
import { type Sharing, sharingOf, usesReadAtMost } from '../core/connection-sharing.ts';
import { decideDisconnect } from '../core/disconnect.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { change, type Decision } from './change.ts';
import { changeByUses } from './change-by-uses.ts';

export type DisconnectPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'metrics'>;

/** `unknown`: there is no such connection, or the tenant has no integration on it. */
export type Disconnection = 'disconnected' | 'unknown' | { readonly kind: 'shared'; readonly sharing: Sharing };

/** @param force whoever else uses it */
export async function disconnect(
  ports: DisconnectPorts,
  connectionId: string,
  tenant: string | undefined,
  force = false,
): Promise<Disconnection> {
  if (tenant !== undefined && (await ports.store.usesOf(connectionId, 1, tenant)).length === 0) return 'unknown';
  const result = force ? await disconnectAnyway(ports, connectionId) : await disconnectOwn(ports, connectionId, tenant);
  if (result === 'disconnected') ports.metrics.add('Disconnected', 1);
  const shown = typeof result === 'string' ? result : result.kind;
  ports.log.info('A disconnect was asked.', { connection_id: connectionId, result: shown });
  return result;
}

async function disconnectAnyway(ports: DisconnectPorts, connectionId: string): Promise<Disconnection> {
  const { result } = await change<string, Connection, Disconnection>(
    ports.store.connections,
    connectionId,
    (current) => (current === undefined ? { keep: true, result: 'unknown' } : disconnected(ports, current)),
    { writeId: `${newId(ports.random)}.disconnect` },
  );
  return result;
}

async function disconnectOwn(
  ports: DisconnectPorts,
  connectionId: string,
  tenant: string | undefined,
): Promise<Disconnection> {
  const changed = await changeByUses<Disconnection>(
    ports,
    connectionId,
    (current, uses) => {
      const sharing = sharingOf(current, uses, tenant);
      return sharing === undefined ? disconnected(ports, current) : { keep: true, result: { kind: 'shared', sharing } };
    },
    { limit: usesReadAtMost, writeId: `${newId(ports.random)}.disconnect` },
  );
  return changed?.result ?? 'unknown';
}

function disconnected({ clock }: DisconnectPorts, current: Connection): Decision<Connection, Disconnection> {
  return { write: decideDisconnect(current, clock.now()), result: 'disconnected' };
}
