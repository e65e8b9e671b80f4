/**
 * The quotas of AWS and Salesforce that are met on the way, each with the number at which it binds. AWS's are the defaults of
 * us-east-1 as known at `pricesAsOf`; many can be raised on request.
 */
import { defaultShards } from '../../functions/adapters/dynamodb/table.ts';
import { groupsOfLargeOrg, splitAbove } from '../../functions/core/message-group.ts';
import { inFrontAtFirst, inFrontAtMost } from '../../functions/core/waiting-readers.ts';
import { callsAtMost } from '../../functions/flows/host-gate.ts';
import { pageSize, pagesPerShardAtMost } from '../../functions/flows/schedule-refreshes.ts';
import { recommendedConcurrency } from '../../lib/concurrency.ts';
import { workersAtMost } from '../../lib/refresh-queue.ts';
import {
  type Assumptions,
  cachedSeconds,
  refreshEachHours,
  requestsPerSecondOfInstance,
  secretStages,
  waitsMs,
} from './assumptions.ts';
import { configDefaults } from './config-defaults.ts';
import { billedMs } from './function-time.ts';
import type { Measured } from './measure.ts';

export interface Quota {
  readonly where: string;
  readonly quota: string;
  /** What of ours meets it. */
  readonly meets: string;
  /** The number at which it binds. */
  readonly binds: string;
}

const perPartition = { write: 1_000, read: 3_000 };
const newTableWrites = 4_000;
const tableWrites = 40_000;
const lambdaQuota = 1_000;
const gatewayQuota = 10_000;
const kmsQuota = { large: 50_000, small: 10_000, rsa: 500 };
const secretsQuota = 10_000;
const fifoRequests = 70_000;
const batch = 10;

export function quotasOf(measured: Measured, of: Assumptions): Quota[] {
  const { usage } = measured;
  const refresh = { writes: usage.refresh['dynamodb.wru'] ?? 0, indexWrites: usage.refresh['dynamodb.indexWru'] ?? 0 };
  const readMs = billedMs('read', measured, of.refreshesPerBatch);
  const batchMs = waitsMs.salesforce * Math.ceil(batch / (callsAtMost - 1)) + 50;
  const inUseAt = (refreshesPerSecond: number) => number(refreshesPerSecond * refreshEachHours.inUse * 3_600);
  const refreshesAt = (perSecond: number) =>
    `${number(perSecond)} refreshes a second: ${inUseAt(perSecond)} connections in use`;
  const readsAt = (perSecond: number) =>
    `${number(perSecond)} reads a second: ${number((perSecond * 86_400) / of.readsPerDayInUse)} connections in use, evenly over the day`;
  const reserved = Object.values(recommendedConcurrency).reduce((sum, one) => sum + one, 0);
  const workers = (workersAtMost * batch * 1_000) / batchMs;
  return [
    {
      where: 'our queue’s consumer',
      quota: `${workersAtMost} workers, batches of ${batch}`,
      meets: `full batches of one org, which take ${batchMs} ms: Salesforce ${waitsMs.salesforce} ms, ${callsAtMost - 1} at a time`,
      binds: refreshesAt(workers),
    },
    {
      where: 'our queue’s consumer',
      quota: `${workersAtMost} workers, batches of ${batch}`,
      meets: `the same with ${of.refreshesPerBatch} of an org due together`,
      binds: refreshesAt((workersAtMost * of.refreshesPerBatch * 1_000) / (waitsMs.salesforce + 50)),
    },
    {
      where: 'our gate to a login host',
      quota: `${callsAtMost} calls of a worker, ${workersAtMost * callsAtMost} of the fleet`,
      meets: `refreshes of orgs on one login host, ${waitsMs.salesforce} ms each`,
      binds: refreshesAt((workersAtMost * callsAtMost * 1_000) / waitsMs.salesforce),
    },
    {
      where: 'our schedule',
      quota: `${defaultShards} shards × ${pagesPerShardAtMost} pages × ${pageSize} in a run, a run a minute`,
      meets: 'what is due in a minute; the next run goes on',
      binds: refreshesAt((defaultShards * pagesPerShardAtMost * pageSize) / 60),
    },
    {
      where: 'our HTTP API',
      quota: `${configDefaults.apiRequestsPerSecond} requests a second for each route (\`apiRequestsPerSecond\`, \`throttles\`)`,
      meets: 'token reads',
      binds: readsAt(configDefaults.apiRequestsPerSecond),
    },
    {
      where: 'our places of waiting readers',
      quota: `${inFrontAtMost} readers of an org in front, ${inFrontAtFirst} until one is served`,
      meets: `reads of ended tokens of one org, some ${waitsMs.salesforce + 100} ms each`,
      binds: `${number((inFrontAtMost * 1_000) / (waitsMs.salesforce + 100))} refreshes a second that readers of one org ask for; more wait`,
    },
    {
      where: 'API Gateway',
      quota: `${number(gatewayQuota)} requests a second, of the account and region`,
      meets: 'all routes together',
      binds: readsAt(gatewayQuota),
    },
    {
      where: 'Lambda',
      quota: `${number(lambdaQuota)} instances at once, of the account and region (new accounts: 10); each takes ${requestsPerSecondOfInstance} requests a second, however short`,
      meets: `token reads of ${number(readMs)} ms, on what \`concurrency: 'reserved'\` leaves: ${lambdaQuota - reserved}`,
      binds: readsAt((lambdaQuota - reserved) * Math.min(requestsPerSecondOfInstance, 1_000 / readMs)),
    },
    {
      where: 'DynamoDB, a partition',
      quota: `${number(perPartition.write)} write units a second for one key`,
      meets: `the due index: a refresh moves its entry twice, ${number(refresh.indexWrites)} units, in one of ${defaultShards} shards`,
      binds: refreshesAt((defaultShards * perPartition.write) / refresh.indexWrites),
    },
    {
      where: 'DynamoDB, a partition',
      quota: `${number(perPartition.write)} write units a second for one key`,
      meets:
        'the list index, one key for each app: written when a connection comes or its status changes, by no refresh. Adaptive capacity splits the key’s range by org and user',
      binds: `${number(perPartition.write)} new, dying or recovering connections of an app a second, before it is split`,
    },
    {
      where: 'DynamoDB, a partition',
      quota: `${number(perPartition.write)} write units a second for one key`,
      meets: 'the waiting readers of an org: two units for a read of an ended token',
      binds: `${number(perPartition.write / 2)} such reads of one org a second`,
    },
    {
      where: 'DynamoDB, a partition',
      quota: `${number(perPartition.read)} read units a second for one key`,
      meets: 'reads of one connection’s token, one unit each',
      binds: `${number(perPartition.read)} reads of one connection a second`,
    },
    {
      where: 'DynamoDB, a new table on demand',
      quota: `${number(newTableWrites)} write units a second until it has grown (twice the last peak within 30 minutes)`,
      meets: `refreshes, ${units(refresh.writes)} units each in the table`,
      binds: refreshesAt(newTableWrites / refresh.writes),
    },
    {
      where: 'DynamoDB, a table',
      quota: `${number(tableWrites)} write units a second`,
      meets: `refreshes, ${units(refresh.writes)} units each in the table`,
      binds: refreshesAt(tableWrites / refresh.writes),
    },
    {
      where: 'SQS FIFO, high throughput',
      quota: `${number(fifoRequests)} messages a second; 120,000 in flight`,
      meets: 'one message for a refresh; in flight are a worker’s batches only',
      binds: `${refreshesAt(fifoRequests)}; ${workersAtMost * batch} in flight at most`,
    },
    {
      where: 'SQS FIFO, a message group',
      quota: 'one batch at a time',
      meets: `refreshes of one org: a group, or ${groupsOfLargeOrg} where more than ${splitAbove} of a page are its; batches of ${batch} in ${batchMs} ms`,
      binds: refreshesAt((groupsOfLargeOrg * batch * 1_000) / batchMs).replace('in use', 'in use of one org'),
    },
    {
      where: 'KMS',
      quota: `${number(kmsQuota.small)} symmetric requests a second, shared by all of the account (${number(kmsQuota.large)} or more in us-east-1, us-west-2 and eu-west-1)`,
      meets: 'a data key to open for a read, where every process is cold',
      binds: `${readsAt(kmsQuota.small)}; in us-east-1 five times as many`,
    },
    {
      where: 'KMS, RSA keys',
      quota: `${kmsQuota.rsa} requests a second or more, shared by all of the account`,
      meets: 'a signature for each refresh of a `jwt_bearer` app whose key is in KMS',
      binds: refreshesAt(kmsQuota.rsa),
    },
    {
      where: 'Secrets Manager',
      quota: `${number(secretsQuota)} requests a second`,
      meets: `the client secret’s ${secretStages} stages, once in five minutes for each of ${recommendedConcurrency.refresh} instances of \`refresh\` and app`,
      binds: `${number((secretsQuota * cachedSeconds) / (secretStages * (recommendedConcurrency.refresh ?? 1)))} apps`,
    },
    {
      where: 'SNS',
      quota: '30,000 publishes a second',
      meets: 'alerts: an incident is one, whatever its size',
      binds: 'not met',
    },
    {
      where: 'EventBridge Scheduler',
      quota: '1,000 invocations a second',
      meets: 'two a minute',
      binds: 'not met',
    },
    {
      where: 'CloudWatch',
      quota: '500 `PutMetricData` a second; none for metrics in log lines',
      meets: 'metrics are log lines (EMF)',
      binds: 'not met; 5,000 log streams may be made a second, one for each new instance',
    },
    {
      where: 'Salesforce, grants',
      quota: 'five for a user and app',
      meets: 'every authorization, each code exchange whose answer was lost included',
      binds: 'a user’s sixth: the oldest ends. Many integrations share one grant here',
    },
    {
      where: 'Salesforce, logins',
      quota: '3,600 an hour for a user (JWT bearer and client credentials)',
      meets: `a refresh without a browser; ours stop at nine tenths, ${number(3_240)}`,
      binds: `${number(3_240 * refreshEachHours.inUse)} connections in use of one user; there is one for a user and app`,
    },
    {
      where: 'Salesforce, API requests',
      quota: 'of an org in 24 hours: 15,000 in a developer edition, 100,000 and more in others',
      meets:
        'the identity URL, once for a configuration step; token, introspection and revocation requests are not counted as far as is known',
      binds: '15,000 configuration steps of one org in a day, less what others call there',
    },
    {
      where: 'Salesforce, requests at once',
      quota:
        '25 of an org that run for 20 s or longer (5 in a developer edition); for REST calls, whether token requests count is not known',
      meets: `one org’s refreshes: a batch, ${callsAtMost - 1} at a time, of at most ${groupsOfLargeOrg} parts; its readers’ ${3 * inFrontAtFirst}`,
      binds: `${groupsOfLargeOrg * (callsAtMost - 1) + 3 * inFrontAtFirst} at most, while the org hangs`,
    },
  ];
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function units(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
