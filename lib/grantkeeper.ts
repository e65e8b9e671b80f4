/**
 * Grantkeeper as a construct: one `new` with a configuration puts the whole keeper of Salesforce grants into a stack.
 *
 * It only joins the parts; each part's file says what it is for. No business logic here or below.
 */
import { Annotations, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type GrantkeeperConfig, type GrantkeeperConfigInput, parseConfig } from '../functions/core/config.ts';
import { type Capability, callbackPath, capabilities, type FunctionName } from '../functions/core/routes.ts';
import { Alarms } from './alarms.ts';
import { Alerts, type AlertsOptions } from './alerts.ts';
import { ClientSecrets } from './client-secrets.ts';
import { ConfigurationQueue } from './configuration-queue.ts';
import { Dashboard } from './dashboard.ts';
import { DataKey } from './data-key.ts';
import { addDeadLetterAlarms } from './dead-letter-alarms.ts';
import { FunctionAlarms } from './function-alarms.ts';
import { Functions, functionShapes } from './functions.ts';
import { Grantees } from './grantees.ts';
import { HttpApi } from './http-api.ts';
import { LifeboatBucket } from './lifeboat-bucket.ts';
import { MinuteSchedule } from './minute-schedule.ts';
import { givePermissions, limitedFunctions } from './permissions.ts';
import { RefreshQueue } from './refresh-queue.ts';
import { SigningKeys } from './signing-keys.ts';
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
   * Begins the names of the client secrets, `<prefix><app>/client-secret`, and of the signing keys: the KMS aliases
   * `alias/<prefix><app>/signing-1` and `-2`, or the secret `<prefix><app>/signing-key`.
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
  /**
   * Your own step after a link: creates webhooks, say, or reads the org's fields. It is invoked with
   * `{connection_id, tenant, integration, configuration, configuration_version}`, waited for at most 4 minutes, and run
   * *at least once* for each version: make it safe to repeat. It gets no token; it reads one as any service does
   * (`grantRead`). Where it throws, the integration becomes `configuration_failed` with its message (300 characters,
   * what looks like a secret taken out), and it is tried again, three times in all; its outcome never touches tokens.
   *
   * A function of another account must let the role of `configure` in by its own policy.
   *
   * @default - none: an integration is configured once the built-in step found its user active
   */
  readonly configurationFunction?: IFunction;
  /**
   * Who hears of alerts: `emails`, `https`, `queues`, a `slack` channel, and a `filter`. What arrives and how to read it:
   * `docs/alerts.md`. Whoever wants something else subscribes to `alertTopic`.
   *
   * @default - nobody but those who subscribe to `alertTopic`
   */
  readonly alerts?: AlertsOptions;
  /** A dashboard in CloudWatch, read from top to bottom as an incident is worked. @default true */
  readonly dashboard?: boolean;
}

export class Grantkeeper extends Construct {
  /** Register it at Salesforce as the app's callback URL. */
  readonly callbackUrl: string;
  /** The HTTP API's own origin. */
  readonly apiUrl: string;
  /** Every alert goes here. */
  readonly alertTopic: ITopic;
  /** Where there is one. */
  readonly dashboardName?: string;
  readonly table: ITable;
  /** By app; those with `clientAuthentication: 'secret'` only. */
  readonly clientSecrets: ReadonlyMap<string, ISecret>;
  /** By app, as the command that sets them wants them. */
  readonly clientSecretNames: ReadonlyMap<string, string>;
  /** By app with flow `jwt_bearer`: the command that makes its signing key and the certificate to upload. */
  readonly signingKeyCommands: ReadonlyMap<string, string>;
  /**
   * Makes connections without a browser: what `POST /connections` calls. Invoked directly, by a schedule for instance, it
   * takes `{version: 1, kind: 'connect', …}` with the same fields. Whoever may invoke it may do so for every app.
   */
  readonly jwtBearerFunction: IFunction;
  private readonly httpApi: HttpApi;
  private readonly functions: Functions;
  private readonly grantees: Grantees;
  private readonly apps: readonly string[];

  /** @throws ConfigurationError naming each path of `config` that is wrong */
  constructor(scope: Construct, id: string, props: GrantkeeperProps) {
    super(scope, id);
    const config = parseConfig(props.config, 'config');
    const { apiRequestsPerSecond, apiBurst, deadLetterMessages } = config.thresholds;
    const { retain, logRetention, reservedConcurrency, configurationFunction } = props;

    const storageKey = new StorageKey(this, 'StorageKey', { retain });
    const dataKey = new DataKey(this, 'DataKey', { retain });
    const table = new GrantTable(this, 'Table', { storageKey, retain });
    const lifeboat = new LifeboatBucket(this, 'Lifeboat', { retain });
    const alerts = new Alerts(this, 'Alerts', { ...props.alerts, storageKey, apps: Object.keys(config.apps) });
    const prefix = props.clientSecretPrefix ?? `${Stack.of(this).stackName}/`;
    const clientSecrets = new ClientSecrets(this, 'ClientSecrets', { apps: config.apps, storageKey, prefix, retain });
    const signingKeys = new SigningKeys(this, 'SigningKeys', { apps: config.apps, storageKey, prefix, retain });
    const workerTimeout = functionShapes.refresh.timeout;
    const refreshQueue = new RefreshQueue(this, 'RefreshQueue', { storageKey, workerTimeout });
    const configurationQueue = new ConfigurationQueue(this, 'ConfigurationQueue', {
      storageKey,
      workerTimeout: functionShapes.configure.timeout,
    });
    this.httpApi = new HttpApi(this, 'HttpApi', {
      storageKey,
      requestsPerSecond: apiRequestsPerSecond,
      burst: apiBurst,
      logRetention,
      retain,
    });
    const publicUrl = config.publicUrl ?? this.httpApi.endpoint;
    this.grantees = new Grantees(this);
    this.functions = new Functions(this, 'Functions', {
      config,
      storageKey,
      reservedConcurrency,
      logRetention,
      retain,
    });
    const parts = { table, lifeboat, dataKey, clientSecrets, signingKeys, refreshQueue, configurationQueue, alerts };
    const { functions, grantees } = this;
    givePermissions({ ...parts, functions, grantees, configurationFunction, publicUrl });
    this.httpApi.addRoutesTo(functions);
    for (const name of ['schedule-refreshes', 'maintain'] as const) {
      new MinuteSchedule(this, `${name}-each-minute`, {
        function: functions.get(name).function,
        description: `Grantkeeper: ${functionShapes[name].description}`,
      });
    }

    const deadLetterQueues = [
      refreshQueue.deadLetterQueue,
      configurationQueue.deadLetterQueue,
      ...(alerts.deadLetterQueue === undefined ? [] : [alerts.deadLetterQueue]),
    ];
    const alarms = [
      ...new Alarms(this, 'Alarms', { alerts }).alarms,
      ...new FunctionAlarms(this, 'FunctionAlarms', { functions, alerts }).alarms,
      ...addDeadLetterAlarms(this, { refreshQueue, configurationQueue, alerts, deadLetterMessages }),
    ];
    if (props.dashboard ?? true) {
      const watched = {
        functions,
        table: table.table,
        refreshQueue: refreshQueue.queue,
        apiId: this.httpApi.api.apiId,
      };
      const { dashboard } = new Dashboard(this, 'Dashboard', { ...watched, alarms, deadLetterQueues });
      this.dashboardName = dashboard.dashboardName;
    }

    this.apps = Object.keys(config.apps);
    warnOfClaims(this, config);
    this.callbackUrl = `${publicUrl}${callbackPath}`;
    this.apiUrl = this.httpApi.endpoint;
    this.alertTopic = alerts.topic;
    this.table = table.table;
    this.clientSecrets = clientSecrets.secrets;
    this.clientSecretNames = clientSecrets.names;
    this.signingKeyCommands = signingKeys.commands;
    this.jwtBearerFunction = functions.get('jwt-bearer').function;
  }

  /** Lets `grantee`, a service of the deployer's, call every service route, for all apps. */
  grantCallApi(grantee: IGrantable): void {
    this.grant(grantee, capabilities);
  }

  /**
   * Lets `grantee` list and show connections and integrations, and read access tokens.
   *
   * @param app only of this app; the grantee must then be a role or a user. Grants add up. @default - all apps
   */
  grantRead(grantee: IGrantable, app?: string): void {
    this.grant(grantee, ['read'], app);
  }

  /**
   * Lets `grantee` begin, show and claim connect sessions, make connections without a browser, and set configurations.
   * It reads no token by that.
   *
   * @param app only of this app; the grantee must then be a role or a user. Grants add up. @default - all apps
   */
  grantConnect(grantee: IGrantable, app?: string): void {
    this.grant(grantee, ['connect'], app);
  }

  /**
   * What `grantRead` and `grantConnect` give, and to disconnect connections and unlink integrations.
   *
   * @param app only of this app; the grantee must then be a role or a user. Grants add up. @default - all apps
   */
  grantAdmin(grantee: IGrantable, app?: string): void {
    this.grant(grantee, ['read', 'connect', 'admin'], app);
  }

  private grant(grantee: IGrantable, granted: readonly Capability[], app?: string): void {
    if (app !== undefined && !this.apps.includes(app)) {
      throw new Error(`app must be one of the configuration's apps: ${this.apps.join(', ')}; got ${app}`);
    }
    this.grantees.add(grantee, granted, app);
    const policy = this.httpApi.allowCalling(grantee, granted, app);
    if (app === undefined) return;
    // The functions must know the limit before IAM lets the grantee in: until then it would have none.
    for (const name of limitedFunctions) {
      policy?.node.addDependency(this.functions.get(name).function.node.defaultChild as CfnFunction);
    }
  }
}

/** The claim goes back to the service in the query of `return_to`: without one it cannot be made, and nothing links. */
function warnOfClaims(scope: Construct, { apps, loopbackReturnTo }: GrantkeeperConfig): void {
  if (loopbackReturnTo) return;
  for (const [name, { flow, claim, returnTo }] of Object.entries(apps)) {
    if (flow !== 'authorization_code' || !claim || returnTo.length > 0) continue;
    Annotations.of(scope).addWarningV2(
      `grantkeeper:claim-without-return-to:${name}`,
      `apps.${name} has claim and no returnTo: the claim goes back with return_to, so no session of this app can be ` +
        'claimed, and none will link. Add an address to returnTo, or set claim: false and read in config.ts what that costs.',
    );
  }
}
