/**
 * Gives up a connection that no integration uses: nobody would miss it, and a live grant that nobody needs is only a risk.
 * An authorization or a share that comes in between wins (`change-by-uses.ts`).
 */
import { decideAbandon } from '../core/disconnect.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { changeByUses } from './change-by-uses.ts';

export type AbandonPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'metrics'>;

/** @param ownDutyId of the link duty under which this runs */
export async function abandonIfUnused(ports: AbandonPorts, connectionId: string, ownDutyId?: string): Promise<void> {
  const changed = await changeByUses<'kept' | 'abandoned'>(
    ports,
    connectionId,
    (current, uses) => {
      const after = uses.length > 0 ? undefined : decideAbandon(current, ports.clock.now(), ownDutyId);
      return after === undefined ? { keep: true, result: 'kept' } : { write: after, result: 'abandoned' };
    },
    { limit: 1, writeId: `${newId(ports.random)}.abandon` },
  );
  if (changed?.result !== 'abandoned') return;
  ports.log.info('A connection that no integration uses was given up.', { connection_id: connectionId });
  ports.metrics.add('Abandoned', 1);
}
