/**
 * The topic to which every alert goes: those of `refresh` and `maintain`, and the alarms of CloudWatch. Who listens is
 * the deployer's choice; the message attributes `type`, `app`, `org_id` and `severity` are there for filter policies.
 *
 * A chat has a topic of its own, for its service shows messages of another schema.
 *
 * Whoever publishes needs the storage key: our roles and CloudWatch have it. Subscribers do not, for SNS opens messages
 * before it delivers them.
 */
import { Annotations, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type AlertSubscriptionOptions, AlertSubscriptions, requireSubscriptions } from './alert-subscriptions.ts';
import { requireSlackChannel, SlackChannel, type SlackChannelOptions } from './slack-channel.ts';
import type { StorageKey } from './storage-key.ts';

export interface AlertsOptions extends AlertSubscriptionOptions {
  /** A Slack channel: it gets every alert, each incident in a thread, and the alarms. @default - none */
  readonly slack?: SlackChannelOptions;
}

export interface AlertsProps extends AlertsOptions {
  readonly storageKey: StorageKey;
  /** Names of the configuration's apps. */
  readonly apps: readonly string[];
}

export class Alerts extends Construct {
  readonly topic: Topic;
  /** Where there is a chat. */
  readonly chatTopic?: Topic;
  /** Of deliveries, where there are subscribers who could miss one. */
  readonly deadLetterQueue?: IQueue;
  private readonly storageKey: StorageKey;

  /** @throws ConfigurationError naming each path of the options that is wrong */
  constructor(scope: Construct, id: string, { storageKey, apps, slack, ...subscribers }: AlertsProps) {
    super(scope, id);
    requireSubscriptions(subscribers, apps);
    this.storageKey = storageKey;
    this.topic = this.makeTopic('Topic', 'Grantkeeper alerts');
    this.deadLetterQueue = new AlertSubscriptions(this, 'Subscriptions', {
      ...subscribers,
      topic: this.topic,
    }).deadLetterQueue;
    if (slack !== undefined) {
      requireSlackChannel(slack);
      this.chatTopic = this.makeTopic('ChatTopic', 'Grantkeeper alerts for a chat');
      new SlackChannel(this, 'Slack', { ...slack, topic: this.chatTopic });
    }
    if (slack === undefined && subscribers.filter !== undefined) warnOfAlarms(this);
  }

  allowPublishing(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['sns:Publish'], resources: this.topics.map(({ topicArn }) => topicArn) }),
    );
    this.storageKey.allowSending(grantee, 'sns');
  }

  /** Tells of an alarm when it goes off and when it is over. The chat's service knows the alarms' own messages. */
  tellOf(alarm: Alarm): void {
    for (const topic of this.topics) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
  }

  get topics(): readonly Topic[] {
    return this.chatTopic === undefined ? [this.topic] : [this.topic, this.chatTopic];
  }

  private makeTopic(id: string, displayName: string): Topic {
    const topic = new Topic(this, id, { displayName, masterKey: this.storageKey.key, enforceSSL: true });
    // `enforceSSL` replaces the topic's default policy, and with it what let alarms in.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }
}

/** They carry no attributes, and no filter policy lets such messages through. */
function warnOfAlarms(scope: Construct): void {
  Annotations.of(scope).addWarningV2(
    'grantkeeper:alarms-filtered-out',
    'alerts.filter keeps the alarms of CloudWatch from those subscribers: alarms carry no message attributes. Subscribe ' +
      'somebody without a filter to the alert topic, or name a Slack channel, which gets them all.',
  );
}
