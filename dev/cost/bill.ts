/** The monthly bill: what the acts of a month use, and what stands there whether it is used or not, times list prices. */
import {
  type Assumptions,
  cachedSeconds,
  daysPerMonth,
  idleReceivesPerMinute,
  platformLogBytes,
  secretStages,
} from './assumptions.ts';
import { billedGbMs, billedMs } from './function-time.ts';
import { instancesFor, type Load, loadOf } from './load.ts';
import { type Act, acts, type Measured } from './measure.ts';
import { costOf, type PriceName } from './prices.ts';

/** What a deployment holds, as its template has it. */
export interface Standing {
  readonly keys: number;
  readonly secrets: number;
  readonly alarms: number;
  readonly dashboards: number;
}

export interface Line {
  readonly what: string;
  readonly usd: number;
}

const quantities: readonly (readonly [what: string, price: PriceName, names: readonly string[]])[] = [
  ['API Gateway: requests', 'apiRequest', ['api.requests']],
  ['DynamoDB: reads', 'dynamoRead', ['dynamodb.rru']],
  ['DynamoDB: writes, with indexes', 'dynamoWrite', ['dynamodb.wru', 'dynamodb.indexWru']],
  ['KMS: requests for data keys', 'kmsRequest', ['calls.keys.generateDataKey', 'calls.keys.unwrapDataKey']],
];

export interface Month {
  readonly load: Load;
  readonly lines: readonly Line[];
  readonly totalUsd: number;
}

export function billOf(connections: number, measured: Measured, standing: Standing, of: Assumptions): Month {
  const gbMs = (act: Act) => billedGbMs(act, measured, of.refreshesPerBatch);
  const heldMs = heldMsOf(measured, of);
  const load = loadOf(connections, of, heldMs);
  const used = (names: readonly string[]) => total(load, (act) => sumOf(measured.usage[act], names));
  const invocations = total(load, (act) => invocationsOf(act, measured, of));
  const minutes = load['idle minute'];
  const logGb =
    (used(['logs.bytes']) +
      invocations * platformLogBytes.invocation +
      used(['api.requests']) * platformLogBytes.request) /
    1e9;
  const storedGb = (connections * storedBytes(measured)) / 1e9;
  const workers = instancesFor(load.refresh / of.refreshesPerBatch, heldMs.batch);
  const secretReads = workers * of.apps * secretStages * ((daysPerMonth * 86_400) / cachedSeconds);
  // A batch is received and deleted, whatever is in it; what is measured has ten.
  const batchRequests = (2 / of.refreshesPerBatch - 2 / 10) * load.refresh;
  const lines: Line[] = [
    ...quantities.map(([what, price, names]) => ({ what, usd: costOf(price, used(names)) })),
    { what: 'Lambda: requests', usd: costOf('lambdaRequest', invocations) },
    { what: 'Lambda: time', usd: costOf('lambdaGbSecond', total(load, gbMs) / 1_000) },
    {
      what: 'DynamoDB: storage and point-in-time recovery',
      usd: costOf('dynamoStorage', storedGb) + costOf('dynamoBackup', storedGb),
    },
    {
      what: 'SQS: requests',
      usd: costOf('sqsRequest', used(['sqs.requests']) + batchRequests + 2 * idleReceivesPerMinute * minutes),
    },
    { what: 'CloudWatch: logs, kept for a month', usd: costOf('logIngestion', logGb) + costOf('logStorage', logGb) },
    {
      what: 'CloudWatch: metrics, alarms, dashboard',
      usd:
        costOf('metric', measured.metrics) +
        costOf('alarm', standing.alarms) +
        costOf('dashboard', standing.dashboards),
    },
    { what: 'Secrets Manager', usd: costOf('secret', standing.secrets) + costOf('secretRequest', secretReads) },
    { what: 'KMS: keys', usd: costOf('kmsKey', standing.keys) },
    { what: 'Scheduler and lifeboat', usd: costOf('schedule', 2 * minutes) + costOf('s3WriteOrList', minutes) },
  ];
  return { load, lines, totalUsd: lines.reduce((sum, { usd }) => sum + usd, 0) };
}

/** What the API's answers cost where all of them leave AWS. */
export function dataOutOf(connections: number, measured: Measured, of: Assumptions): number {
  const load = loadOf(connections, of, heldMsOf(measured, of));
  return costOf('dataOut', total(load, (act) => sumOf(measured.usage[act], ['api.bytesOut'])) / 1e9);
}

function heldMsOf(measured: Measured, of: Assumptions): { read: number; batch: number } {
  const ms = (act: Act) => billedMs(act, measured, of.refreshesPerBatch);
  return { read: ms('read'), batch: ms('refresh') * of.refreshesPerBatch };
}

/** What one act costs, without what stands there anyway. */
export function costOfAct(act: Act, measured: Measured, of: Assumptions): number {
  const usage = measured.usage[act];
  const invocations = invocationsOf(act, measured, of);
  const logBytes =
    sumOf(usage, ['logs.bytes']) +
    invocations * platformLogBytes.invocation +
    sumOf(usage, ['api.requests']) * platformLogBytes.request;
  return (
    quantities.reduce((sum, [, price, names]) => sum + costOf(price, sumOf(usage, names)), 0) +
    costOf('lambdaRequest', invocations) +
    costOf('lambdaGbSecond', billedGbMs(act, measured, of.refreshesPerBatch) / 1_000) +
    costOf('sqsRequest', sumOf(usage, ['sqs.requests'])) +
    costOf('logIngestion', Math.max(0, logBytes) / 1e9)
  );
}

/** As many as are due together share an invocation of the queue's worker. */
function invocationsOf(act: Act, { usage }: Measured, { refreshesPerBatch }: Assumptions): number {
  if (act === 'refresh') return 1 / refreshesPerBatch;
  const names = Object.keys(usage[act]).filter((name) => name.startsWith('invocations.'));
  return sumOf(usage[act], names);
}

/** With 100 bytes that DynamoDB adds to each item and index entry, two of which hold some 200 themselves. */
function storedBytes({ bytesOfConnection, itemsOfConnection }: Measured): number {
  const entries = 2;
  return bytesOfConnection + 100 * itemsOfConnection + entries * (200 + 100);
}

function total(load: Load, of: (act: Act) => number): number {
  return acts.reduce((sum, act) => sum + load[act] * of(act), 0);
}

function sumOf(usage: Readonly<Record<string, number>>, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (usage[name] ?? 0), 0);
}
