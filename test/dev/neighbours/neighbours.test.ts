/**
 * One org hangs for a minute under 200 readers; another org of the same app, on the same login host, is watched. No real
 * time is in any figure.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Compared, compare, type Tellings } from '../../../dev/neighbours/compare.ts';
import { withEngineStore } from '../../../dev/neighbours/engine-store.ts';
import type { Act, NeighbourOrder } from '../../../dev/neighbours/neighbour-order.ts';
import { runNeighbours, tellNeighbours } from '../../../dev/neighbours/neighbour-run.ts';
import { inFrontAtFirst } from '../../../functions/core/waiting-readers.ts';
import { recommendedConcurrency } from '../../../lib/concurrency.ts';

/** A read of a live token: in an instance that has the key, in one that opens it first, in one that is started for it. */
const [warmMs, keyMs, coldMs] = [12, 31, 431];
/** What opening its key adds to what else is done. */
const oneKeyMs = keyMs - warmMs;
/** What a refresh that shares its batch with others may wait for its turn. */
const oneRoundMs = 350;
const ratioAtMost = 1.25;
const readers = 200;
/** Of the hanging org at work in `refresh`: readers' of two minutes, and the queue's. */
const refreshesAtMost = 3 * inFrontAtFirst + 10;
const quantileNames = ['p50', 'p95', 'max'] as const;

function of(compared: readonly Compared[], act: Act): Compared {
  const found = compared.find((one) => one.act === act);
  assert.ok(found, `nothing was told of ${act}`);
  return found;
}

function assertServed({ act, count, failed }: Compared): void {
  assert.ok(count > 0, `no ${act}`);
  assert.equal(failed, 0, `${failed} of the neighbour's were not served: ${act}`);
}

/** To the millisecond: as beside nobody, and as beside an org that answers as many readers. */
function assertExactlyAsFast(told: Tellings): void {
  const compared = compare(told);
  const [read, callback] = [of(compared, 'read'), of(compared, 'callback')];
  for (const one of [read, callback]) {
    assertServed(one);
    assert.deepEqual(one.hanging, one.answering, `${one.act}, beside the same readers of an org that answers`);
  }
  assert.deepEqual(callback.hanging, callback.alone);
  // A read in an instance that has its org's key takes what it takes alone; the others open it, each instance once.
  const slower = told.hanging.took.read.filter((ms) => ms !== warmMs);
  assert.deepEqual(new Set([keyMs, coldMs, ...slower]), new Set([keyMs, coldMs]));
  assert.ok(
    slower.length <= told.hanging.keysOpened,
    `${slower.length} slower, ${told.hanging.keysOpened} keys opened`,
  );
  assert.ok(told.hanging.keysOpened <= (told.hanging.functions.get('token')?.peak ?? 0));
}

/** Of what waits for `refresh`: which of its instances are warm differs from run to run. */
function assertAsFast({ act, alone, hanging, ...counts }: Compared): void {
  assertServed({ act, alone, hanging, ...counts });
  for (const quantile of quantileNames) {
    const most = alone[quantile] * ratioAtMost + (act === 'queued refresh' ? oneRoundMs : oneKeyMs);
    assert.ok(hanging[quantile] <= most, `${act}, ${quantile}: ${hanging[quantile]} ms, alone ${alone[quantile]} ms`);
  }
}

const crowds: readonly [title: string, order: NeighbourOrder][] = [
  ['each of its own connection', { readers: 'each of its own' }],
  ['of one connection', { readers: 'of one connection' }],
  ['each of its own connection, all functions sharing', { readers: 'each of its own', concurrency: 'shared' }],
  ['where Lambda takes the instance that was idle longest', { readers: 'each of its own', idle: 'longest idle' }],
];

for (const [title, order] of crowds) {
  describe(`beside an org that hangs under ${readers} readers, ${title}`, () => {
    let told: Tellings;

    before(async () => {
      told = await tellNeighbours(order);
    });

    it('reads and callbacks of its neighbour are as fast as without, to the millisecond', () => {
      assertExactlyAsFast(told);
    });

    it('half of its reads and more take what they take alone', () => {
      const { alone, hanging } = of(compare(told), 'read');
      if (order.idle !== 'longest idle') assert.equal(hanging.p50, alone.p50);
      assert.equal(hanging.max, alone.max);
    });

    it('its reads of ended tokens and its refreshes are served, as fast as without', () => {
      const compared = compare(told);
      for (const act of ['read after an idle day', 'queued refresh'] as const) assertAsFast(of(compared, act));
    });

    it('the hanging org holds few instances of refresh, and nobody is refused one', () => {
      const { functions, queue, throttled } = told.hanging;
      const peak = functions.get('refresh')?.peak ?? 0;
      assert.ok(peak >= 1 && peak <= refreshesAtMost, `${peak} instances`);
      assert.ok(peak < (recommendedConcurrency.refresh ?? 0));
      for (const [name, { refused }] of functions) assert.equal(refused, 0, `${name} was refused`);
      assert.deepEqual([queue.refusedBatches, throttled], [0, 0]);
    });

    it('its readers were really there, and were told to come again', () => {
      const { functions, readers: answers, tokenRequests } = told.hanging;
      assert.ok((functions.get('token')?.peak ?? 0) >= readers);
      assert.ok((answers[503] ?? 0) >= readers);
      assert.deepEqual(Object.keys(answers), ['200', '503']);
      assert.ok(tokenRequests.mostHanging > 0);
    });

    it('readers of an org that answers are served, each at its first request', () => {
      assert.deepEqual(Object.keys(told.answering.readers), ['200']);
    });
  });
}

describe('the run', () => {
  it('has an org that hangs serve nobody while it does: without a place for each, it would be no measure', async () => {
    const hanging = await runNeighbours({ readers: 'each of its own' });
    const healthy = await runNeighbours({ readers: 'each of its own', hangs: false });
    assert.deepEqual(healthy.readers, { 200: readers });
    assert.ok((hanging.readers[200] ?? 0) < readers);
    for (const failed of Object.values(healthy.failed)) assert.equal(failed, 0);
  });

  it('notices a neighbour that is crowded out: with too few instances its reads are refused', async () => {
    const starved = await runNeighbours({ readers: 'each of its own', accountConcurrency: 252 });
    assert.ok(starved.failed.read > 0);
  });

  it('has reads and callbacks as fast where the queue mixes orgs in every batch, and refreshes at most a minute later', async () => {
    const told = await tellNeighbours({ readers: 'each of its own', batches: 'mixed', due: 13 });
    assert.ok(told.hanging.queue.mixedBatches > 0);
    assertExactlyAsFast(told);
    const compared = compare(told);
    assertAsFast(of(compared, 'read after an idle day'));
    const queued = of(compared, 'queued refresh');
    assert.equal(queued.failed, 0);
    assert.ok(queued.hanging.max <= queued.alone.max + 60_000);
  });

  it('tells the same over a DynamoDB engine as over the store in memory', async () => {
    const order: NeighbourOrder = { readers: 'each of its own', crowd: 50, due: 6 };
    const over = (one: NeighbourOrder) => withEngineStore((store) => runNeighbours({ ...one, store }));
    const [alone, hanging] = [await over({ ...order, readers: 'none' }), await over(order)];
    for (const one of compare({ alone, answering: alone, hanging })) assertAsFast(one);
    assert.ok((hanging.readers[503] ?? 0) >= 50);
    assert.ok((hanging.functions.get('refresh')?.peak ?? 0) <= refreshesAtMost);
  });
});

describe('a larger crowd', () => {
  it('of 900 takes no more of refresh, and no more of token than may wait', async () => {
    const told = await runNeighbours({ readers: 'each of its own', crowd: 900, requestsPerSecond: 1_000 });
    assert.deepEqual(Object.values(told.failed), [0, 0, 0, 0]);
    assert.ok((told.functions.get('refresh')?.peak ?? 0) <= refreshesAtMost);
    // Those who wait, and those whom 400 ms of a cold start hold up.
    assert.ok((told.functions.get('token')?.peak ?? 0) <= 200 + 100);
  });

  it('of five orgs that hang at once leaves the neighbour its refreshes and callbacks', async () => {
    const order: NeighbourOrder = { readers: 'each of its own', orgs: 5, crowd: 100, requestsPerSecond: 1_000 };
    const [alone, hanging] = [await runNeighbours({ ...order, readers: 'none' }), await runNeighbours(order)];
    const compared = compare({ alone, answering: alone, hanging });
    for (const one of compared) assertServed(one);
    for (const act of ['callback', 'queued refresh'] as const) assertAsFast(of(compared, act));
    assert.equal(hanging.functions.get('refresh')?.refused, 0);
  });

  it('is kept from a small account by fewer who may wait', async () => {
    const order: NeighbourOrder = { readers: 'each of its own', accountConcurrency: 302 };
    const [usual, fewer] = [await runNeighbours(order), await runNeighbours({ ...order, waitingReaders: 60 })];
    assert.ok(usual.failed.read > 10, `${usual.failed.read} refused`);
    assert.ok(fewer.failed.read <= 1, `${fewer.failed.read} refused`);
    for (const act of ['callback', 'read after an idle day', 'queued refresh'] as const) {
      assert.equal(fewer.failed[act], 0, act);
    }
  });
});
