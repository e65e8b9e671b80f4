/** The configuration of the local stack: its apps, and everything else on loopback. */
import { type GrantkeeperConfig, parseConfig } from '../../functions/core/config.ts';
import type { Flow } from '../../functions/core/connection.ts';
import { AppMisconfiguredError } from '../../functions/core/errors.ts';
import type { ClientSecrets, SecretAges } from '../../functions/core/ports.ts';
import { callbackPath } from '../../functions/core/routes.ts';
import { Secret } from '../../functions/core/secret.ts';
import { defaultOrgs, type SimulatorApp } from '../simulator/orgs.ts';

interface LocalApp {
  readonly purpose: 'api' | 'sign_in';
  readonly flow: Flow;
  readonly clientId: string;
  /** Absent: it has none, for its assertions say who it is. */
  readonly clientSecret?: string;
  readonly scopes: readonly string[];
  /** As the simulator lists it. The server of `--salesforce` may list it otherwise: its list is not compared with. */
  readonly salesforceName?: string;
}

/** As registered with the simulator, or to be registered with the server of `--salesforce`. */
export const localApps: Readonly<Record<string, LocalApp>> = {
  crm: {
    purpose: 'api',
    flow: 'authorization_code',
    clientId: 'local-client',
    clientSecret: 'local-secret',
    scopes: ['api', 'refresh_token'],
    salesforceName: 'Local CRM',
  },
  'crm-login': {
    purpose: 'sign_in',
    flow: 'authorization_code',
    clientId: 'local-login-client',
    clientSecret: 'local-secret',
    scopes: ['id'],
  },
  'crm-jwt': { purpose: 'api', flow: 'jwt_bearer', clientId: 'local-jwt-client', scopes: ['api'] },
  'crm-service': {
    purpose: 'api',
    flow: 'client_credentials',
    clientId: 'local-service-client',
    clientSecret: 'local-secret',
    scopes: ['api'],
  },
};

/**
 * No app asks for the session claim: who clicks through the local stack is alone.
 *
 * @param salesforceOrigin the simulator's, or that of `--salesforce`
 * @param simulated it is the simulator's
 */
export function localConfig(publicUrl: string, salesforceOrigin: string, simulated: boolean): GrantkeeperConfig {
  const apps = Object.entries(localApps).map(([name, app]) => [name, configOf(app, salesforceOrigin, simulated)]);
  return parseConfig(
    { apps: Object.fromEntries(apps), publicUrl, salesforceOrigin, loopbackReturnTo: true },
    'the configuration of the local stack',
  );
}

function configOf(
  { clientSecret, scopes, salesforceName, ...app }: LocalApp,
  loginUrl: string,
  simulated: boolean,
): Record<string, unknown> {
  return {
    ...app,
    ...(simulated && { salesforceName }),
    // A flow without a browser asks for no scopes: it gets those of the app.
    ...(app.flow === 'authorization_code' && { scopes }),
    ...(app.flow === 'jwt_bearer' && { signingKey: 'pem' }),
    clientAuthentication: clientSecret === undefined ? 'none' : 'secret',
    loginUrl,
    claim: false,
  };
}

export interface SimulatorAppsOptions {
  /** PEM, of the keys that sign the assertions of `crm-jwt`. @default none: its assertions are refused */
  readonly certificates?: readonly string[];
}

/** Everybody is pre-authorized for `crm-jwt`; `crm-service` runs as the first user of the first organization. */
export function simulatorApps(publicUrl: string, { certificates = [] }: SimulatorAppsOptions = {}): SimulatorApp[] {
  return Object.entries(localApps).map(([name, { flow, clientId, clientSecret, scopes, salesforceName = name }]) => ({
    clientId,
    name: salesforceName,
    ...(clientSecret !== undefined && { clientSecret }),
    redirectUris: flow === 'authorization_code' ? [`${publicUrl}${callbackPath}`] : [],
    scopes: [...scopes],
    ...(flow === 'jwt_bearer' && { certificates: [...certificates], preauthorized: 'all' as const }),
    ...(flow === 'client_credentials' && firstUser !== undefined && { runAs: firstUser.username }),
  }));
}

const firstUser = defaultOrgs[0]?.users[0];

/** The fixed secrets, in Secrets Manager's place. */
export function createLocalSecrets(): ClientSecrets {
  return { of: async (app) => ({ current: new Secret(secretOf(app)) }) };
}

/** @param startedAt they are part of the program: as old as the process that runs it */
export function createLocalSecretAges(startedAt: number): SecretAges {
  return { of: async (app) => ({ set: secretOf(app) !== '', changedAt: startedAt }) };
}

function secretOf(app: string): string {
  const known = Object.hasOwn(localApps, app) ? localApps[app] : undefined;
  if (known === undefined) {
    throw new AppMisconfiguredError(app, `The local stack has no app ${app}; it has ${Object.keys(localApps)}.`);
  }
  if (known.clientSecret === undefined) {
    throw new AppMisconfiguredError(app, `${app} has no client secret: it signs assertions.`);
  }
  return known.clientSecret;
}
