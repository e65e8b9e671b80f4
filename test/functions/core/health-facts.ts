/** Facts of an app, healthy but for what a test changes. */

import type { AppConfig } from '../../../functions/core/config.ts';
import { parseConfig } from '../../../functions/core/config.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import { type Finding, presentCounts } from '../../../functions/core/health.ts';
import type { AppFacts, SampledConnection } from '../../../functions/core/health-facts.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

function appOf(input: Partial<AppConfig> = {}): AppConfig {
  const app = parseConfig({ apps: { crm: { clientId: 'c', ...input } } }, 'test').apps.crm;
  if (app === undefined) throw new Error('The configuration has no app crm.');
  return app;
}

export interface FactsChange extends Partial<Omit<AppFacts, 'config'>> {
  readonly config?: Partial<AppConfig>;
}

export function factsOf({ config, ...change }: FactsChange = {}): AppFacts {
  const sample = change.sample ?? [];
  const countOf = (status: Connection['status']) =>
    sample.filter(({ connection }) => connection.status === status).length;
  return {
    app: 'crm',
    config: appOf(config),
    deployed: true,
    counts: presentCounts({
      complete: true,
      byStatus: {
        active: countOf('active'),
        admin_action_required: countOf('admin_action_required'),
        reauthorization_required: countOf('reauthorization_required'),
        disconnected: countOf('disconnected'),
      },
    }),
    sample,
    state: undefined,
    egressAddresses: [],
    now: noon,
    ...change,
  };
}

/** One connection of org `org`, refreshed once, and what is changed of it. */
export function sampled(
  n: number,
  grant: Partial<Grant> = {},
  { org = 1, ledger, ...connection }: Partial<Connection> & { org?: number; ledger?: SampledConnection['ledger'] } = {},
): SampledConnection {
  const own = aConnection(n, { org }, { grant: aGrant(`grant-${n}`, { refreshes: 1, ...grant }), ...connection });
  return ledger === undefined ? { connection: own } : { connection: own, ledger };
}

export const inThreeOrgs: readonly SampledConnection[] = [1, 2, 3].map((n) => sampled(n, {}, { org: n }));

/** As `code severity`, for short. */
export function told(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, severity }) => `${code} ${severity}`);
}
