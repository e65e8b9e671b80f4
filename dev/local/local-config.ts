/** The configuration of the local stack: its apps, and everything else on loopback. */
import { type GrantkeeperConfig, parseConfig } from '../../functions/core/config.ts';
import { AppMisconfiguredError } from '../../functions/core/errors.ts';
import type { ClientSecrets } from '../../functions/core/ports.ts';
import { callbackPath } from '../../functions/core/routes.ts';
import { Secret } from '../../functions/core/secret.ts';
import type { SimulatorApp } from '../simulator/orgs.ts';

interface LocalApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

/** As registered with the simulator, or to be registered with the server of `--salesforce`. */
export const localApps: Readonly<Record<string, LocalApp>> = {
  crm: { clientId: 'local-client', clientSecret: 'local-secret', scopes: ['api', 'refresh_token'] },
};

/** @param salesforceOrigin the simulator's, or that of `--salesforce` */
export function localConfig(publicUrl: string, salesforceOrigin: string): GrantkeeperConfig {
  const apps = Object.entries(localApps).map(([name, { clientId, scopes }]) => [
    name,
    { clientId, scopes: [...scopes], loginUrl: salesforceOrigin },
  ]);
  return parseConfig(
    { apps: Object.fromEntries(apps), publicUrl, salesforceOrigin, loopbackReturnTo: true },
    'the configuration of the local stack',
  );
}

export function simulatorApps(publicUrl: string): SimulatorApp[] {
  return Object.values(localApps).map(({ clientId, clientSecret, scopes }) => ({
    clientId,
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
