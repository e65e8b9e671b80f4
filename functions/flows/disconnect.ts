/**
 * Disconnects: one conditional write, also while Salesforce is down; `maintain` revokes the grant there and forgets the
 * tokens. Repeating it does no harm.
 */
import type { Connection } from '../core/connection.ts';
import { decideDisconnect } from '../core/disconnect.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { change } from './change.ts';

export type DisconnectPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'metrics'>;

/** `unknown`: there is no such connection, or the tenant has no integration on it. */
export async function disconnect(
  ports: DisconnectPorts,
  connectionId: string,
  tenant: string | undefined,
): Promise<'disconnected' | 'unknown'> {
  if (tenant !== undefined && (await ports.store.usesOf(connectionId, 1, tenant)).length === 0) return 'unknown';
  const { result } = await change<string, Connection, 'disconnected' | 'unknown'>(
    ports.store.connections,
    connectionId,
    (current) => {
      if (current === undefined) return { keep: true, result: 'unknown' };
      return { write: decideDisconnect(current, ports.clock.now()), result: 'disconnected' };
    },
    { writeId: `${newId(ports.random)}.disconnect` },
  );
  if (result === 'disconnected') ports.metrics.add('Disconnected', 1);
  ports.log.info('A disconnect was asked.', { connection_id: connectionId, result });
  return result;
}
