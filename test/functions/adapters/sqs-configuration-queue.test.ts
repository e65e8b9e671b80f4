import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createSqsConfigurationQueue } from '../../../functions/adapters/sqs-configuration-queue.ts';
import { ConfigurationQueueError } from '../../../functions/core/errors.ts';
import type { ConfigurationRequest } from '../../../functions/core/ports.ts';
import { messagingEngine } from './messaging-engine.ts';

const request: ConfigurationRequest = { version: 1, tenant: 'acme', integration: 'sync', configurationVersion: 2 };

describe('a configuration request', () => {
  it('is queued as JSON, each time that it is sent', async (context) => {
    const client = new SQSClient(await messagingEngine(context));
    context.after(() => client.destroy());
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'configurations' }));
    const queue = createSqsConfigurationQueue({ client, queueUrl: QueueUrl });
    await queue.send(request);
    await queue.send({ ...request, configurationVersion: 3 });
    await queue.send(request);
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    assert.deepEqual(
      Messages.map(({ Body = '' }) => JSON.parse(Body)).toSorted(
        (a, b) => a.configurationVersion - b.configurationVersion,
      ),
      [request, request, { ...request, configurationVersion: 3 }],
    );
  });

  it('carries nothing else that lies in its object', async () => {
    const bodies: unknown[] = [];
    const client = { send: async ({ input }: { input: { MessageBody: string } }) => bodies.push(input.MessageBody) };
    const queue = createSqsConfigurationQueue({ client: client as unknown as SQSClient, queueUrl: 'queue' });
    await queue.send({ ...request, configuration: 'canary' } as ConfigurationRequest);
    assert.deepEqual(bodies, [JSON.stringify(request)]);
  });

  it('throws where it was not taken, and says by what name', async (context) => {
    const client = new SQSClient({ ...(await messagingEngine(context)), maxAttempts: 1 });
    context.after(() => client.destroy());
    const queue = createSqsConfigurationQueue({ client, queueUrl: 'http://127.0.0.1/000000000000/missing' });
    await assert.rejects(queue.send(request), (error) => {
      assert.ok(error instanceof ConfigurationQueueError);
      assert.match(error.message, /was not queued \(\w+\); try again later/);
      return true;
    });
  });
});
