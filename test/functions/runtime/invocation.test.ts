import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createInvocationHandler } from '../../../functions/runtime/invocation.ts';
import { lambdaContext } from './lambda-event.ts';
import { recordingLog, recordingMetrics } from './recording.ts';

function stack(run: (input: string) => Promise<unknown>) {
  const log = recordingLog();
  const metrics = recordingMetrics();
  const parse = (event: unknown) => {
    if (typeof event !== 'string') throw new TypeError(`The event must be text; got ${typeof event}.`);
    return event;
  };
  const handler = createInvocationHandler({ log, metrics, parse, run });
  return { invoke: (event: unknown) => handler(event, lambdaContext()), log, metrics };
}

describe('a direct invocation', () => {
  it('answers what its run answers, and flushes its metrics', async () => {
    const { invoke, metrics } = stack(async (input) => ({ input }));
    assert.deepEqual(await invoke('tick'), { input: 'tick' });
    assert.deepEqual(metrics.added, { Invocations: 1 });
    assert.equal(metrics.flushes(), 1);
  });

  it('refuses an event that is none of ours', async () => {
    const { invoke, metrics } = stack(async () => assert.fail('must not run'));
    await assert.rejects(invoke(1), /The event must be text; got number/);
    assert.equal(metrics.added.InvocationFailures, 1);
  });

  it('lets an exception go on as a copy without secrets, logged with its stack', async () => {
    const { invoke, log, metrics } = stack(async () => {
      throw new RangeError('refused: refresh_token=canary', { cause: new Error('canary') });
    });
    const error = await invoke('tick').catch((caught: unknown) => caught);
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'RangeError');
    assert.match(error.message, /^refused: refresh_token=\[redacted\]/);
    assert.ok(!`${error.stack}${String(error.cause)}`.includes('canary'));
    assert.match(log.text(), /An invocation failed.*invocation\.test\.ts/);
    assert.equal(metrics.flushes(), 1);
  });
});
