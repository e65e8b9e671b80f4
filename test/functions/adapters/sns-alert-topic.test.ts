import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CreateTopicCommand, type PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { emailText } from '../../../functions/adapters/alert-email.ts';
import { createSnsAlertTopic } from '../../../functions/adapters/sns-alert-topic.ts';
import type { Alert } from '../../../functions/core/alert.ts';
import { withRunbook } from '../../../functions/core/runbooks.ts';
import { anAlert } from './an-alert.ts';
import { messagingEngine } from './messaging-engine.ts';

const alert = anAlert();
/** As it leaves. */
const told = withRunbook(alert);

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
    assert.deepEqual(forMachines === undefined ? rest : JSON.parse(forMachines), told);
    assert.equal(notification.MessageAttributes.severity.Value, 'critical');
  });

  it('does not reach a subscriber whose filter is for another app', async (context) => {
    const { topic, receive } = await topicWithQueue(context, { app: ['other'] });
    await topic.publish(alert);
    assert.deepEqual(await receive(), []);
  });
});

describe('a real spike, behind a filter policy', () => {
  const spike: Alert = {
    ...alert,
    id: 'spike-1',
    type: 'invalid_grant_spike',
    connection_ids: [1, 2, 3].map((n) => `crm.00D5e000001abcdEAA.00500000000000${n}AAA`),
    counts: { failed: 3, tried: 4, connections: 20, expected: 15 },
  };
  const outage: Alert = { ...spike, id: 'outage-1', type: 'fleet_incident', severity: 'warning', org_id: '' };
  const stranger: Alert = { ...spike, id: 'spike-2', app: 'erp' };
  const backlog: Alert = {
    ...alert,
    id: 'backlog-1',
    type: 'refresh_backlog',
    app: '',
    org_id: '',
    connection_ids: [],
  };

  const filters: readonly (readonly [string, Record<string, string[]>, readonly string[]])[] = [
    ['by type', { type: ['invalid_grant_spike', 'invalid_grant_spike_resolved'] }, ['spike-1', 'spike-2']],
    ['by app', { app: ['crm'] }, ['spike-1', 'outage-1']],
    ['by app, and what is of no app', { app: ['crm', '*'] }, ['spike-1', 'outage-1', 'backlog-1']],
    ['by severity', { severity: ['warning'] }, ['outage-1']],
    ['by org', { org_id: ['00D5e000001abcdEAA'] }, ['spike-1', 'spike-2']],
    ['by type and app at once', { type: ['invalid_grant_spike'], app: ['erp'] }, ['spike-2']],
    ['by an app that has none', { app: ['billing'] }, []],
  ];

  for (const [how, filter, expected] of filters) {
    it(`${how}: ${expected.join(', ') || 'nothing'} arrives, and nothing else`, async (context) => {
      const { topic, receive } = await topicWithQueue(context, filter);
      for (const one of [spike, outage, stranger, backlog]) await topic.publish(one);
      const ids = (await receive()).map(({ Message }) => {
        const { default: forMachines = Message } = JSON.parse(Message);
        return JSON.parse(forMachines).id;
      });
      assert.deepEqual(ids.toSorted(), [...expected].toSorted());
    });
  }
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

  it('is JSON for every protocol but e-mail, which gets the text', async () => {
    const { Message = '', MessageStructure } = await published({});
    assert.equal(MessageStructure, 'json');
    const { default: forMachines, email, ...rest } = JSON.parse(Message);
    assert.deepEqual(JSON.parse(forMachines), told);
    assert.equal(email, emailText(told));
    assert.match(email, /^What to do: .*Runbook: docs\/runbooks\/connection-dies\.md$/m);
    assert.deepEqual(rest, {});
  });

  it('carries all four attributes, and says so where no single app or org is meant', async () => {
    const valuesOf = (input: PublishCommand['input']) =>
      Object.fromEntries(
        Object.entries(input.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
      );
    const { type, severity } = alert;
    assert.deepEqual(valuesOf(await published({})), { type, app: 'crm', org_id: alert.org_id, severity });
    assert.deepEqual(valuesOf(await published({ app: '', org_id: '' })), { type, app: '*', org_id: '*', severity });
  });
});
