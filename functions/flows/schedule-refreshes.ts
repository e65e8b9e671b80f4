/**
 * Each minute: what is due goes to the queue, grouped by org. Costs by what is due, not by what is stored.
 *
 * A request that is queued already is not queued twice; what comes too late for that ends at the claim.
 */
import type { Ports } from '../core/ports.ts';

export type SchedulePorts = Pick<Ports, 'clock' | 'store' | 'refreshQueue' | 'log' | 'metrics'>;

const pageSize = 100;
const pagesPerShardAtMost = 20;
/** Leaves the last page's send time to end before the function does. */
const timeNeededMs = 10_000;

export async function scheduleRefreshes(ports: SchedulePorts, remainingTimeMs: () => number): Promise<number> {
  const now = ports.clock.now();
  const counts = await Promise.all(
    Array.from({ length: ports.store.shards }, (_, shard) => scheduleShard(ports, shard, now, remainingTimeMs)),
  );
  const queued = counts.reduce((sum, count) => sum + count, 0);
  ports.metrics.add('RefreshesQueued', queued);
  return queued;
}

async function scheduleShard(
  ports: SchedulePorts,
  shard: number,
  now: number,
  remainingTimeMs: () => number,
): Promise<number> {
  let cursor: string | undefined;
  let queued = 0;
  for (let pages = 0; pages < pagesPerShardAtMost && remainingTimeMs() > timeNeededMs; pages += 1) {
    const page = await ports.store.dueConnections(shard, now, pageSize, cursor);
    await ports.refreshQueue.send(
      page.items.map(({ connectionId, orgId, generation, nextRefreshAt }) => ({
        request: { version: 1, connectionId, generation, reason: 'due' },
        orgId,
        nextRefreshAt,
      })),
    );
    queued += page.items.length;
    cursor = page.cursor;
    if (cursor === undefined) return queued;
  }
  ports.log.warn('More is due than one run can queue; the next run goes on.', { shard, queued });
  return queued;
}
