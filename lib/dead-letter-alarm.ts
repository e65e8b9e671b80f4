/** Goes off when messages of a queue are set aside: one that no try could process means a bug or a broken release. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type Runbook, runbookPage } from '../functions/core/runbooks.ts';
import type { Alerts } from './alerts.ts';

export interface DeadLetterAlarmProps {
  readonly deadLetterQueue: IQueue;
  /** What lies there, what it means, and what to do. */
  readonly description: string;
  readonly runbook: Runbook;
  readonly alerts: Alerts;
  /** Messages in the queue at which it goes off. */
  readonly deadLetterMessages: number;
}

export class DeadLetterAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: DeadLetterAlarmProps) {
    super(scope, id, {
      alarmDescription: `Grantkeeper: ${props.description} Runbook: ${runbookPage(props.runbook)}`,
      metric: props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      threshold: props.deadLetterMessages,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    props.alerts.tellOf(this);
  }
}
