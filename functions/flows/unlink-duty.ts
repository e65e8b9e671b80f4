/**
 * The duty of an unlink: the integration becomes a tombstone and its use is taken back. The last use disconnects the
 * connection, for nobody would miss it. Every step is safe to do twice.
 */
import type { Connection } from '../core/connection.ts';
import { decideDisconnect, hasOpenLink } from '../core/disconnect.ts';
import type { UnlinkDuty } from '../core/duty.ts';
import type { Integration } from '../core/integration.ts';
import { decideUnlink } from '../core/link.ts';
import { newId } from '../core/new-id.ts';
import type { IntegrationKey, Ports } from '../core/ports.ts';
import { change } from './change.ts';
import { changeByUses } from './change-by-uses.ts';
import type { DutyOutcome } from './do-duties.ts';
import { leaveOthers, settleUses } from './link-integration.ts';

export type UnlinkPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'metrics'>;

/** While a link is open, the duty looks again this often: the link decides whether anybody uses the connection. */
const lookAgainMs = 60_000;

export function unlinkDoer(ports: UnlinkPorts): (connection: Connection, duty: UnlinkDuty) => Promise<DutyOutcome> {
  return async (connection, { tenant, integration, since }) => {
    await takeBack(ports, connection.id, { tenant, integration }, since);
    return disconnectIfUnused(ports, connection.id, since);
  };
}

/** @param at of the unlink: what was linked later stays */
export async function takeBack(
  ports: UnlinkPorts,
  connectionId: string,
  key: IntegrationKey,
  at: number,
): Promise<void> {
  const { item } = await change<IntegrationKey, Integration, undefined>(
    ports.store.integrations,
    key,
    (current) => {
      const after = current && decideUnlink(current, connectionId, at);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${newId(ports.random)}.unlink` },
  );
  const { left } = await settleUses(ports, key, [connectionId]);
  if (item !== undefined) await leaveOthers(ports, left, connectionId, item);
}

/**
 * `done`: it is used, or it is disconnected (now, or before). Otherwise a link to it is open, and decides.
 *
 * @param at of the unlink: an authorization begun later revives the connection
 */
export async function disconnectIfUnused(ports: UnlinkPorts, connectionId: string, at: number): Promise<DutyOutcome> {
  const changed = await changeByUses<'used' | 'gone' | 'to_be_linked' | 'disconnected'>(
    ports,
    connectionId,
    (current, uses) => {
      if (uses.length > 0) return { keep: true, result: 'used' };
      if (current.grant === undefined) return { keep: true, result: 'gone' };
      if (hasOpenLink(current.duties)) return { keep: true, result: 'to_be_linked' };
      return { write: decideDisconnect(current, ports.clock.now(), at), result: 'disconnected' };
    },
    { limit: 1, writeId: `${newId(ports.random)}.unused` },
  );
  if (changed?.result === 'to_be_linked') return { kind: 'wait', until: ports.clock.now() + lookAgainMs };
  if (changed?.result === 'disconnected') {
    ports.log.info('A connection was disconnected: its last integration was unlinked.', {
      connection_id: connectionId,
    });
    ports.metrics.add('Disconnected', 1);
  }
  return 'done';
}
