import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recommendedConcurrency } from '../../lib/concurrency.ts';
import { functionNames } from '../../lib/functions.ts';
import { refreshAtLeast } from '../../lib/reserved-concurrency.ts';
import { templateWith } from './synthesized.ts';
import { functionOf, resourcesOf } from './template-reading.ts';

function reservedIn(props: Parameters<typeof templateWith>[0]) {
  const template = templateWith(props);
  const entries = functionNames.map((name) => [
    name,
    functionOf(template, name)[1].Properties.ReservedConcurrentExecutions,
  ]);
  return Object.fromEntries(entries.filter(([, reserved]) => reserved !== undefined));
}

describe('concurrency', () => {
  it('is shared by default', () => assert.deepEqual(reservedIn({}), {}));

  it('may be kept free for callbacks and refreshes, and what they need; readers share the rest', () => {
    const reserved = reservedIn({ concurrency: 'reserved' });
    assert.deepEqual(reserved, recommendedConcurrency);
    const readers = ['token', 'connections', 'configure'];
    assert.deepEqual(functionNames.filter((name) => reserved[name] === undefined).toSorted(), readers.toSorted());
  });

  it('is 202 in all, as the prop says', () => {
    assert.equal(
      Object.values(recommendedConcurrency).reduce((sum, one) => sum + one, 0),
      202,
    );
  });

  it('leaves readers room in refresh beside the queue’s workers', () => {
    const [, mapping] = resourcesOf(templateWith(), 'AWS::Lambda::EventSourceMapping').find(([id]) =>
      id.includes('refresh'),
    )!;
    const workers = mapping.Properties.ScalingConfig.MaximumConcurrency;
    assert.ok((recommendedConcurrency.refresh ?? 0) >= 2 * workers);
  });

  it('goes by the single function’s own number before the recommended one', () => {
    const reserved = reservedIn({ concurrency: 'reserved', reservedConcurrency: { refresh: 40, token: 5 } });
    assert.deepEqual(reserved, { ...recommendedConcurrency, refresh: 40, token: 5 });
  });

  it('is refused at synth where its name or a function’s is unknown: it would reserve nothing', () => {
    assert.throws(() => templateWith({ concurrency: 'reserve' as 'reserved' }), {
      name: 'ConfigurationError',
      message: /concurrency: must be 'shared' or 'reserved'; got "reserve"/,
    });
    assert.throws(() => templateWith({ reservedConcurrency: { tokens: 5 } as object }), {
      name: 'ConfigurationError',
      message: /reservedConcurrency\.tokens: is not known; known are .*token/,
    });
    assert.throws(
      () => templateWith({ reservedConcurrency: 100 as never }),
      /reservedConcurrency: must be an object of connect, .*; got a number/,
    );
  });

  it('of refresh is no less than its queue and one org that hangs need', () => {
    assert.throws(
      () => templateWith({ reservedConcurrency: { refresh: refreshAtLeast - 1 } }),
      /reservedConcurrency\.refresh: must be 35 at least.*got 34/,
    );
    assert.deepEqual(reservedIn({ reservedConcurrency: { refresh: refreshAtLeast } }), { refresh: 35 });
  });

  for (const wrong of [0, -1, 1.5]) {
    it(`is refused at synth where it is ${wrong}: the function would never run`, () => {
      assert.throws(
        () => templateWith({ reservedConcurrency: { refresh: wrong } }),
        /reservedConcurrency\.refresh: must be a whole number from 1/,
      );
    });
  }
});
