import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createQueueHandler, type QueueHandlerOptions } from '../../../functions/runtime/queue.ts';
import { lambdaContext, someTurns, sqsEvent } from './lambda-event.ts';
import { recordingLog, recordingMetrics } from './recording.ts';

function parseNumber(body: unknown): number {
  if (typeof body !== 'number') throw new Error(`A message is a number; got ${typeof body}.`);
  return body;
}

function queueStack(options: Partial<QueueHandlerOptions<number>> = {}) {
  const log = recordingLog();
  const metrics = recordingMetrics();
  const handled: number[] = [];
  const run = async (message: number) => handled.push(message);
  const handler = createQueueHandler({ log, metrics, parse: parseNumber, run, onThrow: 'acknowledge', ...options });
  return { handle: (...bodies: string[]) => handler(sqsEvent(...bodies), lambdaContext()), handled, log, metrics };
}

const failures = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe('a batch of messages', () => {
  it('is acknowledged when all are done', async () => {
    const { handle, handled, metrics } = queueStack();
    assert.deepEqual(await handle('1', '2', '3'), failures());
    assert.deepEqual(handled, [1, 2, 3]);
    assert.equal(metrics.flushes(), 1);
  });

  it('has a message that is not JSON, or not ours, fail alone, unseen in the log', async () => {
    const { handle, handled, log, metrics } = queueStack();
    assert.deepEqual(await handle('1', '{canary', '"canary"', '4'), failures('message-1', 'message-2'));
    assert.deepEqual(handled, [1, 4]);
    assert.equal(metrics.added.UnreadableMessages, 2);
    assert.ok(!log.text().includes('canary'));
  });

  it('reports every record where all fail, and does not throw', async () => {
    const { handle } = queueStack();
    assert.deepEqual(await handle('{', '{'), failures('message-0', 'message-1'));
  });

  it('is started at once: each message runs before any has ended', async () => {
    const started: number[] = [];
    const everyoneStarted = Promise.withResolvers<void>();
    const run = async (message: number) => {
      started.push(message);
      if (started.length === 3) everyoneStarted.resolve();
      await everyoneStarted.promise;
    };
    assert.deepEqual(await queueStack({ run }).handle('1', '2', '3'), failures());
  });

  it('ends only when its slowest message has, also after another failed', async () => {
    const slow = Promise.withResolvers<void>();
    const run = async (message: number) => {
      if (message === 1) throw new Error('failed');
      await slow.promise;
    };
    let ended = false;
    const answer = queueStack({ run, onThrow: 'retry' }).handle('1', '2');
    answer.then(() => {
      ended = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(ended, false);
    slow.resolve();
    assert.deepEqual(await answer, failures('message-0'));
  });

  it('is not answered for before its messages have ended, however little time is left', async () => {
    const handler = createQueueHandler({
      log: recordingLog(),
      metrics: recordingMetrics(),
      parse: parseNumber,
      run: someTurns,
      onThrow: 'retry',
    });
    assert.deepEqual(await handler(sqsEvent('1'), lambdaContext(1)), failures());
  });

  it('knows the time left and the request id', async () => {
    let left = 0;
    const { handle } = queueStack({
      run: async (_message, { remainingTimeMs, requestId }) => {
        left = remainingTimeMs();
        assert.equal(requestId, 'lambda-request-1');
      },
    });
    await handle('1');
    assert.equal(left, 59_000);
  });
});

describe('an exception while a message runs', () => {
  const run = async () => {
    throw new Error('store is down; code=canary');
  };

  it('fails no refresh message: it is logged, redacted, and acknowledged', async () => {
    const { handle, log, metrics } = queueStack({ run });
    assert.deepEqual(await handle('1'), failures());
    assert.match(log.text(), /store is down/);
    assert.ok(!log.text().includes('canary'));
    assert.equal(metrics.added.MessageFailures, 1);
  });

  it('gives the message back where the queue retries', async () => {
    assert.deepEqual(await queueStack({ run, onThrow: 'retry' }).handle('1'), failures('message-0'));
  });
});
