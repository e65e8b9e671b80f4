/** The configuration of a simulated deployment: `crm` links without a claim, `hub` once the service has claimed. */
import { type GrantkeeperConfig, parseConfig, type SpikeThresholds } from '../../functions/core/config.ts';
import { clientHost } from './login-books.ts';

export type AppName = 'crm' | 'hub' | 'jwt' | 'service';

export function isWithoutBrowser(app: AppName): boolean {
  return app === 'jwt' || app === 'service';
}

export const publicUrl = 'https://grants.example';
export const returnTo = 'https://product.example/return';

export interface ConfigVariant {
  /** Grants that a user may have: as Salesforce keeps them, or fewer to be safe. */
  readonly grantLimit: number;
  /** The grants that we hold are compared with Salesforce's own list. */
  readonly compares: boolean;
  /** With apps without a browser, of so many logins an hour. @default no such apps */
  readonly loginsPerHour?: number | undefined;
  /** @default over soon, so that schedules in which one connection fails are short */
  readonly spike?: SpikeThresholds | undefined;
}

const brief: SpikeThresholds = { windowMinutes: 2, minimumConnections: 3, minimumShare: 0.2, holdMinutes: 2 };

const known = new Map<string, GrantkeeperConfig>();

/** Parsed once for each variant, for thousands of worlds. */
export function configOf({ grantLimit, compares, loginsPerHour, spike = brief }: ConfigVariant): GrantkeeperConfig {
  const key = `${grantLimit} ${compares} ${loginsPerHour} ${Object.values(spike).join(' ')}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const common = { grantLimit, returnTo: [returnTo], ...(compares ? { salesforceName: 'Example' } : {}) };
  const apps = {
    crm: { ...common, clientId: 'crm-client', claim: false },
    hub: { ...common, clientId: 'hub-client', claim: true },
    ...(loginsPerHour === undefined ? {} : withoutBrowser(loginsPerHour)),
  };
  const config = parseConfig({ apps, thresholds: { spike } }, 'simulation');
  known.set(key, config);
  return config;
}

function withoutBrowser(loginsPerHour: number): object {
  return {
    jwt: { flow: 'jwt_bearer', clientId: 'jwt-client', loginsPerHour },
    service: { flow: 'client_credentials', clientId: 'service-client', loginUrl: clientHost, loginsPerHour },
  };
}
