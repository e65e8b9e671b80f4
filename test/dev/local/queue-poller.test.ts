import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import type { Listener } from '../../../dev/local/listener.ts';
import { createLocalMessaging, type LocalMessaging } from '../../../dev/local/local-messaging.ts';
import { startMessagingEngine } from '../../../dev/local/messaging-engine.ts';
import { createQueuePoller, type QueuePollerOptions } from '../../../dev/local/queue-poller.ts';
import { recordingLog } from '../../functions/runtime/recording.ts';

describe('the poller of a queue', () => {
  let engine: Listener;
  let messaging: LocalMessaging;
  beforeEach(async () => {
    engine = await startMessagingEngine(undefined);
    messaging = await createLocalMessaging(engine.url);
  });
  afterEach(async () => {
    messaging.close();
    await engine.close();
  });

  const send = (body: string) =>
    messaging.sqs.send(new SendMessageCommand({ QueueUrl: messaging.configurations.url, MessageBody: body }));
  const dead = async () => {
    const QueueUrl = messaging.configurations.url.replace(/configurations$/, 'configurations-dead');
    const { Messages = [] } = await messaging.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body }) => Body);
  };

  function setUp(fails: (body: string) => boolean, more: Partial<QueuePollerOptions> = {}) {
    const seen: string[][] = [];
    const poller = createQueuePoller({
      name: 'configure',
      client: messaging.sqs,
      queue: messaging.configurations,
      invoke: async ({ Records }: SQSEvent) => {
        seen.push(Records.map(({ body }) => body));
        const failed = Records.filter(({ body }) => fails(body));
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      },
      log: recordingLog(),
      failed: 'soon',
      ...more,
    });
    return { poller, seen };
  }

  it('works until the queue is empty, and deletes what did not fail', async () => {
    const { poller, seen } = setUp(() => false);
    for (let n = 0; n < 12; n += 1) await send(`m${n}`);
    await poller.drain();
    await poller.drain();
    assert.equal(seen.flat().length, 12);
    assert.equal(new Set(seen.flat()).size, 12);
  });

  it('brings what failed back in the next drain, once, and no earlier', async () => {
    let broken = true;
    const { poller, seen } = setUp((body) => broken && body === 'bad');
    await send('bad');
    await send('good');
    await poller.drain();
    assert.deepEqual(seen.flat().sort(), ['bad', 'good']);
    broken = false;
    await poller.drain();
    await poller.drain();
    assert.deepEqual(seen.flat().sort(), ['bad', 'bad', 'good']);
  });

  it('sets aside what fails too often', async () => {
    const { poller, seen } = setUp(() => true);
    await send('bad');
    for (let drains = 0; drains < 5; drains += 1) await poller.drain();
    assert.equal(seen.length, 3);
    assert.deepEqual(await dead(), ['bad']);
  });

  it('takes a handler that throws for one that did nothing', async () => {
    let calls = 0;
    const invoke = async () => {
      calls += 1;
      throw new Error('killed');
    };
    const { poller } = setUp(() => false, { invoke });
    await send('m');
    await poller.drain();
    await poller.drain();
    assert.equal(calls, 2);
  });

  it('leaves what failed to the timeout of the queue, where it is told so', async () => {
    const { poller, seen } = setUp(() => true, { failed: 'timeout' });
    await send('bad');
    await poller.drain();
    await poller.drain();
    assert.equal(seen.length, 1);
  });

  it('works by itself until it is stopped', async () => {
    const worked = Promise.withResolvers<void>();
    const { poller } = setUp(() => false, {
      invoke: async () => {
        worked.resolve();
        return { batchItemFailures: [] };
      },
    });
    poller.start();
    await send('m');
    await worked.promise;
    await poller.stop();
  });
});
