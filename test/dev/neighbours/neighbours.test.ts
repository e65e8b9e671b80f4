/** One org hangs for a minute under 200 readers; another org of the same app, on the same login host, is watched. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compare } from '../../../dev/neighbours/compare.ts';
import type { NeighbourOrder } from '../../../dev/neighbours/neighbour-order.ts';
import { runNeighbours, tellNeighbours } from '../../../dev/neighbours/neighbour-run.ts';
import { assertAsFast, assertExactlyAsFast, assertServed, describeCrowd, of, readers } from './beside-a-hanging-org.ts';

describeCrowd(`beside an org that hangs under ${readers} readers, each of its own connection`, {
  readers: 'each of its own',
});
describeCrowd(`beside an org that hangs under ${readers} readers, of one connection`, { readers: 'of one connection' });

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
});

describe('a larger crowd', () => {
  it('of five orgs that hang at once leaves the neighbour its refreshes and callbacks', async () => {
    const order: NeighbourOrder = { readers: 'each of its own', orgs: 5, crowd: 100, requestsPerSecond: 1_000 };
    const [alone, hanging] = [await runNeighbours({ ...order, readers: 'none' }), await runNeighbours(order)];
    const compared = compare({ alone, answering: alone, hanging });
    for (const one of compared) assertServed(one);
    for (const act of ['callback', 'queued refresh'] as const) assertAsFast(of(compared, act));
    assert.equal(hanging.functions.get('refresh')?.refused, 0);
  });
});
