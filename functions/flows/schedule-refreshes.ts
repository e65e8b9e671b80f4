/**
 * Each minute: what is due goes to the queue, grouped by org (`message-group.ts`). Costs by what is due, not by what is stored.
 *
 * A request that is queued already is not queued twice; what comes too late for that ends at the claim.
 */
import { groupIn } from '../core/message-group.ts';
import type { Ports } from '../core/ports.ts';
import { type GatePorts, stoppedBy } from './table-gate.ts';

export type SchedulePorts = GatePorts & Pick<Ports, 'clock' | 'store' | 'refreshQueue'>;

/** Of due connections, from one shard. */
export const pageSize = 100;
/** In one run; the next goes on. */
export const pagesPerShardAtMost = 20;
/** Leaves the last page's send time to end before the function does. */
const timeNeededMs = 10_000;

export async function scheduleRefreshes(ports: SchedulePorts, remainingTimeMs: () => number): Promise<number> {
  // Each request would only be refused.
  if ((await stoppedBy(ports)) !== undefined) return 0;
  const now = ports.clock.now();
  const shards = await Promise.all(
    Array.from({ length: ports.store.shards }, (_, shard) => scheduleShard(ports, shard, now, remainingTimeMs)),
  );
  const queued = shards.reduce((sum, shard) => sum + shard.queued, 0);
  ports.metrics.add('RefreshesQueued', queued);
  const oldestDueAt = Math.min(now, ...shards.map((shard) => shard.oldestDueAt));
  ports.metrics.add('OldestOverdueMs', now - oldestDueAt, 'Milliseconds');
  return queued;
}

interface Scheduled {
  readonly queued: number;
  /** The longest overdue of them. */
  readonly oldestDueAt: number;
}

async function scheduleShard(
  ports: SchedulePorts,
  shard: number,
  now: number,
  remainingTimeMs: () => number,
): Promise<Scheduled> {
  let cursor: string | undefined;
  let queued = 0;
  let oldestDueAt = now;
  for (let pages = 0; pages < pagesPerShardAtMost && remainingTimeMs() > timeNeededMs; pages += 1) {
    const page = await ports.store.dueConnections(shard, now, pageSize, cursor);
    const groupOf = groupIn(page.items);
    oldestDueAt = Math.min(oldestDueAt, ...page.items.map(({ nextRefreshAt }) => nextRefreshAt));
    await ports.refreshQueue.send(
      page.items.map(({ connectionId, orgId, generation, nextRefreshAt }) => ({
        request: { version: 1, connectionId, generation, reason: 'due' },
        orgId,
        nextRefreshAt,
        group: groupOf({ connectionId, orgId }),
      })),
    );
    queued += page.items.length;
    cursor = page.cursor;
    if (cursor === undefined) return { queued, oldestDueAt };
  }
  ports.log.warn('More is due than one run can queue; the next run goes on.', { shard, queued });
  return { queued, oldestDueAt };
}
