/** The configuration of a simulated deployment: `crm` links without a claim, `hub` once the service has claimed. */
import { type GrantkeeperConfig, parseConfig } from '../../functions/core/config.ts';

export type AppName = 'crm' | 'hub';

export const publicUrl = 'https://grants.example';
export const returnTo = 'https://product.example/return';

export interface ConfigVariant {
  /** Grants that a user may have: as Salesforce keeps them, or fewer to be safe. */
  readonly grantLimit: number;
  /** The grants that we hold are compared with Salesforce's own list. */
  readonly compares: boolean;
}

const known = new Map<string, GrantkeeperConfig>();

/** Parsed once for each variant, for thousands of worlds. */
export function configOf({ grantLimit, compares }: ConfigVariant): GrantkeeperConfig {
  const key = `${grantLimit} ${compares}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const common = { grantLimit, returnTo: [returnTo], ...(compares ? { salesforceName: 'Example' } : {}) };
  const apps = {
    crm: { ...common, clientId: 'crm-client', claim: false },
    hub: { ...common, clientId: 'hub-client', claim: true },
  };
  const config = parseConfig({ apps }, 'simulation');
  known.set(key, config);
  return config;
}
