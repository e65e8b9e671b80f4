/** What is kept in the tree is what the code does: measured anew, without milliseconds. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { readKept } from '../../../dev/cost/kept.ts';
import { acts, type Measured, measure } from '../../../dev/cost/measure.ts';
import { createMeter, minus } from '../../../dev/cost/meter.ts';
import { createStopwatch, metricsOf } from '../../../dev/cost/metered-ports.ts';
import { standingOf } from '../../../dev/cost/standing.ts';
import { templateWith } from '../../lib/synthesized.ts';

const kept = readKept();
const how = 'npm run cost -- --write keeps it anew';

describe('what an act uses', () => {
  let measured: Measured;
  before(async () => {
    measured = await measure();
  });

  for (const act of acts) {
    it(`is still what is kept: ${act}`, () => {
      const { 'logs.bytes': bytes = 0, 'api.bytesOut': out = 0, ...counts } = measured.usage[act];
      const { 'logs.bytes': keptBytes = 0, 'api.bytesOut': keptOut = 0, ...keptCounts } = kept.measured.usage[act];
      assert.deepEqual(counts, keptCounts, how);
      assert.ok(
        Math.abs(bytes - keptBytes) <= 20 + keptBytes * 0.02,
        `${bytes} bytes of log, kept ${keptBytes}: ${how}`,
      );
      assert.ok(Math.abs(out - keptOut) <= 20 + keptOut * 0.02, `${out} bytes of answers, kept ${keptOut}: ${how}`);
    });
  }

  it('is of as many metrics and items', () => {
    assert.equal(measured.metrics, kept.measured.metrics, how);
    assert.equal(measured.itemsOfConnection, kept.measured.itemsOfConnection, how);
    assert.ok(Math.abs(measured.bytesOfConnection - kept.measured.bytesOfConnection) <= 20, how);
  });

  it('keeps what design.md promises: one unit for a read; one read and two writes for a refresh, where keys are known', () => {
    const { read, refresh } = measured.usage;
    assert.deepEqual([read['dynamodb.GetItem'], read['dynamodb.rru'], read['dynamodb.wru']], [1, 1, undefined]);
    // Besides, once for the batch: its app's circuit, what counts its org.
    assert.ok((refresh['dynamodb.GetItem'] ?? 0) <= 1.5 && (refresh['dynamodb.UpdateItem'] ?? 0) <= 2.2);
    assert.equal(refresh['calls.salesforce.refresh'], 1);
  });
});

it('what a deployment of one app holds is still what is kept', () => {
  const template = templateWith({ config: { apps: { crm: { clientId: 'crm-client', claim: false } } } });
  assert.deepEqual(standingOf(template), kept.standing, how);
});

it('a meter tells what an act used, for each of what it did, and leaves out what it did not use', async () => {
  const meter = createMeter();
  meter.add('before', 1);
  const used = await meter.during(2, async () => {
    meter.add('reads', 3);
    meter.add('writes', 0);
  });
  assert.deepEqual(used, { reads: 1.5 });
  assert.deepEqual(minus({ reads: 1.5, logs: 1 }, { reads: 1.5 }), { logs: 1 });
});

it('a stopwatch tells a function’s own time from what passes while it waits, also for two at once', async () => {
  let now = 0;
  const { own, waiting } = createStopwatch(() => now);
  const spend = (ms: number) => {
    now += ms;
  };
  const ms = await own(async () => {
    spend(3);
    await Promise.all([waiting(async () => spend(100)), waiting(async () => spend(50))]);
    spend(4);
  });
  assert.equal(ms, 7);
});

it('a metric is one for each combination of its name and dimensions, and a log line is none', () => {
  const embedded = {
    _aws: {
      CloudWatchMetrics: [{ Dimensions: [['service', 'route']], Metrics: [{ Name: 'Requests' }, { Name: 'Latency' }] }],
    },
    service: 'token',
    route: 'GET /x',
  };
  assert.deepEqual(metricsOf(JSON.stringify(embedded)), [
    'Requests service=token route=GET /x',
    'Latency service=token route=GET /x',
  ]);
  assert.deepEqual(metricsOf('{"message":"Request answered"}'), []);
});
