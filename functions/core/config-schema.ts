/**
 * The form of the configuration, key by key; an unknown key is refused with its path, for a misspelt safety setting must
 * not pass as unset. What keys must fit each other is in `config-app-rules.ts`.
 */
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import type { AppConfig, FleetThresholds, SpikeThresholds, Thresholds } from './config.ts';
import { appPattern } from './ids.ts';

// Without a locale `zod/mini` says only "Invalid input".
z.config(en());

export const defaultLoginUrl = 'https://login.salesforce.com';
const defaultScopes: readonly string[] = ['api', 'refresh_token'];
/** The identity URL, and nothing else. */
const defaultSignInScopes: readonly string[] = ['id'];

const text = (pattern: RegExp, message: string) => z.string().check(z.regex(pattern, message));

const minutes = z.int().check(z.minimum(1), z.maximum(24 * 60));
const minimumConnections = z.int().check(z.minimum(2), z.maximum(1_000));
const share = z.number().check(z.gt(0), z.maximum(1));

const appSchema = z.strictObject({
  flow: z._default(z.enum(['authorization_code', 'jwt_bearer', 'client_credentials']), 'authorization_code'),
  signingKey: z._default(z.enum(['kms', 'pem']), 'kms'),
  audience: z.optional(z.string()),
  loginsPerHour: z._default(z.int().check(z.minimum(10), z.maximum(3_600)), 3_600),
  clientId: text(/^[\x21-\x7e]{1,256}$/, 'must be a consumer key: 1 to 256 printable characters, no spaces'),
  clientAuthentication: z.optional(z.enum(['secret', 'none'])),
  loginUrl: z._default(z.string(), defaultLoginUrl),
  purpose: z._default(z.enum(['api', 'sign_in']), 'api'),
  claim: z.optional(z.boolean()),
  grantLimit: z._default(z.int().check(z.minimum(2), z.maximum(5)), 5),
  salesforceName: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
  scopes: z.optional(
    z
      .array(text(/^[a-z0-9_]{1,64}$/, 'must be a scope of Salesforce, such as api or refresh_token'))
      .check(z.maxLength(32)),
  ),
  returnTo: z._default(z.array(z.string()).check(z.maxLength(100)), []),
  // An hour is the shortest that Salesforce offers.
  idleLimitDays: z.optional(z.number().check(z.minimum(1 / 24), z.maximum(3650))),
  lifetimeLimitDays: z.optional(z.number().check(z.minimum(1 / 24), z.maximum(3650))),
  clientSecretMaxAgeDays: z._default(z.int().check(z.minimum(7), z.maximum(3650)), 365),
  spike: z.optional(
    z.strictObject({
      windowMinutes: z.optional(minutes),
      minimumConnections: z.optional(minimumConnections),
      minimumShare: z.optional(share),
      holdMinutes: z.optional(minutes),
    }),
  ),
});

const defaultSpike: SpikeThresholds = { windowMinutes: 15, minimumConnections: 3, minimumShare: 0.2, holdMinutes: 15 };
const defaultFleet: FleetThresholds = { minimumOrgs: 5, minimumShare: 0.2 };

const defaultThresholds: Thresholds = {
  apiRequestsPerSecond: 100,
  apiBurst: 200,
  waitingReaders: 200,
  deadLetterMessages: 1,
  spike: defaultSpike,
  fleet: defaultFleet,
};

const count = z.int().check(z.minimum(1), z.maximum(10_000));

const thresholdsSchema = z.strictObject({
  apiRequestsPerSecond: z._default(count, defaultThresholds.apiRequestsPerSecond),
  apiBurst: z._default(count, defaultThresholds.apiBurst),
  // Fewer than stand in front (`waiting-readers.ts`) would leave nobody to wait.
  waitingReaders: z._default(z.int().check(z.minimum(20), z.maximum(10_000)), defaultThresholds.waitingReaders),
  deadLetterMessages: z._default(count, defaultThresholds.deadLetterMessages),
  spike: z._default(
    z.strictObject({
      windowMinutes: z._default(minutes, defaultSpike.windowMinutes),
      minimumConnections: z._default(minimumConnections, defaultSpike.minimumConnections),
      minimumShare: z._default(share, defaultSpike.minimumShare),
      holdMinutes: z._default(minutes, defaultSpike.holdMinutes),
    }),
    defaultSpike,
  ),
  fleet: z._default(
    z.strictObject({
      minimumOrgs: z._default(z.int().check(z.minimum(2), z.maximum(1_000)), defaultFleet.minimumOrgs),
      minimumShare: z._default(share, defaultFleet.minimumShare),
    }),
    defaultFleet,
  ),
});

const color = text(/^#[0-9a-f]{6}$/i, 'must be a colour as #rrggbb');

const brandSchema = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(60)),
  color: z.optional(color),
  colorDark: z.optional(color),
  contact: z.optional(z.string().check(z.minLength(1), z.maxLength(120))),
});

export const configSchema = z.strictObject({
  apps: z.record(text(appPattern, 'app names match [a-z][a-z0-9-]{0,30}'), appSchema),
  publicUrl: z.optional(z.string()),
  salesforceOrigin: z.optional(z.string()),
  loopbackReturnTo: z._default(z.boolean(), false),
  brand: z.optional(brandSchema),
  thresholds: z._default(thresholdsSchema, defaultThresholds),
});

/** With the defaults that depend on the flow. */
export function withDefaults(app: z.infer<typeof appSchema>): AppConfig {
  return {
    ...app,
    // An assertion is signed: no secret goes with it.
    clientAuthentication: app.clientAuthentication ?? (app.flow === 'jwt_bearer' ? 'none' : 'secret'),
    claim: app.claim ?? app.flow === 'authorization_code',
    scopes: app.scopes ?? scopesOf(app),
  };
}

function scopesOf({ flow, purpose }: Pick<AppConfig, 'flow' | 'purpose'>): readonly string[] {
  if (flow !== 'authorization_code') return [];
  return purpose === 'sign_in' ? defaultSignInScopes : defaultScopes;
}
