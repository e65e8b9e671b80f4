/**
 * The refresh queue as SQS and Lambda work it: messages of a group one batch after the other, no message twice within five
 * minutes, so many batches at once.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
import type { QueuedRefresh, RefreshQueue, RefreshRequest } from '../../functions/core/ports.ts';
import type { Timeline } from './timeline.ts';

/** As `lib/refresh-queue.ts` has them. */
const batchSize = 10;
const workersAtMost = 20;
const deduplicatedForMs = 5 * 60_000;
const deliveredAfterMs = 200;

export function createFifoQueue(
  timeline: Timeline,
  work: (batch: readonly RefreshRequest[]) => Promise<unknown>,
): RefreshQueue {
  const waiting = new Map<string, RefreshRequest[]>();
  const working = new Set<string>();
  const sentUntil = new Map<string, number>();

  function deliver(): void {
    for (const [group, requests] of waiting) {
      if (working.size >= workersAtMost) return;
      if (!working.has(group)) void workOff(group, requests);
    }
  }

  async function workOff(group: string, requests: RefreshRequest[]): Promise<void> {
    const batch = requests.splice(0, batchSize);
    if (requests.length === 0) waiting.delete(group);
    working.add(group);
    await work(batch);
    working.delete(group);
    deliver();
  }

  return {
    async send(queued) {
      for (const one of queued) {
        const { request, orgId, group = orgId } = one;
        if (isRepeated(one)) continue;
        waiting.set(group, [...(waiting.get(group) ?? []), request]);
      }
      timeline.at(timeline.now() + deliveredAfterMs, deliver);
    },
  };

  function isRepeated({ request, nextRefreshAt }: QueuedRefresh): boolean {
    const id = `${request.connectionId} ${request.generation.grantId} ${request.generation.refreshes} ${nextRefreshAt}`;
    const now = timeline.now();
    if ((sentUntil.get(id) ?? 0) > now) return true;
    sentUntil.set(id, now + deduplicatedForMs);
    return false;
  }
}
