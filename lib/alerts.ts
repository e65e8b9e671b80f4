/**
 * The topic to which every alert goes: those of `refresh` and `maintain`, and the alarms of CloudWatch. Who listens is
 * the deployer's choice; the message attributes `type`, `app`, `org_id` and `severity` are there for filter policies.
 */
import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { StorageKey } from './storage-key.ts';

export interface AlertsProps {
  readonly storageKey: StorageKey;
}

export class Alerts extends Construct {
  readonly topic: Topic;
  private readonly storageKey: StorageKey;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    this.storageKey = props.storageKey;
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Grantkeeper alerts',
      masterKey: props.storageKey.key,
      enforceSSL: true,
    });
    // `enforceSSL` replaces the topic's default policy, and with it what let alarms in.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
  }

  allowPublishing(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['sns:Publish'], resources: [this.topic.topicArn] }),
    );
    this.storageKey.allowSending(grantee, 'sns');
  }
}
