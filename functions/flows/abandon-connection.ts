/**
 * Gives up a connection that no integration uses: nobody would miss it, and a live grant that nobody needs is only a risk.
 * Conditional on the revision that was read before the uses were: an authorization or a share in between is a write of
 * the connection, and wins.
 */
import { decideAbandon } from '../core/disconnect.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';

export type AbandonPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'metrics'>;

const triesAtMost = 10;

/** @param ownDutyId of the link duty under which this runs */
export async function abandonIfUnused(ports: AbandonPorts, connectionId: string, ownDutyId?: string): Promise<void> {
  const { connections } = ports.store;
  for (let tries = 0; tries < triesAtMost; tries += 1) {
    const before = await connections.read(connectionId);
    if (before === undefined || (await ports.store.usesOf(connectionId, 1)).length > 0) return;
    const decided = decideAbandon(before, ports.clock.now(), ownDutyId);
    if (decided === undefined) return;
    const after = { ...decided, revision: before.revision + 1, writeId: `${newId(ports.random)}.abandon` };
    if ((await connections.replace(before, after)) === 'conflict') continue;
    ports.log.info('A connection that no integration uses was given up.', { connection_id: connectionId });
    ports.metrics.add('Abandoned', 1);
    return;
  }
  ports.log.warn('A connection that no integration uses was changed by others again and again; it stays.', {
    connection_id: connectionId,
  });
}
