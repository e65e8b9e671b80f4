/** The configuration of the local stack: its apps, and everything else on loopback. */
import { type GrantkeeperConfig, parseConfig } from '../../functions/core/config.ts';
import { AppMisconfiguredError } from '../../functions/core/errors.ts';
import type { ClientSecrets } from '../../functions/core/ports.ts';
import { callbackPath } from '../../functions/core/routes.ts';
import { Secret } from '../../functions/core/secret.ts';
import type { SimulatorApp } from '../simulator/orgs.ts';

interface LocalApp {
  readonly purpose: 'api' | 'sign_in';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** As the simulator lists it. The server of `--salesforce` may list it otherwise: its list is not compared with. */
  readonly salesforceName?: string;
}

/** As registered with the simulator, or to be registered with the server of `--salesforce`. */
export const localApps: Readonly<Record<string, LocalApp>> = {
  crm: {
    purpose: 'api',
    clientId: 'local-client',
    clientSecret: 'local-secret',
    scopes: ['api', 'refresh_token'],
    salesforceName: 'Local CRM',
  },
  'crm-login': {
    purpose: 'sign_in',
    clientId: 'local-login-client',
    clientSecret: 'local-secret',
    scopes: ['id'],
  },
};

/**
 * No app asks for the session claim: who clicks through the local stack is alone.
 *
 * @param salesforceOrigin the simulator's, or that of `--salesforce`
 * @param simulated it is the simulator's
 */
export function localConfig(publicUrl: string, salesforceOrigin: string, simulated: boolean): GrantkeeperConfig {
  const apps = Object.entries(localApps).map(([name, { clientSecret: _, salesforceName, ...app }]) => [
    name,
    { ...app, ...(simulated ? { salesforceName } : {}), loginUrl: salesforceOrigin, claim: false },
  ]);
  return parseConfig(
    { apps: Object.fromEntries(apps), publicUrl, salesforceOrigin, loopbackReturnTo: true },
    'the configuration of the local stack',
  );
}

export function simulatorApps(publicUrl: string): SimulatorApp[] {
  return Object.entries(localApps).map(([name, { clientId, clientSecret, scopes, salesforceName = name }]) => ({
    clientId,
    name: salesforceName,
    clientSecret,
    redirectUris: [`${publicUrl}${callbackPath}`],
    scopes: [...scopes],
  }));
}

/** The fixed secrets, in Secrets Manager's place. */
export function createLocalSecrets(): ClientSecrets {
  return {
    of: async (app) => {
      const secret = localApps[app]?.clientSecret;
      if (secret === undefined) {
        throw new AppMisconfiguredError(app, `The local stack has no app ${app}; it has ${Object.keys(localApps)}.`);
      }
      return { current: new Secret(secret) };
    },
  };
}
