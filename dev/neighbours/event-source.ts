/**
 * The refresh queue and Lambda's event source on it: messages of a group one batch after the other, up to ten in a batch,
 * so many batches at once, and no message twice within five minutes.
 *
 * SQS fills a batch with one group as far as it can; `mixed` has one message of each group in turn instead, the worst that
 * may happen: an org that shares a batch with one that hangs has its own group locked until that batch ends.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
import type { SQSEvent } from 'aws-lambda';
import type { QueuedRefresh, RefreshQueue } from '../../functions/core/ports.ts';
import type { EngineClock } from './engine-clock.ts';
import { Throttled } from './lambda-cloud.ts';

/** As `lib/refresh-queue.ts` has them. */
const batchSize = 10;
const workersAtMost = 20;
const triesAtMost = 3;
const visibilityMs = 6 * 60_000;
const deduplicatedForMs = 5 * 60_000;
const deliveredAfterMs = 50;

interface Message {
  readonly body: string;
  readonly group: string;
  tries: number;
}

export interface EventSource {
  readonly queue: RefreshQueue;
  readonly counts: {
    batches: number;
    mixedBatches: number;
    /** Batches for which no instance was free: they stay invisible for as long as the queue says. */
    refusedBatches: number;
    /** Messages that were tried as often as the queue allows. */
    deadLetters: number;
    mostWorkers: number;
  };
}

export type Batches = 'by org' | 'mixed';

export function createEventSource(
  clock: EngineClock,
  batches: Batches,
  invoke: (event: SQSEvent) => Promise<unknown>,
): EventSource {
  const waiting: Message[] = [];
  const locked = new Set<string>();
  const sentUntil = new Map<string, number>();
  const counts = { batches: 0, mixedBatches: 0, refusedBatches: 0, deadLetters: 0, mostWorkers: 0 };
  let workers = 0;

  function take(): Message[] {
    const byGroup = Object.values(Object.groupBy(waiting, ({ group }) => group));
    const free = byGroup.filter((all = []) => all.some(({ group }) => !locked.has(group)));
    const inTurn = Array.from({ length: batchSize }, (_, row) => free.flatMap((all = []) => all.slice(row, row + 1)));
    const batch = (batches === 'mixed' ? inTurn : free).flatMap((all = []) => all).slice(0, batchSize);
    for (const one of batch) waiting.splice(waiting.indexOf(one), 1);
    return batch;
  }

  function deliver(): void {
    while (workers < workersAtMost) {
      const batch = take();
      if (batch.length === 0) return;
      void workOff(batch);
    }
  }

  async function workOff(batch: readonly Message[]): Promise<void> {
    const groups = new Set(batch.map(({ group }) => group));
    for (const group of groups) locked.add(group);
    workers += 1;
    counts.batches += 1;
    counts.mostWorkers = Math.max(counts.mostWorkers, workers);
    if (groups.size > 1) counts.mixedBatches += 1;
    const failed = await attempt(batch);
    workers -= 1;
    if (failed) await clock.wait(visibilityMs);
    for (const group of groups) locked.delete(group);
    if (failed) giveBack(batch);
    deliver();
  }

  async function attempt(batch: readonly Message[]): Promise<boolean> {
    try {
      await invoke(eventOf(batch));
      return false;
    } catch (error) {
      if (error instanceof Throttled) counts.refusedBatches += 1;
      return true;
    }
  }

  function giveBack(batch: readonly Message[]): void {
    for (const one of batch) one.tries += 1;
    const again = batch.filter(({ tries }) => tries < triesAtMost);
    counts.deadLetters += batch.length - again.length;
    waiting.unshift(...again);
  }

  function isRepeated({ request, nextRefreshAt }: QueuedRefresh): boolean {
    const id = `${request.connectionId} ${request.generation.grantId} ${request.generation.refreshes} ${nextRefreshAt}`;
    if ((sentUntil.get(id) ?? 0) > clock.now()) return true;
    sentUntil.set(id, clock.now() + deduplicatedForMs);
    return false;
  }

  return {
    counts,
    queue: {
      async send(queued) {
        for (const one of queued) {
          if (isRepeated(one)) continue;
          waiting.push({ body: JSON.stringify(one.request), group: one.group ?? one.orgId, tries: 0 });
        }
        void clock.wait(deliveredAfterMs).then(deliver);
      },
    },
  };
}

function eventOf(batch: readonly Message[]): SQSEvent {
  const Records = batch.map(({ body }, index) => ({ messageId: `m${index}`, body }));
  return { Records } as unknown as SQSEvent;
}
