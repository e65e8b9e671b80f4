/**
 * Who may do what. Each Lambda gets what its flow needs and the environment variable that names it, together, so that
 * neither is there without the other. Read this file to know what a stolen role could do.
 *
 * | function | table | lifeboat | tokens' data keys | else |
 * | --- | --- | --- | --- | --- |
 * | connect | items | | | |
 * | callback | items | puts | makes | client secrets |
 * | schedule-refreshes | due index | | | sends to the queue |
 * | refresh | items | puts, reads, removes | makes and opens | client secrets, alerts; consumes the queue |
 * | token | reads and marks items | | opens `access` only | invokes `refresh` |
 * | connections | reads and disconnects items, list index | | | |
 * | maintain | items, duty and due index | reads, removes | opens | alerts |
 */
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { KeyPurpose } from '../functions/core/ports.ts';
import type { FunctionName } from '../functions/core/routes.ts';
import type { Alerts } from './alerts.ts';
import type { ClientSecrets } from './client-secrets.ts';
import type { DataKey } from './data-key.ts';
import type { Functions } from './functions.ts';
import type { LifeboatAction, LifeboatBucket } from './lifeboat-bucket.ts';
import type { RefreshQueue } from './refresh-queue.ts';
import type { GrantTable, ItemAction } from './table.ts';

export interface PermissionsProps {
  readonly functions: Functions;
  readonly table: GrantTable;
  readonly lifeboat: LifeboatBucket;
  readonly dataKey: DataKey;
  readonly clientSecrets: ClientSecrets;
  readonly refreshQueue: RefreshQueue;
  readonly alerts: Alerts;
  /** The origin under which browsers reach the HTTP API. */
  readonly publicUrl: string;
}

export function givePermissions(props: PermissionsProps): void {
  giveTable(props);
  giveLifeboat(props);
  giveDataKeys(props);
  giveClientSecrets(props);
  giveAlerts(props);
  giveQueue(props);
  giveInvocation(props);
  givePublicUrl(props);
}

type NamedActions = readonly (readonly [FunctionName, readonly ItemAction[]])[];

/**
 * `Query` reads the uses of a connection; `PutItem` makes sessions, connections, integrations, uses and data keys;
 * `DeleteItem` takes an integration's use of a connection back when it moves to another. `connections` updates to
 * disconnect.
 */
const itemActions: NamedActions = [
  ['connect', ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem']],
  ['callback', ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem']],
  ['refresh', ['GetItem', 'PutItem', 'UpdateItem']],
  ['token', ['GetItem', 'Query', 'UpdateItem']],
  ['connections', ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem']],
  ['maintain', ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem']],
];

const indexReaders = [
  ['schedule-refreshes', 'due'],
  ['connections', 'list'],
  ['maintain', 'duty'],
  ['maintain', 'due'],
] as const;

function giveTable(props: PermissionsProps): void {
  const { table } = props;
  for (const [name, actions] of itemActions) table.allowItems(roleOf(props, name), actions);
  for (const [name, index] of indexReaders) table.allowQuerying(roleOf(props, name), index);
  setFor(props, [...itemActions.map(([name]) => name), 'schedule-refreshes'], 'TABLE_NAME', table.table.tableName);
}

/** `callback` reads nothing there: what it puts, `maintain` stores. */
const entryActions: readonly (readonly [FunctionName, readonly LifeboatAction[]])[] = [
  ['callback', ['PutObject']],
  ['refresh', ['GetObject', 'PutObject', 'DeleteObject']],
  ['maintain', ['GetObject', 'DeleteObject']],
];

function giveLifeboat(props: PermissionsProps): void {
  const { lifeboat } = props;
  for (const [name, actions] of entryActions) lifeboat.allowEntries(roleOf(props, name), actions);
  for (const name of ['refresh', 'maintain'] as const) lifeboat.allowListing(roleOf(props, name));
  const names = entryActions.map(([name]) => name);
  setFor(props, names, 'LIFEBOAT_BUCKET', lifeboat.bucket.bucketName);
}

const bothPurposes: readonly KeyPurpose[] = ['access', 'refresh'];

function giveDataKeys(props: PermissionsProps): void {
  const { dataKey } = props;
  for (const name of ['callback', 'refresh'] as const) dataKey.allowGenerating(roleOf(props, name), bothPurposes);
  for (const name of ['refresh', 'maintain'] as const) dataKey.allowUnwrapping(roleOf(props, name), bothPurposes);
  dataKey.allowUnwrapping(roleOf(props, 'token'), ['access']);
  setFor(props, ['callback', 'refresh', 'maintain', 'token'], 'DATA_KEY_ID', dataKey.key.keyArn);
}

function giveClientSecrets(props: PermissionsProps): void {
  const { clientSecrets } = props;
  for (const name of ['callback', 'refresh'] as const) clientSecrets.allowReading(roleOf(props, name));
  setFor(props, ['callback', 'refresh'], 'CLIENT_SECRET_PREFIX', clientSecrets.prefix);
}

function giveAlerts(props: PermissionsProps): void {
  const { alerts } = props;
  for (const name of ['refresh', 'maintain'] as const) alerts.allowPublishing(roleOf(props, name));
  setFor(props, ['refresh', 'maintain'], 'ALERT_TOPIC_ARN', alerts.topic.topicArn);
}

function giveQueue(props: PermissionsProps): void {
  const { refreshQueue } = props;
  refreshQueue.allowSending(roleOf(props, 'schedule-refreshes'));
  setFor(props, ['schedule-refreshes'], 'REFRESH_QUEUE_URL', refreshQueue.queue.queueUrl);
  refreshQueue.consumeWith(props.functions.get('refresh').function);
}

function giveInvocation(props: PermissionsProps): void {
  const { functionArn, functionName } = props.functions.get('refresh').function;
  roleOf(props, 'token').grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
  );
  setFor(props, ['token'], 'REFRESH_FUNCTION_NAME', functionName);
}

function givePublicUrl(props: PermissionsProps): void {
  setFor(props, ['connect', 'callback'], 'PUBLIC_URL', props.publicUrl);
}

function roleOf({ functions }: PermissionsProps, name: FunctionName): Role {
  return functions.get(name).role;
}

function setFor({ functions }: PermissionsProps, names: readonly FunctionName[], variable: string, value: string) {
  for (const name of names) functions.get(name).function.addEnvironment(variable, value);
}
