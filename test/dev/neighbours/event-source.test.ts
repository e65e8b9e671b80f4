import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SQSEvent } from 'aws-lambda';
import { createEngineClock } from '../../../dev/neighbours/engine-clock.ts';
import { type Batches, createEventSource } from '../../../dev/neighbours/event-source.ts';
import { Throttled } from '../../../dev/neighbours/lambda-cloud.ts';
import type { QueuedRefresh } from '../../../functions/core/ports.ts';

function queued(orgId: string, number: number): QueuedRefresh {
  const connectionId = `${orgId}-${number}`;
  const generation = { grantId: 'g', refreshes: 0 };
  return { request: { version: 1, connectionId, generation, reason: 'due' }, orgId, nextRefreshAt: 0 };
}

function sourceOf(
  batches: Batches,
  work: (ids: readonly string[], time: (ms: number) => Promise<void>) => Promise<void>,
) {
  const clock = createEngineClock(0);
  const worked: { at: number; ids: string[] }[] = [];
  const source = createEventSource(clock, batches, async ({ Records }: SQSEvent) => {
    const ids = Records.map(({ body }) => (JSON.parse(body) as { connectionId: string }).connectionId);
    worked.push({ at: clock.now(), ids });
    await work(ids, (ms) => clock.wait(ms));
  });
  return { clock, source, worked };
}

test('a group is worked off one batch after the other, and others meanwhile', async () => {
  const { clock, source, worked } = sourceOf('by org', async (_, time) => time(1_000));
  await source.queue.send([...Array.from({ length: 12 }, (_, index) => queued('a', index)), queued('b', 0)]);
  await clock.runTo(10_000);
  assert.deepEqual(
    worked.map(({ at, ids }) => [at, ids.length]),
    [
      [50, 10],
      [50, 1],
      [1_050, 2],
    ],
  );
  assert.equal(source.counts.mixedBatches, 0);
});

test('a batch of several groups locks them all until it ends', async () => {
  const { clock, source, worked } = sourceOf('mixed', async (ids, time) => time(ids.includes('a-0') ? 40_000 : 1_000));
  await source.queue.send([queued('a', 0), queued('b', 0)]);
  await clock.runTo(1_000);
  await source.queue.send([queued('b', 1)]);
  await clock.runTo(60_000);
  assert.deepEqual(worked, [
    { at: 50, ids: ['a-0', 'b-0'] },
    { at: 40_050, ids: ['b-1'] },
  ]);
  assert.equal(source.counts.mixedBatches, 1);
});

test('what was sent twice is worked once, and again after five minutes', async () => {
  const { clock, source, worked } = sourceOf('by org', async () => undefined);
  await source.queue.send([queued('a', 0), queued('a', 0)]);
  await clock.runTo(299_000);
  await source.queue.send([queued('a', 0)]);
  await clock.runTo(301_000);
  assert.equal(worked.length, 1);
  await source.queue.send([queued('a', 0)]);
  await clock.runTo(302_000);
  assert.equal(worked.length, 2);
});

test('a batch that finds no instance comes again after six minutes, three times, and is then set aside', async () => {
  const { clock, source, worked } = sourceOf('by org', () => Promise.reject(new Throttled('none is free')));
  await source.queue.send([queued('a', 0)]);
  await clock.runTo(3_600_000);
  assert.deepEqual(
    worked.map(({ at }) => at),
    [50, 360_050, 720_050],
  );
  assert.deepEqual([source.counts.refusedBatches, source.counts.deadLetters], [3, 1]);
});
