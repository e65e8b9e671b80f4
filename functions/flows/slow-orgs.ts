/**
 * Orgs whose duties take long in this tick of `maintain`: their other duties come after everybody else's. A revocation
 * waits ten seconds for a Salesforce that hangs, and an org that is offboarded owes one for each connection: others'
 * alerts and revocations would wait for all of them.
 */
import { parseConnectionId } from '../core/ids.ts';
import type { Clock, DueDuty } from '../core/ports.ts';

export interface SlowOrgs {
  /** Whether what is due is such an org's. Of sessions nobody knows the org here: they are never. */
  has(due: DueDuty): boolean;
  /** Does `work`, and looks how long it took. */
  watch(due: DueDuty, work: () => Promise<void>): Promise<void>;
}

/** What answers takes far less: a revocation some hundred milliseconds, the rest a few writes. */
const slowMs = 5_000;

export function createSlowOrgs(clock: Clock): SlowOrgs {
  const slow = new Set<string>();
  return {
    has(due) {
      const orgId = orgOf(due);
      return orgId !== undefined && slow.has(orgId);
    },
    async watch(due, work) {
      const begunAt = clock.now();
      await work();
      const orgId = orgOf(due);
      if (orgId !== undefined && clock.now() - begunAt >= slowMs) slow.add(orgId);
    },
  };
}

function orgOf({ holder, id }: DueDuty): string | undefined {
  return holder === 'connection' ? parseConnectionId(id)?.orgId : undefined;
}
