/**
 * Grantkeeper as a construct: one `new` with a configuration puts the whole keeper of Salesforce grants into a stack.
 *
 * It only joins the parts; each part's file says what it is for. No business logic here or below.
 */
import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type GrantkeeperConfigInput, parseConfig } from '../functions/core/config.ts';
import { type Capability, callbackPath, capabilities } from '../functions/core/routes.ts';
import { type AdoptProps, adoptableOf, requireAdoptable, warnOfLifeboat } from './adopt.ts';
import { Alerts, type AlertsOptions } from './alerts.ts';
import type { ApiDomainProps } from './api-domain.ts';
import { warnOfClaims } from './claim-warning.ts';
import { ClientSecrets } from './client-secrets.ts';
import type { ReservedConcurrency } from './concurrency.ts';
import { ConfigurationQueue } from './configuration-queue.ts';
import { DataKey } from './data-key.ts';
import { Egress, type EgressProps } from './egress.ts';
import { Functions, functionShapes } from './functions.ts';
import { Grantees } from './grantees.ts';
import { HttpApi } from './http-api.ts';
import { LifeboatBucket } from './lifeboat-bucket.ts';
import { MinuteSchedule } from './minute-schedule.ts';
import { requireOneToAStack } from './one-to-a-stack.ts';
import { givePermissions, limitedFunctions } from './permissions.ts';
import { requirePropKinds } from './prop-kinds.ts';
import { requirePublicAddress } from './public-address.ts';
import { RefreshQueue } from './refresh-queue.ts';
import { reservedConcurrencyOf } from './reserved-concurrency.ts';
import { SigningKeys } from './signing-keys.ts';
import { StorageKey } from './storage-key.ts';
import { GrantTable } from './table.ts';
import type { Throttles } from './throttles.ts';
import { addAlarms, addDashboard } from './watching.ts';

export interface GrantkeeperProps {
  /** Apps, return addresses and thresholds: `functions/core/config.ts`. Judged here; a mistake names its path. */
  readonly config: GrantkeeperConfigInput;
  /**
   * The host name under which browsers and services reach the HTTP API; API Gateway's own is closed then. The callback URL
   * is made of it. With `config.publicUrl` besides, browsers are sent to that one: a proxy's, before this name.
   *
   * @default - none: `config.publicUrl` or `allowExecuteApiUrl` is needed
   */
  readonly domainName?: ApiDomainProps;
  /**
   * Take API Gateway's own address for the callback URL. It ends with the stack, and every external client app that names
   * it must then be changed by hand: for trials.
   *
   * @default false
   */
  readonly allowExecuteApiUrl?: boolean;
  /**
   * Keep table, lifeboat, keys, client secrets and logs when the stack is deleted, and protect the table from deletion. Without
   * them every customer must authorize again: `false` is for tests.
   *
   * @default true
   */
  readonly retain?: boolean;
  /**
   * Take up table, keys, lifeboat and secrets that are there already: of a stack that went, or a restored table. Output
   * `Adopt` of the earlier stack is the value. Their settings and policies stay the deployer's (docs/deploying.md).
   *
   * @default - all are made
   */
  readonly adopt?: AdoptProps;
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
   * Requests a second by kind of route. Each route has a limit of its own; of those that are left out it is
   * `config.thresholds.apiRequestsPerSecond` and `apiBurst`.
   *
   * @default - the same for every route
   */
  readonly throttles?: Throttles;
  /**
   * `'reserved'`: keep concurrency free for callbacks, refreshes and what goes with them, so that no flood of reads starves
   * them (`concurrency.ts`: 202 in all, for which the account needs a quota of 302 at least). Recommended in production.
   *
   * @default 'shared'
   */
  readonly concurrency?: 'shared' | 'reserved';
  /**
   * Concurrency reserved for single functions: what it may use of the account's at most, and what is kept free for it.
   * Before what `concurrency` reserves.
   *
   * @default - what `concurrency` says
   */
  readonly reservedConcurrency?: ReservedConcurrency;
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
   * Have every Lambda that calls Salesforce, and no other, leave by addresses that do not change (output
   * `EgressAddresses`), for customers' allowlists: Salesforce asks partner apps in more than two customers' orgs for one.
   * `{}` makes a VPC for it; or name your own, and its addresses. Costs about 150 USD a month in us-east-1 for two zones,
   * used or not (2 NAT gateways 66, their addresses 7, 5 interface endpoints in 2 zones 73), and what goes through.
   *
   * @default - none: the functions stand in no VPC, and leave by any address of the region's
   */
  readonly egress?: EgressProps;
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
  /** The HTTP API's own origin: of `domainName`, or API Gateway's. */
  readonly apiUrl: string;
  /** With `domainName` and no hosted zone: what the name's record must point at. */
  readonly domainTarget: string | undefined;
  /** Every alert goes here. */
  readonly alertTopic: ITopic;
  /** Where there is one. */
  readonly dashboardName?: string;
  readonly table: ITable;
  /** What a new stack's prop `adopt` would take up of this one, as JSON. */
  readonly adoptable: string;
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
  /** With `egress`: the addresses (or ranges) by which the functions leave. */
  readonly egressAddresses: readonly string[] | undefined;
  private readonly httpApi: HttpApi;
  private readonly functions: Functions;
  private readonly grantees: Grantees;
  private readonly apps: readonly string[];

  /** @throws ConfigurationError naming each path of `config` that is wrong */
  constructor(scope: Construct, id: string, props: GrantkeeperProps) {
    super(scope, id);
    requireOneToAStack(this);
    requirePropKinds(props);
    const config = parseConfig(props.config, 'config');
    const { adopt = {} } = props;
    requireAdoptable(adopt, Stack.of(this));
    warnOfLifeboat(this, adopt);
    requirePublicAddress(props, config.publicUrl);
    const { apiRequestsPerSecond, apiBurst, deadLetterMessages } = config.thresholds;
    const { retain, logRetention, configurationFunction } = props;
    const reservedConcurrency = reservedConcurrencyOf(props.concurrency ?? 'shared', props.reservedConcurrency);

    const storageKey = new StorageKey(this, 'StorageKey', { retain, adopted: adopt.storageKeyArn });
    const dataKey = new DataKey(this, 'DataKey', { retain, adopted: adopt.dataKeyArn });
    const table = new GrantTable(this, 'Table', { storageKey, retain, adopted: adopt.tableName });
    const lifeboat = new LifeboatBucket(this, 'Lifeboat', { retain, adopted: adopt.lifeboatBucketName });
    const alerts = new Alerts(this, 'Alerts', { ...props.alerts, storageKey, apps: Object.keys(config.apps) });
    const prefix = props.clientSecretPrefix ?? `${Stack.of(this).stackName}/`;
    const forApps = { apps: config.apps, storageKey, prefix, retain };
    const clientSecrets = new ClientSecrets(this, 'ClientSecrets', { ...forApps, adopted: adopt.clientSecretArns });
    const signingKeys = new SigningKeys(this, 'SigningKeys', { ...forApps, adopted: adopt.signingKeySecretArns });
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
      throttles: props.throttles,
      domain: props.domainName,
      logRetention,
      retain,
    });
    const publicUrl = config.publicUrl ?? this.httpApi.endpoint;
    this.grantees = new Grantees(this);
    const network = { table, lifeboat, storageKey, logRetention, retain };
    const egress =
      props.egress === undefined ? undefined : new Egress(this, 'Egress', { ...network, egress: props.egress });
    this.functions = new Functions(this, 'Functions', {
      config,
      storageKey,
      egress,
      reservedConcurrency,
      logRetention,
      retain,
    });
    const parts = { table, lifeboat, dataKey, clientSecrets, signingKeys, refreshQueue, configurationQueue, alerts };
    const { functions, grantees } = this;
    givePermissions({ ...parts, functions, grantees, configurationFunction, publicUrl, egress });
    this.httpApi.addRoutesTo(functions);
    for (const name of ['schedule-refreshes', 'maintain'] as const) {
      new MinuteSchedule(this, `${name}-each-minute`, {
        function: functions.get(name).function,
        description: `Grantkeeper: ${functionShapes[name].description}`,
      });
    }

    const watched = { functions, table: table.table, refreshQueue, configurationQueue, alerts };
    const alarms = addAlarms(this, { ...watched, deadLetterMessages });
    if (props.dashboard ?? true) {
      this.dashboardName = addDashboard(this, { ...watched, alarms, apiId: this.httpApi.api.apiId });
    }

    this.apps = Object.keys(config.apps);
    warnOfClaims(this, config);
    this.callbackUrl = `${publicUrl}${callbackPath}`;
    this.apiUrl = this.httpApi.endpoint;
    this.domainTarget = this.httpApi.domain?.target;
    this.alertTopic = alerts.topic;
    this.egressAddresses = egress?.addresses;
    this.table = table.table;
    this.adoptable = adoptableOf(this, { table, storageKey, dataKey, lifeboat, clientSecrets, signingKeys });
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
