import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assumptions } from '../../../dev/cost/assumptions.ts';
import { billOf, costOfAct, dataOutOf } from '../../../dev/cost/bill.ts';
import { readKept } from '../../../dev/cost/kept.ts';
import { instancesFor, loadOf, missShare } from '../../../dev/cost/load.ts';
import type { Measured } from '../../../dev/cost/measure.ts';
import type { FunctionName } from '../../../functions/core/routes.ts';
import { functionShapes } from '../../../lib/functions.ts';

const { measured, standing } = readKept();
const heldMs = { read: 6, batch: 400 };
const nothing: Measured = {
  usage: { read: {}, 'open keys': {}, mark: {}, refresh: {}, 'asked refresh': {}, connect: {}, 'idle minute': {} },
  bytesOfConnection: 0,
  itemsOfConnection: 0,
  metrics: 0,
  ownMs: {},
};

function lineOf(connections: number, part: string, of: Measured = measured): number {
  const found = billOf(connections, of, standing, assumptions).lines.find(({ what }) => what.includes(part));
  assert.ok(found, `no line of ${part}`);
  return found.usd;
}

describe('the load of a month', () => {
  it('is what the assumptions say', () => {
    const load = loadOf(1_000, { ...assumptions, inUseShare: 1, readsPerDayInUse: 12, connectedShare: 0.1 }, heldMs);
    assert.equal(Math.round(load.read), Math.round((1_000 * 12 * 365) / 12));
    assert.equal(Math.round(load.refresh), Math.round((1_000 * 730) / 1.425));
    assert.deepEqual([load.connect, load['asked refresh'], load['idle minute']], [100, 0, 43_800]);
  });

  it('refreshes an idle connection once a day, and marks none', () => {
    const load = loadOf(1_000, { ...assumptions, inUseShare: 0 }, heldMs);
    assert.equal(Math.round(load.refresh), Math.round((1_000 * 730) / 22.8));
    assert.deepEqual([load.read, load.mark, load['asked refresh']], [0, 0, 2_000]);
  });

  it('finds keys the more often, the more an org is read, and the fewer instances there are', () => {
    const month = (365 / 12) * 86_400;
    assert.equal(missShare(month, 1, 1), 1 / 301);
    assert.ok(missShare(month, 100, 1) > missShare(month, 1, 1));
    assert.ok(missShare(month * 1_000, 1, 100_000) > missShare(month * 1_000, 1, 1));
    assert.deepEqual([instancesFor(0, 10), instancesFor(month * 10, 500)], [1, 10]);
    assert.equal(instancesFor(month * 1_000, 1), 100, 'and an instance takes ten requests a second, however short');
  });
});

/** Each idle minute invokes this function once, which works so long here. */
function invoked(
  name: FunctionName,
  ms: number,
  usage: Record<string, number> = {},
): Pick<Measured, 'usage' | 'ownMs'> {
  const idle = { [`invocations.${name}`]: 1, ...usage };
  return { usage: { ...nothing.usage, 'idle minute': idle }, ownMs: { [name]: ms } };
}

describe('the bill', () => {
  it('of nothing used is what stands there', () => {
    assert.equal(lineOf(0, 'metrics, alarms', nothing), standing.alarms * 0.1 + standing.dashboards * 3);
    assert.equal(lineOf(0, 'KMS: keys', nothing), standing.keys);
    assert.equal(lineOf(0, 'API Gateway', nothing), 0);
  });

  it('of a use is its quantity times its price', () => {
    const once = {
      ...nothing,
      usage: {
        ...nothing.usage,
        'idle minute': { 'dynamodb.rru': 1_000, 'dynamodb.wru': 10, 'dynamodb.indexWru': 10 },
      },
    };
    assert.equal(lineOf(0, 'DynamoDB: reads', once), (43_800 * 1_000 * 0.125) / 1e6);
    assert.ok(Math.abs(lineOf(0, 'DynamoDB: writes', once) - (43_800 * 20 * 0.625) / 1e6) < 1e-9);
  });

  it('grows with the connections, and less than they do where something stands there anyway', () => {
    const [small, large] = [1_000, 1_000_000].map((size) => billOf(size, measured, standing, assumptions).totalUsd);
    assert.ok(small !== undefined && large !== undefined && large > small && large < 1_000 * small);
  });

  it('in all is the sum of its lines', () => {
    const { lines, totalUsd } = billOf(100_000, measured, standing, assumptions);
    assert.ok(Math.abs(lines.reduce((sum, { usd }) => sum + usd, 0) - totalUsd) < 1e-9);
    assert.ok(lines.every(({ usd }) => usd >= 0));
  });

  it('asks for each stage of a client secret by itself, once in five minutes', () => {
    const requests = (43_800 / 5) * 3;
    const usd = standing.secrets * 0.4 + (requests / 10_000) * 0.05;
    assert.ok(Math.abs(lineOf(0, 'Secrets Manager', nothing) - usd) < 1e-9);
  });

  it('of a function’s time is by the memory that the stack gives it', () => {
    const gbSecond = lineOf(0, 'Lambda: time', { ...nothing, ...invoked('maintain', 1_000) });
    // The less memory, the longer it takes: a millisecond of a processor costs the same.
    assert.equal(lineOf(0, 'Lambda: time', { ...nothing, ...invoked('schedule-refreshes', 1_000) }), gbSecond);
    const reads = { 'dynamodb.GetItem': 1 };
    const [large, small] = (['maintain', 'schedule-refreshes'] as const).map((name) =>
      lineOf(0, 'Lambda: time', { ...nothing, ...invoked(name, 0, reads) }),
    );
    const { memoryMiB: largeMib } = functionShapes.maintain;
    const { memoryMiB: smallMib } = functionShapes['schedule-refreshes'];
    assert.ok(smallMib < largeMib && Math.abs((large ?? 0) / (small ?? 1) - largeMib / smallMib) < 1e-9);
    assert.ok(Math.abs((small ?? 0) - (43_800 * 0.005 * (smallMib / 1_024) * 13.3334) / 1e6) < 1e-6, String(small));
  });

  it('of what leaves AWS is the answers’ bytes', () => {
    const answered = { ...nothing, usage: { ...nothing.usage, connect: { 'api.bytesOut': 5e9 } } };
    assert.ok(Math.abs(dataOutOf(100, answered, assumptions) - 100 * 0.02 * 5 * 0.09) < 1e-9);
  });

  it('of one act has its parts: a read is a request, an invocation, a unit and its log', () => {
    const read = costOfAct('read', measured, assumptions);
    assert.ok(read > (1 + 0.2 + 0.125) / 1e6 && read < 4e-6, String(read));
    assert.ok(costOfAct('connect', measured, assumptions) > 10 * read);
  });
});
