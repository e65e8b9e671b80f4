/**
 * One org hangs for a minute under 200 readers; another org of the same app, on the same login host, is watched. No real
 * time is in any figure.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Compared, compare } from '../../../dev/neighbours/compare.ts';
import { withEngineStore } from '../../../dev/neighbours/engine-store.ts';
import type { Act, NeighbourOrder, NeighbourTelling } from '../../../dev/neighbours/neighbour-order.ts';
import { runNeighbours } from '../../../dev/neighbours/neighbour-run.ts';
import { inFrontAtMost } from '../../../functions/core/waiting-readers.ts';
import { recommendedConcurrency } from '../../../lib/concurrency.ts';

/** What one more unwrapping of a data key takes here: more instances are warm, and each opens a key once. */
const oneKeyMs = 15;
/** What a refresh that shares its batch with others may wait for its turn. */
const oneRoundMs = 350;
const ratioAtMost = 1.25;
const readers = 200;

function of(compared: readonly Compared[], act: Act): Compared {
  const found = compared.find((one) => one.act === act);
  assert.ok(found, `nothing was told of ${act}`);
  return found;
}

function assertAsFast({ act, count, without, with: beside, failed }: Compared): void {
  assert.ok(count > 0, `no ${act}`);
  assert.equal(failed, 0, `${failed} of the neighbour's were not served: ${act}`);
  for (const quantile of ['p50', 'p95', 'max'] as const) {
    const most = without[quantile] * ratioAtMost + (act === 'queued refresh' ? oneRoundMs : oneKeyMs);
    assert.ok(beside[quantile] <= most, `${act}, ${quantile}: ${beside[quantile]} ms, without ${without[quantile]} ms`);
  }
}

const crowds: readonly [title: string, order: NeighbourOrder][] = [
  ['each of its own connection', { readers: 'each of its own' }],
  ['of one connection', { readers: 'of one connection' }],
  ['each of its own connection, all functions sharing', { readers: 'each of its own', concurrency: 'shared' }],
];

for (const [title, order] of crowds) {
  describe(`beside an org that hangs under ${readers} readers, ${title}`, () => {
    let told: NeighbourTelling;
    let compared: readonly Compared[];

    before(async () => {
      told = await runNeighbours(order);
      compared = compare(await runNeighbours({ ...order, readers: 'none' }), told);
    });

    it('reads, callbacks and refreshes of its neighbour are served, as fast as without', () => {
      for (const one of compared) assertAsFast(one);
    });

    it('the hanging org holds few instances of refresh, and nobody is refused one', () => {
      const peak = told.functions.get('refresh')?.peak ?? 0;
      // Those in front of two minutes, and the queue's.
      assert.ok(peak >= 1 && peak <= 2 * inFrontAtMost + 10, `${peak} instances`);
      assert.ok(peak < (recommendedConcurrency.refresh ?? 0));
      for (const [name, { refused }] of told.functions) assert.equal(refused, 0, `${name} was refused`);
      assert.equal(told.queue.refusedBatches, 0);
    });

    it('its readers were really there, and were told to come again', () => {
      assert.ok((told.functions.get('token')?.peak ?? 0) >= readers);
      assert.ok((told.readers[503] ?? 0) >= readers);
      assert.deepEqual(Object.keys(told.readers), ['200', '503']);
      assert.ok(told.tokenRequests.mostHanging > 0);
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
    const order: NeighbourOrder = { readers: 'each of its own', batches: 'mixed', due: 13 };
    const told = await runNeighbours(order);
    const compared = compare(await runNeighbours({ ...order, readers: 'none' }), told);
    assert.ok(told.queue.mixedBatches > 0);
    for (const act of ['read', 'read after an idle day', 'callback'] as const) assertAsFast(of(compared, act));
    const queued = of(compared, 'queued refresh');
    assert.equal(queued.failed, 0);
    assert.ok(queued.with.max <= queued.without.max + 60_000);
  });

  it('tells the same over a DynamoDB engine as over the store in memory', async () => {
    const order: NeighbourOrder = { readers: 'each of its own', crowd: 50, due: 6 };
    const told = await withEngineStore((store) => runNeighbours({ ...order, store }));
    const alone = await withEngineStore((store) => runNeighbours({ ...order, readers: 'none', store }));
    for (const one of compare(alone, told)) assertAsFast(one);
    assert.ok((told.readers[503] ?? 0) >= 50);
    assert.ok((told.functions.get('refresh')?.peak ?? 0) <= 2 * inFrontAtMost + 10);
  });
});
