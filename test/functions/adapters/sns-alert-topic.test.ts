import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CreateTopicCommand, type PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createSnsAlertTopic, readableText } from '../../../functions/adapters/sns-alert-topic.ts';
import type { Alert } from '../../../functions/core/alert.ts';
import { messagingEngine } from './messaging-engine.ts';

const alert: Alert = {
  version: 1,
  id: 'alert-1',
  type: 'reauthorization_required',
  severity: 'critical',
  app: 'crm',
  org_id: '00D5e000001abcdEAA',
  connection_ids: ['crm.00D5e000001abcdEAA.0055e000001abcdEAA'],
  opened_at: '2026-11-21T00:00:00Z',
  summary: 'A user of Müller & Co must authorize again',
  cause: 'revoked_or_unknown',
  evidence: ['refused twice: expired access/refresh token'],
  remedy: 'Send the user a new connect link.',
  counts: { connections: 1 },
};

/** A topic with a queue on it that takes only what `filter` lets through. */
async function topicWithQueue(context: TestContext, filter: Record<string, string[]>) {
  const config = await messagingEngine(context);
  const sns = new SNSClient(config);
  const sqs = new SQSClient(config);
  context.after(() => {
    sns.destroy();
    sqs.destroy();
  });
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'alerts' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:alerts',
      Attributes: { FilterPolicy: JSON.stringify(filter) },
    }),
  );
  return {
    topic: createSnsAlertTopic({ client: sns, topicArn: TopicArn }),
    receive: async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      return Messages.map(({ Body = '' }) => JSON.parse(Body));
    },
  };
}

describe('an alert', () => {
  it('reaches a subscriber as JSON, through a filter on any of its attributes', async (context) => {
    const filter = { type: [alert.type], app: ['crm'], org_id: [alert.org_id], severity: ['critical'] };
    const { topic, receive } = await topicWithQueue(context, filter);
    await topic.publish(alert);
    const [notification, ...more] = await receive();
    assert.equal(more.length, 0);
    // SNS itself hands a queue the `default` of the structure; this engine hands on the structure as it is.
    const { default: forMachines, ...rest } = JSON.parse(notification.Message);
    assert.deepEqual(forMachines === undefined ? rest : JSON.parse(forMachines), alert);
    assert.equal(notification.MessageAttributes.severity.Value, 'critical');
  });

  it('does not reach a subscriber whose filter is for another app', async (context) => {
    const { topic, receive } = await topicWithQueue(context, { app: ['other'] });
    await topic.publish(alert);
    assert.deepEqual(await receive(), []);
  });
});

describe('the message to SNS', () => {
  async function published(change: Partial<Alert>) {
    const inputs: PublishCommand['input'][] = [];
    const client = {
      send: async ({ input }: PublishCommand) => {
        inputs.push(input);
        return {};
      },
    } as unknown as SNSClient;
    await createSnsAlertTopic({ client, topicArn: 'topic' }).publish({ ...alert, ...change });
    return inputs[0] as PublishCommand['input'];
  }

  it('has a text for e-mail that says what to do before the details', async () => {
    const { Message = '', MessageStructure } = await published({});
    assert.equal(MessageStructure, 'json');
    const { email } = JSON.parse(Message);
    assert.equal(email, readableText(alert));
    assert.match(email, /^A user of Müller & Co must authorize again\n\nWhat to do: Send the user/);
    for (const word of [alert.org_id, alert.id, ...alert.evidence, ...alert.connection_ids]) {
      assert.ok(email.includes(word));
    }
  });

  it('says so where no single app or org is meant', () => {
    const text = readableText({ ...alert, app: '', org_id: '', connection_ids: [] });
    assert.match(text, /\nApp: none in particular\nOrg: none in particular\nConnections: none named\n/);
  });

  it('has a subject that SNS takes: printable ASCII, a line, at most 100 characters', async () => {
    const { Subject } = await published({});
    assert.equal(Subject, '[Grantkeeper] critical: A user of M ller & Co must authorize again');
    const long = await published({ summary: `broken\nin two ${'x'.repeat(200)}` });
    assert.equal(long.Subject?.length, 100);
    assert.match(long.Subject ?? '', /^[\x20-\x7e]+\.\.\.$/);
  });

  it('leaves out an attribute that is empty, which SNS would refuse', async () => {
    const { MessageAttributes = {} } = await published({ org_id: '' });
    assert.deepEqual(Object.keys(MessageAttributes).sort(), ['app', 'severity', 'type']);
  });
});
