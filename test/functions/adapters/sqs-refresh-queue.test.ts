import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createSqsRefreshQueue, RefreshQueueError } from '../../../functions/adapters/sqs-refresh-queue.ts';
import type { RefreshRequest } from '../../../functions/core/ports.ts';
import { messagingEngine } from './messaging-engine.ts';

const orgId = (number: number) => `00D5e00000${String(number).padStart(5, '0')}EAA`;

function due(number: number, overrides: Partial<RefreshRequest> = {}, nextRefreshAt = 1000, org = number) {
  const request: RefreshRequest = {
    version: 1,
    connectionId: `crm.${orgId(org)}.0055e0000000${String(number).padStart(3, '0')}EAA`,
    generation: { grantId: 'grant', refreshes: 3 },
    reason: 'due',
    ...overrides,
  };
  return { request, orgId: orgId(org), nextRefreshAt };
}

const noWait = { wait: async () => undefined };

async function fifoQueue(context: TestContext) {
  const client = new SQSClient(await messagingEngine(context));
  context.after(() => client.destroy());
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: 'refreshes.fifo', Attributes: { FifoQueue: 'true' } }),
  );
  /** Receives and deletes until nothing comes any more. */
  async function drain(): Promise<Message[]> {
    const all: Message[] = [];
    for (let round = 0; round < 20; round += 1) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] }),
      );
      if (Messages.length === 0) return all;
      all.push(...Messages);
      for (const { ReceiptHandle } of Messages)
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    assert.fail('the queue does not empty');
  }
  return { queue: createSqsRefreshQueue({ client, queueUrl: QueueUrl, clock: noWait }), drain };
}

describe('refresh requests', () => {
  it('are queued as JSON, all of them, in the group of their org', async (context) => {
    const { queue, drain } = await fifoQueue(context);
    const requests = Array.from({ length: 23 }, (_, number) => due(number));
    await queue.send(requests);
    const messages = await drain();
    const byBody = new Map(messages.map(({ Body = '', Attributes }) => [Body, Attributes?.MessageGroupId]));
    assert.deepEqual(
      [...byBody].sort(),
      requests.map(({ request, orgId: org }) => [JSON.stringify(request), org] as [string, string]).sort(),
    );
  });

  it('go in the group that they name, where that is not the org', async (context) => {
    const { queue, drain } = await fifoQueue(context);
    await queue.send([{ ...due(1), group: `${orgId(1)}.2` }]);
    const [message] = await drain();
    assert.equal(message?.Attributes?.MessageGroupId, `${orgId(1)}.2`);
  });

  it('of the same connection, generation and due time are queued once, others each', async (context) => {
    const { queue, drain } = await fifoQueue(context);
    await queue.send([due(1)]);
    await queue.send([due(1), due(1, { reason: 'stale' })]);
    assert.equal((await drain()).length, 1);
    await queue.send([
      due(1, { generation: { grantId: 'grant', refreshes: 4 } }),
      due(1, { generation: { grantId: 'other', refreshes: 3 } }),
      due(1, {}, 2000),
      due(2),
    ]);
    assert.equal((await drain()).length, 4);
  });

  it('may be none at all', async (context) => {
    const { queue, drain } = await fifoQueue(context);
    await queue.send([]);
    assert.deepEqual(await drain(), []);
  });
});

/** Answers as SQS does for a batch of which some failed; real failures of single entries cannot be had from an engine. */
function partlyFailing(...rounds: { Id: string; Code: string; SenderFault: boolean }[][]) {
  const sent: string[][] = [];
  const waits: number[] = [];
  const client = {
    send: async (command: SendMessageBatchCommand) => {
      sent.push((command.input.Entries ?? []).map(({ Id = '' }) => Id));
      return { Failed: rounds.shift() };
    },
  } as unknown as SQSClient;
  const clock = { wait: async (ms: number) => void waits.push(ms) };
  return { queue: createSqsRefreshQueue({ client, queueUrl: 'queue', clock }), sent, waits };
}

describe('a batch that fails in part', () => {
  const busy = (Id: string) => ({ Id, Code: 'ServiceUnavailable', SenderFault: false });

  it('has only what failed sent again, after a pause that grows', async () => {
    const { queue, sent, waits } = partlyFailing([busy('0'), busy('2')], [busy('2')], []);
    await queue.send([due(0), due(1), due(2)]);
    assert.deepEqual(sent, [['0', '1', '2'], ['0', '2'], ['2']]);
    assert.deepEqual(waits, [100, 200]);
  });

  it('is given up after three tries, saying how many were not queued', async () => {
    const { queue, sent } = partlyFailing([busy('0')], [busy('0')], [busy('0')], []);
    await assert.rejects(queue.send([due(0)]), (error) => {
      assert.ok(error instanceof RefreshQueueError);
      assert.match(error.message, /1 refresh requests were not queued in 3 of at most 3 tries \(ServiceUnavailable\)/);
      return true;
    });
    assert.equal(sent.length, 3);
  });

  it('is not tried again where the fault is ours', async () => {
    const { queue, sent } = partlyFailing([{ Id: '0', Code: 'InvalidParameterValue', SenderFault: true }], []);
    await assert.rejects(queue.send([due(0)]), RefreshQueueError);
    assert.equal(sent.length, 1);
  });
});
