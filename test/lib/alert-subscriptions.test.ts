import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { ConfigurationError } from '../../functions/core/errors.ts';
import type { AlertsOptions } from '../../lib/alerts.ts';
import { Grantkeeper } from '../../lib/grantkeeper.ts';
import { emptyApp, exampleConfig, stackWith, templateWith } from './synthesized.ts';
import { onlyResource, resourcesOf } from './template-reading.ts';

function subscriptionsOf(alerts: AlertsOptions) {
  return resourcesOf(templateWith({ alerts }), 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties);
}

describe('the subscriptions to alerts', () => {
  it('are none by default, and there is no queue for what nobody could miss', () => {
    const template = templateWith();
    template.resourceCountIs('AWS::SNS::Subscription', 0);
    assert.deepEqual(
      resourcesOf(template, 'AWS::SQS::Queue').filter(([id]) => id.includes('Alerts')),
      [],
    );
  });

  it('send mails as text, with nothing kept of what a mail server refuses', () => {
    const [mail, ...more] = subscriptionsOf({ emails: ['oncall@example.com', 'boss@example.com'] });
    assert.deepEqual(
      { Protocol: mail.Protocol, Endpoint: mail.Endpoint, RedrivePolicy: mail.RedrivePolicy },
      { Protocol: 'email', Endpoint: 'oncall@example.com', RedrivePolicy: undefined },
    );
    assert.equal(mail.FilterPolicy, undefined);
    assert.deepEqual(
      more.map(({ Endpoint }) => Endpoint),
      ['boss@example.com'],
    );
  });

  it('keep for 14 days what a web address does not take, encrypted, where SNS alone may put it', () => {
    const template = templateWith({ alerts: { https: ['https://example.com/hook'] } });
    const [, { Properties: hook }] = onlyResource(template, 'AWS::SNS::Subscription');
    const [queueId, { Properties: queue }] = onlyResource(
      template,
      'AWS::SQS::Queue',
      'AlertsSubscriptionsDeadLetters',
    );
    const [topicId] = onlyResource(template, 'AWS::SNS::Topic');
    assert.deepEqual([hook.Protocol, hook.Endpoint], ['https', 'https://example.com/hook']);
    assert.deepEqual(hook.RedrivePolicy, { deadLetterTargetArn: { 'Fn::GetAtt': [queueId, 'Arn'] } });
    assert.deepEqual([queue.MessageRetentionPeriod, queue.SqsManagedSseEnabled], [14 * 86_400, true]);
    const [, { Properties: policy }] = onlyResource(
      template,
      'AWS::SQS::QueuePolicy',
      'AlertsSubscriptionsDeadLetters',
    );
    const allowed = policy.PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    assert.deepEqual(allowed, [
      {
        Action: 'sqs:SendMessage',
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Resource: { 'Fn::GetAtt': [queueId, 'Arn'] },
        Condition: { ArnEquals: { 'aws:SourceArn': { Ref: topicId } } },
      },
    ]);
  });

  it('let the topic, and nothing else of SNS, into a queue and its key', () => {
    const stack = new Stack(emptyApp(), 'Theirs');
    const encryptionMasterKey = new Key(stack, 'TheirKey');
    const queue = new Queue(stack, 'TheirQueue', { encryption: QueueEncryption.KMS, encryptionMasterKey });
    new Grantkeeper(stack, 'Grants', { config: exampleConfig, allowExecuteApiUrl: true, alerts: { queues: [queue] } });
    const template = Template.fromStack(stack);
    const [topicId] = onlyResource(template, 'AWS::SNS::Topic');
    const fromTopic = { ArnEquals: { 'aws:SourceArn': { Ref: topicId } } };
    const statementsFor = (type: string, id: string, property: string) =>
      resourcesOf(template, type)
        .filter(([logicalId]) => logicalId.startsWith(id))
        .flatMap(([, { Properties }]) => Properties[property].Statement)
        .filter(({ Principal }) => Principal.Service === 'sns.amazonaws.com')
        .map(({ Action, Condition }) => ({ Action, Condition }));
    assert.deepEqual(statementsFor('AWS::SQS::QueuePolicy', 'TheirQueue', 'PolicyDocument'), [
      { Action: 'sqs:SendMessage', Condition: fromTopic },
    ]);
    assert.deepEqual(statementsFor('AWS::KMS::Key', 'TheirKey', 'KeyPolicy'), [
      { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Condition: fromTopic },
    ]);
  });

  it('are all filtered by what is listed; what means no app comes whatever apps are', () => {
    const filter = {
      types: ['invalid_grant_spike', 'fleet_incident'],
      apps: ['crm'],
      severities: ['critical'],
    } as const;
    const subscriptions = subscriptionsOf({ emails: ['a@example.com'], https: ['https://example.com/hook'], filter });
    assert.equal(subscriptions.length, 2);
    for (const { FilterPolicy } of subscriptions) {
      assert.deepEqual(FilterPolicy, {
        type: ['invalid_grant_spike', 'fleet_incident'],
        app: ['crm', '*'],
        severity: ['critical'],
      });
    }
  });

  it('warn that a filter keeps alarms away, unless a channel gets them', () => {
    const filter = { severities: ['critical'] } as const;
    const warning = Match.stringLikeRegexp('alarms carry no message attributes');
    const warningsWith = (alerts: AlertsOptions) =>
      Annotations.fromStack(stackWith({ alerts })).findWarning('*', warning).length;
    const emails = ['a@example.com'];
    assert.equal(warningsWith({ emails, filter }), 1);
    assert.equal(warningsWith({ emails }), 0);
    assert.equal(warningsWith({ emails, filter, slack: { workspaceId: 'T1', channelId: 'C1' } }), 0);
  });
});

describe('subscriptions that cannot be meant', () => {
  const long = `${'a'.repeat(250)}@example.com`;
  const wrong: readonly (readonly [string, AlertsOptions, RegExp])[] = [
    [
      'an address without a domain',
      { emails: ['a@example.com', 'oncall'] },
      /emails\.1: must be one e-mail .*; got oncall/,
    ],
    ['two addresses in one', { emails: ['a@example.com,b@example.com'] }, /emails\.0: must be one e-mail/],
    ['an address too long', { emails: [long] }, /emails\.0: .* up to 254 characters/],
    [
      'an address twice',
      { emails: ['a@example.com', 'a@example.com'] },
      /emails\.1: must be there once; got a@example/,
    ],
    ['plain http', { https: ['http://example.com/hook'] }, /https\.0: must be an https address.*got http:\/\/example/],
    ['no address at all', { https: ['example.com'] }, /https\.0: must be an https address.*got example\.com/],
    [
      'a password',
      { https: ['https://me:hunter2@example.com'] },
      /https\.0: must hold no user and password(?!.*hunter2)/,
    ],
    [
      'an unknown type',
      { filter: { types: ['spike' as 'fleet_incident'] } },
      /filter\.types\.0: must be one of .*; got spike/,
    ],
    ['an app that is none', { filter: { apps: ['erp'] } }, /filter\.apps\.0: must be one of crm, .*; got erp/],
    [
      'an unknown severity',
      { filter: { severities: ['fatal' as 'info'] } },
      /severities\.0: must be one of critical.*; got fatal/,
    ],
    ['an empty filter', { filter: { apps: [] } }, /filter\.apps: must name at least one.*got an empty list/],
    [
      'a workspace by its name',
      { slack: { workspaceId: 'acme', channelId: 'C1' } },
      /slack\.workspaceId: must match .*; got acme/,
    ],
    [
      'a channel by its name',
      { slack: { workspaceId: 'T1', channelId: '#alerts' } },
      /slack\.channelId: must match .*; got #alerts/,
    ],
  ];
  for (const [what, alerts, message] of wrong) {
    it(`are refused at synth for ${what}`, () => {
      assert.throws(
        () => stackWith({ alerts }),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });
  }

  it('are all named at once', () => {
    const alerts = { emails: ['x'], https: ['y'], filter: { apps: ['z'] } };
    assert.throws(
      () => stackWith({ alerts }),
      /^ConfigurationError: the deployment is not valid:\n {2}alerts\.emails\.0.*\n {2}alerts\.https\.0.*\n {2}alerts\.filter\.apps\.0.*$/,
    );
  });

  it('are refused for a queue that is there twice', () => {
    const stack = new Stack(emptyApp(), 'Theirs');
    const queue = new Queue(stack, 'TheirQueue');
    const make = () =>
      new Grantkeeper(stack, 'Grants', {
        config: exampleConfig,
        allowExecuteApiUrl: true,
        alerts: { queues: [queue, queue] },
      });
    assert.throws(make, /queues\.1: must be there once; got Theirs\/TheirQueue again/);
  });

  it('are refused to a FIFO queue, of ours or imported, which SNS would refuse while it is deployed', () => {
    const stack = new Stack(emptyApp(), 'Theirs');
    const arn = 'arn:aws:sqs:eu-central-1:111122223333:alerts';
    const make = (id: string, queue: IQueue) =>
      new Grantkeeper(new Stack(stack, id), 'Grants', {
        config: exampleConfig,
        allowExecuteApiUrl: true,
        alerts: { queues: [queue] },
      });
    assert.throws(
      () => make('Own', new Queue(stack, 'Ordered', { fifo: true })),
      /queues\.0: must be a standard queue.*got Theirs\/Ordered/,
    );
    assert.throws(
      () => make('Imported', Queue.fromQueueArn(stack, 'ImportedOrdered', `${arn}.fifo`)),
      /queues\.0: must be a standard queue/,
    );
    assert.doesNotThrow(() => make('Standard', Queue.fromQueueArn(stack, 'ImportedStandard', arn)));
  });
});
