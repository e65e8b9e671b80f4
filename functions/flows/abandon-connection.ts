/**
 * Gives up a connection that no integration uses: nobody would miss it, and a live grant that nobody needs is only a risk.
 * An authorization or a share that comes in between wins (`change-by-uses.ts`).
 */
import { decideAbandon } from '../core/disconnect.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { changeByUses } from './change-by-uses.ts';

export type AbandonPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'metrics'>;

/** `to_be_linked`: a link to it is open, and decides when it ends. */
export type Abandoning = 'abandoned' | 'kept' | 'to_be_linked';

/** @param ownDutyId of the link duty under which this runs; where nobody uses the connection it ends here */
export async function abandonIfUnused(
  ports: AbandonPorts,
  connectionId: string,
  ownDutyId?: string,
): Promise<Abandoning> {
  const changed = await changeByUses<Abandoning>(
    ports,
    connectionId,
    (current, uses) => {
      if (uses.length > 0 || current.grant === undefined) return { keep: true, result: 'kept' };
      const after = decideAbandon(current, ports.clock.now(), ownDutyId);
      if (after === undefined) return { keep: true, result: 'to_be_linked' };
      return { write: after, result: after.grant === undefined ? 'abandoned' : 'to_be_linked' };
    },
    { limit: 1, writeId: `${newId(ports.random)}.abandon` },
  );
  if (changed?.result === 'abandoned') {
    ports.log.info('A connection that no integration uses was given up.', { connection_id: connectionId });
    ports.metrics.add('Abandoned', 1);
  }
  return changed?.result ?? 'kept';
}
