/** What watches a Grantkeeper from outside its functions: every alarm of the stack, and the dashboard that shows them. */
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import type { Alerts } from './alerts.ts';
import { Dashboard } from './dashboard.ts';
import { addDeadLetterAlarms } from './dead-letter-alarms.ts';
import { FunctionAlarms } from './function-alarms.ts';
import type { Functions } from './functions.ts';
import type { WorkQueue } from './work-queue.ts';

interface Watched {
  readonly functions: Functions;
  readonly refreshQueue: WorkQueue;
  readonly configurationQueue: WorkQueue;
  readonly alerts: Alerts;
}

export interface AlarmedProps extends Watched {
  /** Messages in a dead-letter queue at which its alarm goes off. */
  readonly deadLetterMessages: number;
}

export function addAlarms(scope: Construct, props: AlarmedProps): readonly Alarm[] {
  const { functions, alerts } = props;
  return [
    ...new Alarms(scope, 'Alarms', { alerts }).alarms,
    ...new FunctionAlarms(scope, 'FunctionAlarms', { functions, alerts }).alarms,
    ...addDeadLetterAlarms(scope, props),
  ];
}

export interface ShownProps extends Watched {
  readonly alarms: readonly Alarm[];
  readonly table: ITable;
  /** Id of the HTTP API. */
  readonly apiId: string;
}

/** @returns the dashboard's name */
export function addDashboard(scope: Construct, props: ShownProps): string {
  const { functions, table, apiId, alarms, refreshQueue, configurationQueue, alerts } = props;
  const { dashboard } = new Dashboard(scope, 'Dashboard', {
    functions,
    table,
    apiId,
    alarms,
    refreshQueue: refreshQueue.queue,
    deadLetterQueues: [refreshQueue, configurationQueue, alerts].flatMap((one) => one.deadLetterQueue ?? []),
  });
  return dashboard.dashboardName;
}
