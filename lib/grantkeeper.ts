/**
 * Grantkeeper as a construct: one `new` with a configuration puts the whole keeper of Salesforce grants into a stack.
 *
 * It only joins the parts; each part's file says what it is for. No business logic here or below.
 */
import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type GrantkeeperConfigInput, parseConfig } from '../functions/core/config.ts';
import { callbackPath, type FunctionName } from '../functions/core/routes.ts';
import { Alerts } from './alerts.ts';
import { ClientSecrets } from './client-secrets.ts';
import { DataKey } from './data-key.ts';
import { DeadLetterAlarm } from './dead-letter-alarm.ts';
import { Functions, functionShapes } from './functions.ts';
import { HttpApi } from './http-api.ts';
import { LifeboatBucket } from './lifeboat-bucket.ts';
import { MinuteSchedule } from './minute-schedule.ts';
import { givePermissions } from './permissions.ts';
import { RefreshQueue } from './refresh-queue.ts';
import { StorageKey } from './storage-key.ts';
import { GrantTable } from './table.ts';

export interface GrantkeeperProps {
  /** Apps, return addresses and thresholds: `functions/core/config.ts`. Judged here; a mistake names its path. */
  readonly config: GrantkeeperConfigInput;
  /**
   * Keep table, lifeboat, keys, client secrets and logs when the stack is deleted, and protect the table from deletion. Without
   * them every customer must authorize again: `false` is for tests.
   *
   * @default true
   */
  readonly retain?: boolean;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /**
   * Begins the names of the client secrets: `<prefix><app>/client-secret`.
   *
   * @default - the stack's name and a slash
   */
  readonly clientSecretPrefix?: string;
  /**
   * Concurrency reserved for single functions: what it may use of the account's at most, and what is kept free for it.
   *
   * @default - none is reserved
   */
  readonly reservedConcurrency?: Readonly<Partial<Record<FunctionName, number>>>;
}

export class Grantkeeper extends Construct {
  /** Register it at Salesforce as the app's callback URL. */
  readonly callbackUrl: string;
  /** The HTTP API's own origin. */
  readonly apiUrl: string;
  /** Every alert goes here. */
  readonly alertTopic: ITopic;
  readonly table: ITable;
  /** By app; those with `clientAuthentication: 'secret'` only. */
  readonly clientSecrets: ReadonlyMap<string, ISecret>;
  /** By app, as the command that sets them wants them. */
  readonly clientSecretNames: ReadonlyMap<string, string>;
  private readonly httpApi: HttpApi;

  /** @throws ConfigurationError naming each path of `config` that is wrong */
  constructor(scope: Construct, id: string, props: GrantkeeperProps) {
    super(scope, id);
    const config = parseConfig(props.config, 'config');
    const { apiRequestsPerSecond, apiBurst, deadLetterMessages } = config.thresholds;
    const { retain, logRetention, reservedConcurrency } = props;

    const storageKey = new StorageKey(this, 'StorageKey', { retain });
    const dataKey = new DataKey(this, 'DataKey', { retain });
    const table = new GrantTable(this, 'Table', { storageKey, retain });
    const lifeboat = new LifeboatBucket(this, 'Lifeboat', { retain });
    const alerts = new Alerts(this, 'Alerts', { storageKey });
    const clientSecrets = new ClientSecrets(this, 'ClientSecrets', {
      apps: config.apps,
      storageKey,
      prefix: props.clientSecretPrefix ?? `${Stack.of(this).stackName}/`,
      retain,
    });
    const workerTimeout = functionShapes.refresh.timeout;
    const refreshQueue = new RefreshQueue(this, 'RefreshQueue', { storageKey, workerTimeout });
    new DeadLetterAlarm(this, 'DeadLetterAlarm', {
      deadLetterQueue: refreshQueue.deadLetterQueue,
      topic: alerts.topic,
      deadLetterMessages,
    });
    this.httpApi = new HttpApi(this, 'HttpApi', {
      storageKey,
      requestsPerSecond: apiRequestsPerSecond,
      burst: apiBurst,
      logRetention,
      retain,
    });
    const publicUrl = config.publicUrl ?? this.httpApi.endpoint;
    const functions = new Functions(this, 'Functions', {
      config,
      storageKey,
      reservedConcurrency,
      logRetention,
      retain,
    });
    givePermissions({ functions, table, lifeboat, dataKey, clientSecrets, refreshQueue, alerts, publicUrl });
    this.httpApi.addRoutesTo(functions);
    for (const name of ['schedule-refreshes', 'maintain'] as const) {
      new MinuteSchedule(this, `${name}-each-minute`, {
        function: functions.get(name).function,
        description: `Grantkeeper: ${functionShapes[name].description}`,
      });
    }

    this.callbackUrl = `${publicUrl}${callbackPath}`;
    this.apiUrl = this.httpApi.endpoint;
    this.alertTopic = alerts.topic;
    this.table = table.table;
    this.clientSecrets = clientSecrets.secrets;
    this.clientSecretNames = clientSecrets.names;
  }

  /** Lets `grantee`, a service of the deployer's, call the service routes. */
  grantCallApi(grantee: IGrantable): void {
    this.httpApi.allowCalling(grantee);
  }
}
