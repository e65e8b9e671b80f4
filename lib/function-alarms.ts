/**
 * Alarms on each Lambda: that it fails, that it is not let run, and, of those that a clock starts, that it stands still.
 */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { FunctionName } from '../functions/core/routes.ts';
import { runbookPage } from '../functions/core/runbooks.ts';
import type { Alerts } from './alerts.ts';
import { type Functions, functionNames } from './functions.ts';

export interface FunctionAlarmsProps {
  readonly functions: Functions;
  readonly alerts: Alerts;
}

/** They hold an answer of Salesforce in their hands: one that ends by its timeout may lose a grant. */
const holdTokens: readonly FunctionName[] = ['callback', 'refresh', 'jwt-bearer'];
const eachMinute: readonly FunctionName[] = ['schedule-refreshes', 'maintain'];

const period = Duration.minutes(5);
const page = `Runbook: ${runbookPage('function-fails')}`;

/** What stands still, for the reader of an alarm. */
const purposes: Readonly<Record<FunctionName, string>> = {
  connect: 'Customers cannot begin to connect; existing connections go on.',
  callback: 'Customers come back from Salesforce and are not connected; a grant may be lost with each failure.',
  configure: 'Integrations stay unconfigured; no token is at stake.',
  'schedule-refreshes': 'Nothing that is due is queued; idle connections go stale, readers refresh their own.',
  refresh: 'Access tokens are not renewed; integrations stop as theirs end, two hours from now at most by default.',
  'jwt-bearer': 'Connections without a browser are not made; existing ones go on.',
  token: 'Services get no access token.',
  connections: 'Nobody can list, show or disconnect connections; tokens go on.',
  maintain: 'Alerts, revocations and the lifeboat wait; incidents are neither noticed nor closed.',
};

export class FunctionAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { functions, alerts }: FunctionAlarmsProps) {
    super(scope, id);
    const ofName = (name: FunctionName) => [this.errors(functions, name), this.throttles(functions, name)];
    this.alarms = [...functionNames.flatMap(ofName), ...eachMinute.map((name) => this.silence(functions, name))];
    for (const alarm of this.alarms) alerts.tellOf(alarm);
  }

  /** Not invoked: nothing failed, so missing data is good. */
  private errors(functions: Functions, name: FunctionName): Alarm {
    const threshold = holdTokens.includes(name) ? 1 : 3;
    return new Alarm(this, `${name}-errors`, {
      alarmDescription: `Grantkeeper: the function ${name} failed ${threshold === 1 ? '' : `${threshold} times or more `}within 5 minutes (errors and timeouts). ${purposes[name]} Read its log: what failed stands there with its stack and request id. ${page}`,
      metric: functions.get(name).function.metricErrors({ period }),
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** A burst is taken up by the queue or the caller's next try: what lasts is too little concurrency. */
  private throttles(functions: Functions, name: FunctionName): Alarm {
    return new Alarm(this, `${name}-throttles`, {
      alarmDescription: `Grantkeeper: Lambda does not let the function ${name} run as often as it is asked to, for 10 of the last 15 minutes. ${purposes[name]} Look at the account's concurrency quota, at what else uses it, and at reservedConcurrency. ${page}`,
      metric: functions.get(name).function.metricThrottles({ period }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** Missing data is the very fault: nobody else would notice a clock that stands still. */
  private silence(functions: Functions, name: FunctionName): Alarm {
    return new Alarm(this, `${name}-silent`, {
      alarmDescription: `Grantkeeper: the function ${name} was not started for 10 minutes, and should be each minute. ${purposes[name]} Look at its EventBridge schedule (enabled? its role?) and at the function's reserved concurrency. ${page}`,
      metric: functions.get(name).function.metricInvocations({ period }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }
}
