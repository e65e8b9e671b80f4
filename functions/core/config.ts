/**
 * The deployer's configuration: apps, return addresses, thresholds. Judged at synth and again at cold start, by its form
 * (`config-schema.ts`) and by what must fit together (`config-app-rules.ts`).
 */

import type * as z from 'zod/mini';
import { type Brand, brandProblems } from './brand.ts';
import { appProblems, secureOrLoopback } from './config-app-rules.ts';
import { configSchema, withDefaults } from './config-schema.ts';
import type { Flow } from './connection.ts';
import { ConfigurationError, type ConfigurationProblem } from './errors.ts';

/** An OAuth client registered with Salesforce (external client app). */
export interface AppConfig {
  /**
   * How tokens are got. `authorization_code`: a user authorizes in a browser. `jwt_bearer`: an assertion for a user whom
   * an administrator pre-authorized. `client_credentials`: the app itself, as the one user that an administrator chose.
   * Settings without effect in a flow are refused. @default 'authorization_code'
   */
  readonly flow: Flow;
  /**
   * With flow `jwt_bearer`: where the key lies that signs assertions. `kms`: an asymmetric KMS key, whose private part
   * never leaves it; `pem`: a private key in Secrets Manager. @default 'kms'
   */
  readonly signingKey: 'kms' | 'pem';
  /**
   * With flow `jwt_bearer`: whom assertions are meant for: a login host, a My Domain or an Experience Cloud site's URL,
   * written without a slash at the end. Where it does not fit another login host that a request names, that host itself
   * is meant. @default loginUrl
   */
  readonly audience?: string;
  /**
   * With flows without a browser: logins of one user that Salesforce takes in an hour; refreshes slow down before. Lower it
   * where other programs log in as the same users. @default 3600
   */
  readonly loginsPerHour: number;
  /**
   * `api` keeps tokens and hands out access tokens. `sign_in` learns who the user is and keeps none: its scopes must
   * not hold `refresh_token` or `offline_access`.
   * @default 'api'
   */
  readonly purpose: 'api' | 'sign_in';
  /**
   * Link (or show the identity) only once the service has claimed the session: it says that the signed-in user who began
   * it is the one who came back. Without it, whoever mails a connect link to a victim gets the victim's org.
   * @default true; false with flows without a browser, where nobody comes back
   */
  readonly claim: boolean;
  /**
   * Grants that a user may have of this app at Salesforce before one more would evict one: 5 as documented, 4 to be safe,
   * for a web session is reported to count as one.
   * @default 5
   */
  readonly grantLimit: number;
  /**
   * The app's name as Salesforce lists it (Setup, OAuth Usage): the grants that we hold are then compared with those that
   * Salesforce lists, where the user may query them. @default not compared
   */
  readonly salesforceName?: string;
  /** The consumer key. */
  readonly clientId: string;
  /**
   * `secret`: the client secret is kept in Secrets Manager and sent in the body. `none`: a public client, sends none.
   * @default 'secret', with flow `jwt_bearer` 'none'
   */
  readonly clientAuthentication: 'secret' | 'none';
  /**
   * An origin, e.g. `https://login.salesforce.com` or a My Domain; with flow `client_credentials` a My Domain.
   * @default 'https://login.salesforce.com'
   */
  readonly loginUrl: string;
  /**
   * With purpose `api` they must hold `refresh_token` or `offline_access`, else there would be nothing to keep. Flows
   * without a browser send none: Salesforce gives the app's own.
   * @default ['api', 'refresh_token'], with purpose `sign_in` ['id'], with flows without a browser []
   */
  readonly scopes: readonly string[];
  /** Where a browser may be sent back to: matched by origin and path, query free. `http` on loopback only. */
  readonly returnTo: readonly string[];
  /**
   * The app's refresh token policy in Salesforce, where it ends a token that was not used for so long; fractions are
   * hours (0.5: twelve of them). Idle connections are refreshed at half of it if that is sooner than once a day; two
   * days or more change nothing there. A connection whose refreshes fail is warned of 48 hours before it, of a limit under
   * eight days a quarter. @default no limit
   */
  readonly idleLimitDays?: number;
  /**
   * The app's refresh token policy in Salesforce, where it ends a token so long after the authorization however much it is
   * used: warned of as above. @default no limit
   */
  readonly lifetimeLimitDays?: number;
  /** A client secret that was not changed for so long is warned of, 48 hours before. @default 365 */
  readonly clientSecretMaxAgeDays: number;
  /** Thresholds of this app, in place of `thresholds.spike`. @default none */
  readonly spike?: Partial<SpikeThresholds>;
}

export interface GrantkeeperConfig {
  readonly apps: Readonly<Record<string, AppConfig>>;
  /**
   * The origin under which browsers reach the HTTP API, e.g. `https://grants.example.com`; its `/oauth/callback` is the
   * callback URL to register. @default the HTTP API's own endpoint
   */
  readonly publicUrl?: string;
  /** One origin besides Salesforce's own hosts (a simulator, a proxy). Plain `http` on loopback only. */
  readonly salesforceOrigin?: string;
  /** Every `return_to` on loopback is taken; for the local stack. @default false */
  readonly loopbackReturnTo: boolean;
  /** Name and colours of the pages that a customer sees. @default none of yours */
  readonly brand?: Brand;
  readonly thresholds: Thresholds;
}

export interface Thresholds {
  /** Steady rate of the HTTP API, in requests a second. @default 100 */
  readonly apiRequestsPerSecond: number;
  /** Requests taken at once above it. @default 200 */
  readonly apiBurst: number;
  /**
   * Readers of one org whose tokens ended, and who may wait for refreshes at once, each in an instance of `token`: who
   * comes then is told `refresh_pending` at once. Fewer where the account's concurrency is small (docs/deploying.md).
   *
   * @default 200
   */
  readonly waitingReaders: number;
  /** Messages in a dead-letter queue at which its alarm goes off. @default 1 */
  readonly deadLetterMessages: number;
  readonly spike: SpikeThresholds;
  readonly fleet: FleetThresholds;
}

/** When an org's failures are an incident: all in one window, of connections tried in it. */
export interface SpikeThresholds {
  /** @default 15 */
  readonly windowMinutes: number;
  /** Connections that fail newly. @default 3 */
  readonly minimumConnections: number;
  /** Of those tried. @default 0.2 */
  readonly minimumShare: number;
  /** Without a new failure for so long, it is over. @default 15 */
  readonly holdMinutes: number;
}

/** When the orgs of one app fail together; window and hold are the app's `spike`. */
export interface FleetThresholds {
  /** @default 5 */
  readonly minimumOrgs: number;
  /** Of the orgs tried. @default 0.2 */
  readonly minimumShare: number;
}

/** As written by the deployer: what has a default may be left out. */
export interface GrantkeeperConfigInput {
  readonly apps: Readonly<Record<string, Partial<AppConfig> & Pick<AppConfig, 'clientId'>>>;
  readonly publicUrl?: string;
  readonly salesforceOrigin?: string;
  readonly loopbackReturnTo?: boolean;
  readonly brand?: Brand;
  readonly thresholds?: Partial<Omit<Thresholds, 'spike' | 'fleet'>> & {
    readonly spike?: Partial<SpikeThresholds>;
    readonly fleet?: Partial<FleetThresholds>;
  };
}

export function spikeThresholdsOf({ apps, thresholds }: GrantkeeperConfig, app: string): SpikeThresholds {
  const own = Object.hasOwn(apps, app) ? apps[app]?.spike : undefined;
  // A key that is there and undefined is left out, too.
  return {
    windowMinutes: own?.windowMinutes ?? thresholds.spike.windowMinutes,
    minimumConnections: own?.minimumConnections ?? thresholds.spike.minimumConnections,
    minimumShare: own?.minimumShare ?? thresholds.spike.minimumShare,
    holdMinutes: own?.holdMinutes ?? thresholds.spike.holdMinutes,
  };
}

/** How long a refresh token of this app may idle; `undefined`: no limit is known. */
export function idleLimitMsOf(app: Pick<AppConfig, 'idleLimitDays'> | undefined): number | undefined {
  return app?.idleLimitDays === undefined ? undefined : app.idleLimitDays * 24 * 3_600_000;
}

/** Types a configuration file; `parseConfig` judges it. */
export function defineConfig(config: GrantkeeperConfigInput): GrantkeeperConfigInput {
  return config;
}

/**
 * Judges a configuration and fills in its defaults.
 *
 * @param source named in the error, e.g. `grantkeeper.config.ts`
 * @throws ConfigurationError naming each path that is wrong and why
 */
export function parseConfig(input: unknown, source: string): GrantkeeperConfig {
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) throw new ConfigurationError(source, parsed.error.issues.map(problemOf));
  const apps = Object.entries(parsed.data.apps).map(([name, app]) => [name, withDefaults(app)]);
  const config: GrantkeeperConfig = { ...parsed.data, apps: Object.fromEntries(apps) };
  const problems = [
    ...originProblems(config),
    ...brandProblems(config.brand),
    ...Object.entries(config.apps).flatMap(([name, app]) => appProblems(name, app, config.salesforceOrigin)),
  ];
  if (Object.keys(config.apps).length === 0) {
    problems.push({ path: 'apps', message: 'must name at least one app' });
  }
  if (problems.length > 0) throw new ConfigurationError(source, problems);
  return config;
}

function problemOf(issue: z.core.$ZodIssue): ConfigurationProblem {
  const path = issue.path.map(String).join('.') || '(root)';
  if (issue.code === 'unrecognized_keys') {
    return { path, message: `unknown ${issue.keys.length > 1 ? 'keys' : 'key'} ${issue.keys.join(', ')}` };
  }
  if (issue.code === 'invalid_key') {
    return { path, message: issue.issues.map((inner) => inner.message).join('; ') };
  }
  return { path, message: issue.message };
}

function originProblems({ publicUrl, salesforceOrigin }: GrantkeeperConfig): ConfigurationProblem[] {
  return [
    ...(publicUrl === undefined ? [] : originProblem('publicUrl', publicUrl)),
    ...(salesforceOrigin === undefined ? [] : originProblem('salesforceOrigin', salesforceOrigin)),
  ];
}

function originProblem(path: string, value: string): ConfigurationProblem[] {
  const url = URL.parse(value);
  if (url === null || url.origin !== value) {
    return [{ path, message: `must be an origin such as https://host.example, without a path; got ${value}` }];
  }
  return secureOrLoopback(url) ? [] : [{ path, message: `must be https (http only on loopback); got ${value}` }];
}
