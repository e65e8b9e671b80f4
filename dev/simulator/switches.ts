/**
 * What the simulated Salesforce can be told to do otherwise: its limits, and what it does wrong.
 *
 * Where a fact is uncertain (salesforce-oauth.md, marks Q, R and U) a switch lets the simulator act both ways. Tests
 * set a property; the console sends a JSON object to be merged, which is checked here.
 */
import * as z from 'zod';

export interface Switches {
  /** Live grants per user and app. A web session seems to count as one, hence 4. @default 5 */
  grantLimit: 4 | 5;
  /** Whom one grant more evicts; the documentation says both. @default 'oldest' */
  eviction: 'oldest' | 'lru';
  /** Each refresh answers a new refresh token, and the old one dies. @default false */
  rotation: boolean;
  /** What using a rotated-out token does: end the grant, or only refuse. @default 'kill' */
  replay: 'kill' | 'reject';
  /** What the app's refresh token policy is: judged only when a refresh token is used. `zero` ends it then. @default 'until_revoked' */
  refreshTokenPolicy: 'until_revoked' | 'zero';
  /** A refresh token that was not used for so long has ended. 0: no such limit. @default 0 */
  refreshIdleMinutes: number;
  /** A refresh token has ended so long after its authorization, however much it was used. 0: no such limit. @default 0 */
  refreshLifetimeMinutes: number;
  /** Under rotation, the loser of two simultaneous refreshes ends the grant too. @default false */
  raceLoserKills: boolean;
  /** Idle timeout of sessions opened from now on. @default 120 */
  sessionMinutes: number;
  /** A refresh ends the grant's earlier access tokens. @default false */
  refreshEndsOldAccessToken: boolean;
  /** Deactivating a user or an org ends its sessions at once, else they run out by themselves. @default true */
  deactivationEndsSessions: boolean;
  /**
   * What the identity URL says of an inactive user or org while the session still lives: 404 `Inactive` (as
   * documented), or the user with `active: false`. @default 'refused'
   */
  inactiveIdentity: 'refused' | 'told';
  /** `disabled`: every REST request of a live session is refused, 403 `API_DISABLED_FOR_ORG`. @default 'on' */
  restApi: 'on' | 'disabled';
  /**
   * How the REST API refuses a session without the scope `api`: 403 `INSUFFICIENT_ACCESS`, or 401
   * `INVALID_SESSION_ID`, which no refresh can cure (Salesforce Help, article 005226515). @default 403
   */
  restWithoutApiScope: 401 | 403;
  /**
   * Whether a user may query its own `OauthToken` rows, or is told that there is no such object (400 `INVALID_TYPE`) or
   * that it may not (403 `INSUFFICIENT_ACCESS`). @default 'on'
   */
  oauthTokenQuery: 'on' | 'invalid_type' | 'insufficient_access';
  /**
   * How many certificates an app holds for the JWT bearer flow; with one more, the oldest goes. Whether Salesforce holds
   * two is unknown. @default 1
   */
  certificatesPerApp: 1 | 2;
  /** What an assertion is that only a certificate verifies which has ended. @default 'refused' */
  endedCertificate: 'refused' | 'taken';
  /** Taken in an assertion's `aud` besides the simulator's own origin: a login host, an Experience site. @default [] */
  audiences: string[];
  /** Several logins without a browser get the same access token, while its session lives. @default false */
  sameTokenAgain: boolean;
  /** Logins without a browser that a user has in 60 minutes, before they are refused. @default 3600 */
  loginsPerHour: number;
  /** The simulator's one host is the org's My Domain; else client credentials are refused. @default true */
  myDomain: boolean;
  /** Wait this long before an OAuth request is processed. @default 0 */
  slowMs: number;
  /** Wait this long between an OAuth request's processing and its answer. @default 0 */
  slowAfterMs: number;
  /** Process an OAuth request, then reset the connection instead of answering. @default false */
  resetAfterProcessing: boolean;
  /** Answer everything with 503 and an HTML page. @default false */
  html503: boolean;
  /** Answer everything with 200 and an HTML page about maintenance. @default false */
  maintenance: boolean;
  /** Refuse each refresh as if another were in flight. @default false */
  busy: boolean;
  /** Errors to answer instead of processing, one request each, in order. @default [] */
  nextErrors: NextError[];
  /** The authorization endpoint sends the browser back with this `error`. @default null */
  callbackError: string | null;
  /** @default false */
  wrongSignature: boolean;
  /** @default false */
  omitSignature: boolean;
  /** Put into token answers as `instance_url`. @default null */
  foreignInstanceUrl: string | null;
  /** Host or origin put into the `id` of token answers. @default null */
  foreignIdHost: string | null;
  /** `inactive`: a live token is answered `active: false`, as has been seen. @default 'on' */
  introspection: 'on' | 'off' | 'inactive';
  /** The errors of the revocation endpoint are form-encoded, as has been seen. @default false */
  formEncodedRevokeErrors: boolean;
}

export interface NextError {
  /** `identity` answers `error` as plain text, `rest` both as an error of the REST API. */
  endpoint: 'token' | 'revoke' | 'introspect' | 'identity' | 'rest';
  error: string;
  error_description: string;
  /** @default 400 */
  status?: number;
}

export function defaultSwitches(): Switches {
  return {
    grantLimit: 5,
    eviction: 'oldest',
    rotation: false,
    replay: 'kill',
    refreshTokenPolicy: 'until_revoked',
    refreshIdleMinutes: 0,
    refreshLifetimeMinutes: 0,
    raceLoserKills: false,
    sessionMinutes: 120,
    refreshEndsOldAccessToken: false,
    deactivationEndsSessions: true,
    inactiveIdentity: 'refused',
    restApi: 'on',
    restWithoutApiScope: 403,
    oauthTokenQuery: 'on',
    certificatesPerApp: 1,
    endedCertificate: 'refused',
    audiences: [],
    sameTokenAgain: false,
    loginsPerHour: 3_600,
    myDomain: true,
    slowMs: 0,
    slowAfterMs: 0,
    resetAfterProcessing: false,
    html503: false,
    maintenance: false,
    busy: false,
    nextErrors: [],
    callbackError: null,
    wrongSignature: false,
    omitSignature: false,
    foreignInstanceUrl: null,
    foreignIdHost: null,
    introspection: 'on',
    formEncodedRevokeErrors: false,
  };
}

/** The checked part of the switches that `input` names, or what is wrong with it. */
export function parseSwitches(
  input: unknown,
): { ok: true; switches: Partial<Switches> } | { ok: false; problem: string } {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, switches: result.data };
  const issue = result.error.issues[0];
  const path = issue === undefined || issue.path.length === 0 ? '' : ` "${issue.path.join('.')}"`;
  const names =
    issue?.code === 'unrecognized_keys' ? ` The switches are: ${Object.keys(defaultSwitches()).join(', ')}.` : '';
  return { ok: false, problem: `Switch${path} refused: ${issue?.message ?? 'not valid'}.${names}` };
}

function oneOf<const T extends string | number>(...values: T[]) {
  return z.literal(values, {
    error: ({ input }) => `must be one of ${values.join(', ')}, got ${JSON.stringify(input)}`,
  });
}

function between(least: number, most: number) {
  return z
    .number({ error: ({ input }) => `must be a number, got ${JSON.stringify(input)}` })
    .refine((value) => Number.isInteger(value) && value >= least && value <= most, {
      error: ({ input }) => `must be a whole number from ${least} to ${most}, got ${JSON.stringify(input)}`,
    });
}

const flag = z.boolean({ error: ({ input }) => `must be true or false, got ${JSON.stringify(input)}` });
const text = z.string({ error: ({ input }) => `must be a string, got ${JSON.stringify(input)}` }).max(500);

const nextError = z.strictObject({
  endpoint: oneOf('token', 'revoke', 'introspect', 'identity', 'rest'),
  error: text.min(1),
  error_description: text,
  status: between(400, 599).optional(),
});

const schema = z
  .strictObject({
    grantLimit: oneOf(4, 5),
    eviction: oneOf('oldest', 'lru'),
    rotation: flag,
    replay: oneOf('kill', 'reject'),
    refreshTokenPolicy: oneOf('until_revoked', 'zero'),
    refreshIdleMinutes: between(0, 5_256_000),
    refreshLifetimeMinutes: between(0, 5_256_000),
    raceLoserKills: flag,
    sessionMinutes: between(1, 1440),
    refreshEndsOldAccessToken: flag,
    deactivationEndsSessions: flag,
    inactiveIdentity: oneOf('refused', 'told'),
    restApi: oneOf('on', 'disabled'),
    restWithoutApiScope: oneOf(401, 403),
    oauthTokenQuery: oneOf('on', 'invalid_type', 'insufficient_access'),
    certificatesPerApp: oneOf(1, 2),
    endedCertificate: oneOf('refused', 'taken'),
    audiences: z.array(text.min(1)).max(20),
    sameTokenAgain: flag,
    loginsPerHour: between(1, 3_600),
    myDomain: flag,
    slowMs: between(0, 600_000),
    slowAfterMs: between(0, 600_000),
    resetAfterProcessing: flag,
    html503: flag,
    maintenance: flag,
    busy: flag,
    nextErrors: z.array(nextError).max(100),
    callbackError: z.nullable(text),
    wrongSignature: flag,
    omitSignature: flag,
    foreignInstanceUrl: z.nullable(text),
    foreignIdHost: z.nullable(text),
    introspection: oneOf('on', 'off', 'inactive'),
    formEncodedRevokeErrors: flag,
  })
  .partial();
