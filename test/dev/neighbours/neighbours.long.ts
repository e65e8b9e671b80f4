/** As neighbours.test.ts, on other settings of Lambda, over an engine, and under larger crowds: `npm run test:long`. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compare } from '../../../dev/neighbours/compare.ts';
import { withEngineStore } from '../../../dev/neighbours/engine-store.ts';
import type { NeighbourOrder } from '../../../dev/neighbours/neighbour-order.ts';
import { runNeighbours } from '../../../dev/neighbours/neighbour-run.ts';
import { assertAsFast, describeCrowd, readers, refreshesAtMost } from './beside-a-hanging-org.ts';

describeCrowd(`beside an org that hangs under ${readers} readers, each of its own connection, all functions sharing`, {
  readers: 'each of its own',
  concurrency: 'shared',
});
describeCrowd(
  `beside an org that hangs under ${readers} readers, where Lambda takes the instance that was idle longest`,
  {
    readers: 'each of its own',
    idle: 'longest idle',
  },
);

describe('the run', () => {
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
