/**
 * The dashboard, read from top to bottom as an incident is worked: is anything on fire, who dies and why, do refreshes
 * run, do readers get tokens, do the stores hold, who is near a limit, and at last the Lambdas.
 *
 * Own metrics are found by search over all functions that write them, so that what a function begins to write shows.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  type IMetric,
  type IWidget,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { graph, heading, named, row, wholeWidth } from './dashboard-widgets.ts';
import { type Functions, functionNames } from './functions.ts';
import { eachOfFamily, eachRoute, type OwnSearchProps, sumOf } from './metrics.ts';

export interface DashboardProps {
  /** All of the stack's. */
  readonly alarms: readonly Alarm[];
  readonly functions: Functions;
  readonly table: ITable;
  readonly refreshQueue: IQueue;
  readonly deadLetterQueues: readonly IQueue[];
  /** Id of the HTTP API. */
  readonly apiId: string;
}

const period = Duration.minutes(5);

export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { stackName, region } = Stack.of(this);
    this.dashboard = new CloudWatchDashboard(this, 'Dashboard', {
      // Names of dashboards are an account's, of all its regions.
      dashboardName: `${stackName}-${region}`,
      defaultInterval: Duration.hours(3),
      widgets: [
        ...this.fire(props),
        ...this.deaths(),
        ...this.refreshes(props),
        ...this.readers(props),
        ...this.stores(props),
        ...this.limits(),
        ...this.lambdas(props),
      ],
    });
  }

  private fire({ alarms, deadLetterQueues }: DashboardProps): IWidget[][] {
    return [
      [
        heading(
          '1 Is anything on fire?',
          'An alarm in red says in its description what it means and what to do. Spikes and fleet incidents come as ' +
            'alerts with cause and remedy: `docs/alerts.md`; what is open now: `GET /health` or `npx grantkeeper doctor`. ' +
            'Does Salesforce itself fail? [status.salesforce.com](https://status.salesforce.com) ' +
            `What no alarm tells: ${named('lost-region')}, ${named('leaked-secret')}.`,
        ),
      ],
      [
        new AlarmStatusWidget({
          title: 'Alarms',
          alarms: [...alarms],
          width: wholeWidth,
          height: 2 + Math.ceil(alarms.length / 8),
        }),
      ],
      row(
        graph('Incidents opened', this.counts('SpikesOpened', 'FleetIncidentsOpened', 'TableRestored')),
        graph('Alerts', this.counts('AlertsPublished', 'AlertsAbsorbed', 'AlertsNotPublished', 'ExpiryWarnings')),
        graph('Dead letters', deadLetterQueues.map(visible)),
      ),
    ];
  }

  private deaths(): IWidget[][] {
    return [
      [
        heading(
          '2 Who dies, and why?',
          'Each cause has a page: `docs/causes/`. `Refused_dead` counts refusals, of which a connection needs two; ' +
            '`transient` and `busy` cost no token. One org or many? ' +
            `${named('connection-dies')}, ${named('org-dies')}, ${named('fleet-dies')}, ${named('salesforce-down')}.`,
        ),
      ],
      row(
        graph('Dead connections by cause', [eachOfFamily(this, 'Dead', sums)], { stacked: true }),
        graph('Refusals by class (what Salesforce answered)', [eachOfFamily(this, 'Refused', sums)], { stacked: true }),
      ),
    ];
  }

  private refreshes({ refreshQueue }: DashboardProps): IWidget[][] {
    return [
      [
        heading(
          '3 Do refreshes run?',
          'Queued and refreshed should keep step. `NoAnswer`: Salesforce was silent, nothing is lost. `PulledForward`: ' +
            'the others of an org in which one died. Overdue for more ' +
            'than 10 minutes means that `schedule-refreshes`, the queue or `refresh` stands still: section 7. ' +
            `${named('backlog')}.`,
        ),
      ],
      row(
        graph(
          'Refreshes',
          this.counts(
            'RefreshesQueued',
            'PulledForward',
            'RefreshRequests',
            'Refreshed',
            'NoAnswer',
            'StoppedByRestore',
          ),
        ),
        graph('The oldest that is overdue, ms', [
          sumOf(this, 'OldestOverdueMs', 'OldestOverdueMs', { statistic: 'Maximum', period }),
        ]),
        graph('Overdue by more than 15 minutes', [
          sumOf(this, 'RefreshesOverdue', 'RefreshesOverdue', { statistic: 'Maximum', period }),
        ]),
        graph('Refresh queue', [
          visible(refreshQueue),
          refreshQueue.metricApproximateAgeOfOldestMessage({ period, label: 'age of the oldest, s' }),
        ]),
      ),
      row(
        graph('Apps that Salesforce refuses', this.counts('CircuitsOpened')),
        graph('Messages that could not be read or begun', this.counts('UnreadableMessages', 'MessageFailures')),
      ),
    ];
  }

  private readers({ apiId, functions }: DashboardProps): IWidget[][] {
    const api = (metricName: string, statistic: string, label: string) =>
      new Metric({
        namespace: 'AWS/ApiGateway',
        metricName,
        dimensionsMap: { ApiId: apiId },
        statistic,
        label,
        period,
      });
    const token = functions.get('token').function;
    return [
      [
        heading(
          '4 Do readers get tokens?',
          'Waits are readers who lived off another’s refresh: many are well, and slow where refreshes are. Stale tokens ' +
            'are served while Salesforce is down. Codes of problems: `docs/errors.md`.',
        ),
      ],
      row(
        graph(
          'Tokens',
          this.counts('TokensServed', 'StaleTokensServed', 'RefreshesAsked', 'SingleFlightWaits', 'ReadersTurnedAway'),
        ),
        graph('HTTP API', [
          api('Count', Stats.SUM, 'requests'),
          api('4xx', Stats.SUM, '4xx'),
          api('5xx', Stats.SUM, '5xx'),
        ]),
        graph('HTTP API, latency in ms', [api('Latency', 'p50', 'p50'), api('Latency', 'p99', 'p99')]),
        graph('The function token, ms', [
          token.metricDuration({ statistic: 'p50', label: 'p50', period }),
          token.metricDuration({ statistic: 'p99', label: 'p99', period }),
        ]),
      ),
      row(
        graph('Errors of ours by route', [eachRoute(this, 'Errors5xx', sums)]),
        graph('Latency by route, p99 in ms', [eachRoute(this, 'Latency', { statistic: 'p99', period })]),
      ),
    ];
  }

  private stores({ table }: DashboardProps): IWidget[][] {
    const dynamo = (metricName: string) =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: { TableName: table.tableName },
        statistic: Stats.SUM,
        period,
      });
    const kms = new Metric({
      namespace: 'AWS/Usage',
      metricName: 'CallCount',
      dimensionsMap: { Type: 'API', Service: 'KMS', Resource: 'CryptographicOperationsSymmetric', Class: 'None' },
      statistic: Stats.SUM,
      label: 'symmetric operations of the account',
      period,
    });
    return [
      [
        heading(
          '5 Do the stores hold?',
          'What DynamoDB refuses lies in the lifeboat until it takes writes again: leave the bucket alone. Throttles of a ' +
            'table on demand pass by themselves; those of one hot key do not. ' +
            `${named('lifeboat-not-empty')}, ${named('restore')}.`,
        ),
      ],
      row(
        graph('DynamoDB', ['ReadThrottleEvents', 'WriteThrottleEvents'].map(dynamo)),
        graph('DynamoDB, consumed units', ['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'].map(dynamo)),
        graph('Lifeboat', [
          sumOf(this, 'InLifeboat', 'InLifeboat (depth)', { statistic: 'Maximum', period }),
          ...this.counts('SavedInLifeboat', 'Rescued'),
        ]),
        graph('KMS', [kms]),
      ),
    ];
  }

  private limits(): IWidget[][] {
    return [
      [
        heading(
          '6 Who is near a limit?',
          'A user’s sixth grant of an app ends the oldest silently. Near: at most one more has room. Spent: superseded ' +
            'grants were revoked at once to make room. `grants` of `GET /connections/{id}` lists them.',
        ),
      ],
      row(
        graph('Grants per user', this.counts('GrantsNearLimit', 'GrantBudgetSpent', 'GrantLimitNear')),
        graph('Revocations', this.counts('Revoked', 'RevocationFailed', 'RevocationGivenUp')),
        graph(
          'Connections',
          this.counts('Connected', 'Disconnected', 'ConnectSessionsStarted', 'ConnectSessionsSpared', 'ConnectFailed'),
        ),
      ),
    ];
  }

  private lambdas({ functions }: DashboardProps): IWidget[][] {
    const each = (metricOf: (name: (typeof functionNames)[number]) => IMetric) => functionNames.map(metricOf);
    const of = (name: (typeof functionNames)[number]) => functions.get(name).function;
    return [
      [
        heading(
          '7 Lambdas',
          'Logs are structured: filter by `connection_id` or `attempt`. Roles: `docs/architecture.md`.',
        ),
      ],
      row(
        graph(
          'Errors',
          each((name) => of(name).metricErrors({ label: name, period })),
        ),
        graph(
          'Throttles',
          each((name) => of(name).metricThrottles({ label: name, period })),
        ),
        graph(
          'Duration, p99 in ms',
          each((name) => of(name).metricDuration({ label: name, statistic: 'p99', period })),
        ),
        graph(
          'At once',
          each((name) => of(name).metric('ConcurrentExecutions', { label: name, statistic: Stats.MAXIMUM, period })),
        ),
      ),
    ];
  }

  private counts(...names: readonly string[]): IMetric[] {
    return names.map((name) => sumOf(this, name, name, sums));
  }
}

const sums: OwnSearchProps = { statistic: 'Sum', period };

function visible(queue: IQueue): Metric {
  return queue.metricApproximateNumberOfMessagesVisible({
    period,
    statistic: Stats.MAXIMUM,
    label: `${queue.node.scope?.node.id ?? ''} ${queue.node.id}`.trim(),
  });
}
