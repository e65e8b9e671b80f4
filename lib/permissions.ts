/**
 * Who may do what. Each Lambda gets what its flow needs and the environment variable that names it, together, so that
 * neither is there without the other. Read this file to know what a stolen role could do.
 *
 * What comes of it, as a table made from the template: docs/privileges.md. Items of the table: `table-rights.ts`; keys of
 * tokens: `key-openers.ts`.
 */
import { Fn, Lazy } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { KeyPurpose } from '../functions/core/ports.ts';
import type { FunctionName } from '../functions/core/routes.ts';
import type { Alerts } from './alerts.ts';
import type { ClientSecrets } from './client-secrets.ts';
import type { ConfigurationQueue } from './configuration-queue.ts';
import type { DataKey } from './data-key.ts';
import type { Egress } from './egress.ts';
import { type Functions, functionNames } from './functions.ts';
import type { Grantees } from './grantees.ts';
import { keyOpeners } from './key-openers.ts';
import type { LifeboatAction, LifeboatBucket } from './lifeboat-bucket.ts';
import type { RefreshQueue } from './refresh-queue.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { GrantTable } from './table.ts';
import { tableRights } from './table-rights.ts';

export interface PermissionsProps {
  readonly functions: Functions;
  readonly table: GrantTable;
  readonly lifeboat: LifeboatBucket;
  readonly dataKey: DataKey;
  readonly clientSecrets: ClientSecrets;
  readonly signingKeys: SigningKeys;
  readonly refreshQueue: RefreshQueue;
  readonly configurationQueue: ConfigurationQueue;
  /** The deployer's own configuration step. */
  readonly configurationFunction?: IFunction;
  readonly alerts: Alerts;
  /** The origin under which browsers reach the HTTP API. */
  readonly publicUrl: string;
  /** Who is held to which apps. */
  readonly grantees: Grantees;
  readonly egress?: Egress;
}

export function givePermissions(props: PermissionsProps): void {
  giveTable(props);
  giveLifeboat(props);
  giveDataKeys(props);
  giveClientSecrets(props);
  giveSigningKeys(props);
  giveAlerts(props);
  giveQueues(props);
  giveInvocations(props);
  givePublicUrl(props);
  giveAppCallers(props);
  giveEgressAddresses(props);
}

const indexReaders = [
  ['schedule-refreshes', 'due'],
  ['connections', 'list'],
  ['refresh', 'list'],
  ['maintain', 'list'],
  ['connections', 'due'],
  ['maintain', 'duty'],
  ['maintain', 'due'],
] as const;

/** Those that ask Salesforce for something on the strength of what the table holds: on a copy they do nothing. */
const tableKnowers = ['connect', 'callback', 'schedule-refreshes', 'refresh', 'jwt-bearer', 'maintain'] as const;

function giveTable(props: PermissionsProps): void {
  const { table } = props;
  for (const name of functionNames) table.allowItems(roleOf(props, name), tableRights[name]);
  for (const name of tableKnowers) table.allowKnowingItself(roleOf(props, name));
  for (const [name, index] of indexReaders) table.allowQuerying(roleOf(props, name), index);
  setFor(props, functionNames, 'TABLE_NAME', table.table.tableName);
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
  for (const name of ['callback', 'refresh', 'jwt-bearer'] as const)
    dataKey.allowGenerating(roleOf(props, name), bothPurposes);
  for (const name of functionNames) {
    const opened = bothPurposes.filter((purpose) => keyOpeners[purpose].includes(name));
    if (opened.length > 0) dataKey.allowUnwrapping(roleOf(props, name), opened);
  }
  setFor(props, ['callback', 'refresh', 'jwt-bearer', 'maintain', 'token'], 'DATA_KEY_ID', dataKey.key.keyArn);
}

/** Of whose apps they read the secrets: those of flow `jwt_bearer` have none. */
const secretReaders = [
  ['callback', ['authorization_code']],
  ['refresh', ['authorization_code', 'client_credentials']],
  ['jwt-bearer', ['client_credentials']],
] as const;

function giveClientSecrets(props: PermissionsProps): void {
  const { clientSecrets } = props;
  for (const [name, flows] of secretReaders) clientSecrets.allowReading(roleOf(props, name), flows);
  clientSecrets.allowReadingAges(roleOf(props, 'maintain'));
  const names = [...secretReaders.map(([name]) => name), 'maintain'] as const;
  setFor(props, names, 'CLIENT_SECRET_PREFIX', clientSecrets.prefix);
}

function giveSigningKeys(props: PermissionsProps): void {
  const { signingKeys } = props;
  for (const name of ['jwt-bearer', 'refresh'] as const) signingKeys.allowSigning(roleOf(props, name));
  signingKeys.allowReadingCertificateEnds(roleOf(props, 'maintain'));
  setFor(props, ['jwt-bearer', 'refresh', 'maintain'], 'SIGNING_KEY_PREFIX', signingKeys.prefix);
}

function giveAlerts(props: PermissionsProps): void {
  const { alerts } = props;
  for (const name of ['refresh', 'maintain'] as const) alerts.allowPublishing(roleOf(props, name));
  setFor(props, ['refresh', 'maintain'], 'ALERT_TOPIC_ARN', alerts.topic.topicArn);
  if (alerts.chatTopic === undefined) return;
  setFor(props, ['refresh', 'maintain'], 'CHAT_TOPIC_ARN', alerts.chatTopic.topicArn);
}

const configurationAskers = ['connect', 'callback', 'jwt-bearer', 'connections', 'maintain'] as const;

function giveQueues(props: PermissionsProps): void {
  const { refreshQueue, configurationQueue } = props;
  refreshQueue.allowSending(roleOf(props, 'schedule-refreshes'));
  setFor(props, ['schedule-refreshes'], 'REFRESH_QUEUE_URL', refreshQueue.queue.queueUrl);
  refreshQueue.consumeWith(props.functions.get('refresh').function);
  for (const name of configurationAskers) configurationQueue.allowSending(roleOf(props, name));
  setFor(props, configurationAskers, 'CONFIGURATION_QUEUE_URL', configurationQueue.queue.queueUrl);
  configurationQueue.consumeWith(props.functions.get('configure').function);
}

/** Who invokes whom, and the variable by which it knows the other. */
const invocations = [
  ['token', 'refresh', 'REFRESH_FUNCTION_NAME'],
  ['connect', 'maintain', 'MAINTAIN_FUNCTION_NAME'],
  ['callback', 'maintain', 'MAINTAIN_FUNCTION_NAME'],
  ['configure', 'token', 'TOKEN_FUNCTION_NAME'],
  ['maintain', 'refresh', 'REFRESH_FUNCTION_NAME'],
] as const;

function giveInvocations(props: PermissionsProps): void {
  for (const [invoker, invoked, variable] of invocations) {
    const { functionArn, functionName } = props.functions.get(invoked).function;
    allowInvoking(roleOf(props, invoker), functionArn);
    setFor(props, [invoker], variable, functionName);
  }
  if (props.configurationFunction === undefined) return;
  // By ARN: it may be an alias or a version, and of another account.
  const { functionArn } = props.configurationFunction;
  allowInvoking(roleOf(props, 'configure'), functionArn);
  setFor(props, ['configure'], 'CONFIGURATION_FUNCTION_NAME', functionArn);
}

function allowInvoking(role: Role, functionArn: string): void {
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
}

function givePublicUrl(props: PermissionsProps): void {
  setFor(props, ['connect', 'callback'], 'PUBLIC_URL', props.publicUrl);
}

/** Those that hold a caller to its apps by `APP_CALLERS`, for their requests' paths do not name the app. */
export const limitedFunctions = ['connect', 'jwt-bearer', 'connections'] as const;

/** Late, so that grants given after the construct was made count. */
function giveAppCallers(props: PermissionsProps): void {
  const value = Lazy.uncachedString({ produce: () => props.grantees.toJson() });
  setFor(props, limitedFunctions, 'APP_CALLERS', value);
}

/** For `GET /health`: whoever runs the doctor must know which addresses to list. */
function giveEgressAddresses(props: PermissionsProps): void {
  if (props.egress === undefined) return;
  setFor(props, ['connections'], 'EGRESS_ADDRESSES', Fn.join(',', [...props.egress.addresses]));
}

function roleOf({ functions }: PermissionsProps, name: FunctionName): Role {
  return functions.get(name).role;
}

function setFor({ functions }: PermissionsProps, names: readonly FunctionName[], variable: string, value: string) {
  for (const name of names) functions.get(name).function.addEnvironment(variable, value);
}
