/**
 * CloudWatch's alarms beside our own alerts: they go off where the functions that alert do not run, or cannot publish.
 * Each says what it means and what to do. Those on dead-letter queues: `dead-letter-alarm.ts`; on Lambdas:
 * `function-alarms.ts`.
 */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FunctionName } from '../functions/core/routes.ts';
import { type Runbook, runbookPage } from '../functions/core/runbooks.ts';
import type { Alerts } from './alerts.ts';
import { ownMetric } from './metrics.ts';

export interface AlarmsProps {
  readonly alerts: Alerts;
}

interface AlarmSpecification {
  readonly id: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: TreatMissingData;
  readonly description: string;
  readonly runbook: Runbook;
}

const period = Duration.minutes(5);

/** An hour's session at 75 % leaves a quarter of an hour: later than this, tokens end before they are renewed. */
const overdueMs = 10 * 60_000;
/** As many as make the alert `refresh_backlog` (`functions/flows/watch-backlog.ts`). */
const backlog = 10;

export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { alerts }: AlarmsProps) {
    super(scope, id);
    const specified = [
      ...this.ofRefreshes(),
      this.ofLifeboat(),
      this.ofRestoredTable(),
      ...(['refresh', 'jwt-bearer'] as const).map((name) => this.ofCircuits(name)),
      ...(['refresh', 'maintain'] as const).map((name) => this.ofLostAlerts(name)),
      ...alerts.topics.map((topic) => ofDeliveries(topic)),
    ];
    this.alarms = specified.map(({ id: alarmId, description, runbook, ...props }) => {
      const alarm = new Alarm(this, alarmId, {
        ...props,
        alarmDescription: `Grantkeeper: ${description} Runbook: ${runbookPage(runbook)}`,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      });
      alerts.tellOf(alarm);
      return alarm;
    });
  }

  private of(name: string, service: FunctionName, statistic: string): IMetric {
    return ownMetric(this, { name, service, statistic, period });
  }

  /** Both are written each minute, zeros too: what is missing then is the function, which has an alarm of its own. */
  private ofRefreshes(): AlarmSpecification[] {
    return [
      {
        id: 'OldestOverdue',
        runbook: 'backlog',
        metric: this.of('OldestOverdueMs', 'schedule-refreshes', Stats.MAXIMUM),
        threshold: overdueMs,
        evaluationPeriods: 2,
        treatMissingData: TreatMissingData.IGNORE,
        description:
          'a connection is due for more than 10 minutes and was not tried. Access tokens end before they are renewed. ' +
          'Look at the refresh function (errors, throttles) and at the age of the oldest message in the refresh queue; ' +
          'GET /health counts what is overdue.',
      },
      {
        id: 'RefreshBacklog',
        runbook: 'backlog',
        metric: this.of('RefreshesOverdue', 'maintain', Stats.MAXIMUM),
        threshold: backlog,
        evaluationPeriods: 2,
        treatMissingData: TreatMissingData.IGNORE,
        description:
          `${backlog} connections or more are overdue by more than a quarter of an hour. Look at the refresh queue, its ` +
          'dead letters, and the concurrency of refresh; what is overdue is caught up by itself once they run.',
      },
    ];
  }

  /** While the lifeboat cannot be read nothing is written: that is no reason to call it empty. */
  private ofLifeboat(): AlarmSpecification {
    return {
      id: 'TokensInLifeboat',
      runbook: 'lifeboat-not-empty',
      metric: this.of('InLifeboat', 'maintain', Stats.MAXIMUM),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
      description:
        'tokens lie in the lifeboat bucket, for the table refused them. Look at the DynamoDB table: throttles, its key, ' +
        'permissions. Leave the bucket alone: maintain brings them back once the table takes writes.',
    };
  }

  private ofRestoredTable(): AlarmSpecification {
    return {
      id: 'TableRestored',
      runbook: 'restore',
      metric: this.of('TableRestored', 'maintain', Stats.MAXIMUM),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
      description:
        'the table is a copy of another at an older moment: nothing is refreshed or revoked with what it holds. ' +
        'Look at what made it: whether it is to be taken into use, or must not be.',
    };
  }

  private ofCircuits(service: FunctionName): AlarmSpecification {
    return {
      id: `CircuitsOpened-${service}`,
      runbook: 'fleet-dies',
      metric: this.of('CircuitsOpened', service, Stats.SUM),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      description:
        `Salesforce refuses an app itself (seen by ${service}): its connections wait, every token is kept. The alert ` +
        'app_misconfigured names the app and what to set right: its client secret, certificate or settings.',
    };
  }

  private ofLostAlerts(service: FunctionName): AlarmSpecification {
    return {
      id: `AlertsNotPublished-${service}`,
      runbook: 'alerts-not-delivered',
      metric: this.of('AlertsNotPublished', service, Stats.SUM),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      description:
        `SNS did not take an alert of ${service}; it is published again by itself, later and later. Look at the function's ` +
        'log, its permission to publish, and the key of the topic. Until then look at GET /health for what you do not hear.',
    };
  }
}

/** After all tries of SNS. Mails and web addresses that do not answer count; those not confirmed do not. */
function ofDeliveries(topic: Topic): AlarmSpecification {
  return {
    id: `DeliveriesFailed-${topic.node.id}`,
    runbook: 'alerts-not-delivered',
    metric: topic.metricNumberOfNotificationsFailed({ period }),
    threshold: 1,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    description:
      `a subscriber of the ${topic.node.id === 'Topic' ? 'alert topic' : 'chat topic'} did not take what SNS delivered: ` +
      'somebody does not hear of alerts. Look at the subscriptions, and at the dead-letter queue of deliveries, which ' +
      'keeps those to web addresses and queues.',
  };
}
