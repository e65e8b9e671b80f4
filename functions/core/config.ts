/**
 * The deployer's configuration: apps, return addresses, thresholds. Validated at synth and again at cold start; an
 * unknown key is refused with its path, for a misspelt safety setting must not pass as unset.
 */

import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { type Brand, brandProblems } from './brand.ts';
import type { Flow } from './connection.ts';
import { ConfigurationError, type ConfigurationProblem } from './errors.ts';
import { isLoopbackHost, loginOrigin } from './hosts.ts';
import { appPattern } from './ids.ts';

// Without a locale `zod/mini` says only "Invalid input".
z.config(en());

/** An OAuth client registered with Salesforce (external client app). */
export interface AppConfig {
  /** @default 'authorization_code' */
  readonly flow: Flow;
  /**
   * With flow `jwt_bearer`: where the key lies that signs assertions. `kms`: an asymmetric KMS key, whose private part
   * never leaves it; `pem`: a private key in Secrets Manager. @default 'kms'
   */
  readonly signingKey: 'kms' | 'pem';
  /**
   * With flow `jwt_bearer`: whom assertions are meant for: the login host, a My Domain or an Experience Cloud site's URL.
   * @default loginUrl
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
   * @default true
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
   * @default 'secret'
   */
  readonly clientAuthentication: 'secret' | 'none';
  /** An origin, e.g. `https://login.salesforce.com` or a My Domain. @default 'https://login.salesforce.com' */
  readonly loginUrl: string;
  /**
   * With purpose `api` they must hold `refresh_token` or `offline_access`, else there would be nothing to keep.
   * @default ['api', 'refresh_token'], with purpose `sign_in` ['id']
   */
  readonly scopes: readonly string[];
  /** Where a browser may be sent back to: matched by origin and path, query free. `http` on loopback only. */
  readonly returnTo: readonly string[];
  /**
   * The app's refresh token policy in Salesforce, where it ends a token that was not used for so long; fractions are
   * hours (0.5: twelve of them). Idle connections are refreshed at half of it if that is sooner than once a day; two
   * days or more change nothing there. @default no limit
   */
  readonly idleLimitDays?: number;
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
  /** Messages in a dead-letter queue at which its alarm goes off. @default 1 */
  readonly deadLetterMessages: number;
}

/** As written by the deployer: what has a default may be left out. */
export interface GrantkeeperConfigInput {
  readonly apps: Readonly<Record<string, Partial<AppConfig> & Pick<AppConfig, 'clientId'>>>;
  readonly publicUrl?: string;
  readonly salesforceOrigin?: string;
  readonly loopbackReturnTo?: boolean;
  readonly brand?: Brand;
  readonly thresholds?: Partial<Thresholds>;
}

export const defaultLoginUrl = 'https://login.salesforce.com';
export const defaultScopes: readonly string[] = ['api', 'refresh_token'];
/** The identity URL, and nothing else. */
export const defaultSignInScopes: readonly string[] = ['id'];

/** How long a refresh token of this app may idle; `undefined`: no limit is known. */
export function idleLimitMsOf(app: Pick<AppConfig, 'idleLimitDays'> | undefined): number | undefined {
  return app?.idleLimitDays === undefined ? undefined : app.idleLimitDays * 24 * 3_600_000;
}

/** Types a configuration file; `parseConfig` judges it. */
export function defineConfig(config: GrantkeeperConfigInput): GrantkeeperConfigInput {
  return config;
}

const text = (pattern: RegExp, message: string) => z.string().check(z.regex(pattern, message));

const appSchema = z.strictObject({
  flow: z._default(z.enum(['authorization_code', 'jwt_bearer', 'client_credentials']), 'authorization_code'),
  signingKey: z._default(z.enum(['kms', 'pem']), 'kms'),
  audience: z.optional(z.string()),
  loginsPerHour: z._default(z.int().check(z.minimum(10), z.maximum(3_600)), 3_600),
  clientId: text(/^[\x21-\x7e]{1,256}$/, 'must be a consumer key: 1 to 256 printable characters, no spaces'),
  clientAuthentication: z._default(z.enum(['secret', 'none']), 'secret'),
  loginUrl: z._default(z.string(), defaultLoginUrl),
  purpose: z._default(z.enum(['api', 'sign_in']), 'api'),
  claim: z._default(z.boolean(), true),
  grantLimit: z._default(z.int().check(z.minimum(2), z.maximum(5)), 5),
  salesforceName: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
  scopes: z.optional(
    z
      .array(text(/^[a-z0-9_]{1,64}$/, 'must be a scope of Salesforce, such as api or refresh_token'))
      .check(z.minLength(1), z.maxLength(32)),
  ),
  returnTo: z._default(z.array(z.string()).check(z.maxLength(100)), []),
  // An hour is the shortest that Salesforce offers.
  idleLimitDays: z.optional(z.number().check(z.minimum(1 / 24), z.maximum(3650))),
});

const defaultThresholds: Thresholds = { apiRequestsPerSecond: 100, apiBurst: 200, deadLetterMessages: 1 };

const count = z.int().check(z.minimum(1), z.maximum(10_000));

const thresholdsSchema = z.strictObject({
  apiRequestsPerSecond: z._default(count, defaultThresholds.apiRequestsPerSecond),
  apiBurst: z._default(count, defaultThresholds.apiBurst),
  deadLetterMessages: z._default(count, defaultThresholds.deadLetterMessages),
});

const color = text(/^#[0-9a-f]{6}$/i, 'must be a colour as #rrggbb');

const brandSchema = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(60)),
  color: z.optional(color),
  colorDark: z.optional(color),
  contact: z.optional(z.string().check(z.minLength(1), z.maxLength(120))),
});

const configSchema = z.strictObject({
  apps: z.record(text(appPattern, 'app names match [a-z][a-z0-9-]{0,30}'), appSchema),
  publicUrl: z.optional(z.string()),
  salesforceOrigin: z.optional(z.string()),
  loopbackReturnTo: z._default(z.boolean(), false),
  brand: z.optional(brandSchema),
  thresholds: z._default(thresholdsSchema, defaultThresholds),
});

/**
 * Judges a configuration and fills in its defaults.
 *
 * @param source named in the error, e.g. `grantkeeper.config.ts`
 * @throws ConfigurationError naming each path that is wrong and why
 */
export function parseConfig(input: unknown, source: string): GrantkeeperConfig {
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) throw new ConfigurationError(source, parsed.error.issues.map(problemOf));
  const apps = Object.entries(parsed.data.apps).map(([name, app]) => [name, withScopes(app)]);
  const config: GrantkeeperConfig = { ...parsed.data, apps: Object.fromEntries(apps) };
  const problems = [
    ...originProblems(config),
    ...brandProblems(config.brand),
    ...Object.entries(config.apps).flatMap(appProblems(config)),
  ];
  if (Object.keys(config.apps).length === 0) {
    problems.push({ path: 'apps', message: 'must name at least one app' });
  }
  if (problems.length > 0) throw new ConfigurationError(source, problems);
  return config;
}

function withScopes(app: z.infer<typeof appSchema>): AppConfig {
  return { ...app, scopes: app.scopes ?? (app.purpose === 'sign_in' ? defaultSignInScopes : defaultScopes) };
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

function secureOrLoopback(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

const appProblems =
  (config: GrantkeeperConfig) =>
  ([name, app]: [string, AppConfig]): ConfigurationProblem[] => {
    const path = `apps.${name}`;
    const problems: ConfigurationProblem[] = [];
    if (loginOrigin(app.loginUrl, config.salesforceOrigin) !== app.loginUrl) {
      problems.push({ path: `${path}.loginUrl`, message: loginUrlMessage(app.loginUrl) });
    }
    const message = scopesMessage(app);
    if (message !== undefined) problems.push({ path: `${path}.scopes`, message });
    app.returnTo.forEach((address, index) => {
      const message = returnToMessage(address);
      if (message !== undefined) problems.push({ path: `${path}.returnTo.${index}`, message });
    });
    return problems;
  };

function scopesMessage({ purpose, scopes }: AppConfig): string | undefined {
  const keeping = scopes.filter((scope) => scope === 'refresh_token' || scope === 'offline_access');
  if (purpose === 'sign_in' && keeping.length > 0) {
    return `must not hold ${keeping.join(' or ')}: an app with purpose sign_in keeps no token, and each would spend one of the user's grants; use a second app with purpose api`;
  }
  if (purpose === 'api' && keeping.length === 0) {
    return `must hold refresh_token or offline_access, else no token could be kept; got ${scopes.join(' ')}`;
  }
  return undefined;
}

function loginUrlMessage(value: string): string {
  return `must be an https origin of Salesforce, such as ${defaultLoginUrl} or https://example.my.salesforce.com, without a path or a slash at the end; got ${value}`;
}

function returnToMessage(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null) return `must be an absolute URL; got ${address}`;
  if (!secureOrLoopback(url)) return `must be https (http only on loopback); got ${address}`;
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    return `must have no query, fragment or user: it is matched by origin and path; got ${url.origin}${url.pathname}`;
  }
  return undefined;
}
