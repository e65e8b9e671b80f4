/**
 * The simulated Salesforce behind the real HTTP adapter, on the virtual clock: it answers after its usual time, and one
 * org's token endpoint takes requests and does not answer them for a while. Those that still wait when that is over are
 * answered then.
 */
import { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import type { RawAnswer, Salesforce } from '../../functions/core/ports.ts';
import type { Simulator } from '../simulator/simulator.ts';
import type { EngineClock } from './engine-clock.ts';

export interface Hanging {
  readonly orgIds: ReadonlySet<string>;
  readonly from: number;
  readonly until: number;
}

export interface HangingSalesforce {
  readonly salesforce: Salesforce;
  /** Set while it is to hang. */
  hanging?: Hanging;
  readonly counts: {
    /** Requests to the token endpoint, by org. */
    readonly requests: Map<string, number>;
    /** Most of the hanging org's under way at once. */
    mostHanging: number;
  };
}

const answersAfterMs = 300;
const timedOut: RawAnswer = { kind: 'no_answer', reason: 'timeout' };

export function createHangingSalesforce(clock: EngineClock, simulator: Simulator): HangingSalesforce {
  const http = createSalesforceHttp({ fetch: (url, init) => simulator.fetch(new Request(url, init)) });
  const counts = { requests: new Map<string, number>(), mostHanging: 0 };
  let hangs = 0;

  const answered = async (call: () => Promise<RawAnswer>): Promise<RawAnswer> => {
    await clock.wait(answersAfterMs);
    return clock.atOnce(call);
  };

  async function hang(ms: number): Promise<void> {
    hangs += 1;
    counts.mostHanging = Math.max(counts.mostHanging, hangs);
    await clock.wait(ms);
    hangs -= 1;
  }

  const world: HangingSalesforce = {
    counts,
    salesforce: {
      async refresh(loginUrl, client, token, timeoutMs) {
        const orgId = simulator.books.grantOfRefreshToken(token.reveal())?.orgId ?? 'unknown';
        counts.requests.set(orgId, (counts.requests.get(orgId) ?? 0) + 1);
        const { hanging } = world;
        const now = clock.now();
        if (hanging?.orgIds.has(orgId) && now >= hanging.from && now < hanging.until) {
          const answersInMs = hanging.until - now;
          await hang(Math.min(answersInMs, timeoutMs));
          if (answersInMs > timeoutMs) return timedOut;
        }
        return answered(() => http.refresh(loginUrl, client, token, timeoutMs));
      },
      exchangeCode: (...all) => answered(() => http.exchangeCode(...all)),
      exchangeAssertion: (...all) => answered(() => http.exchangeAssertion(...all)),
      askAsClient: (...all) => answered(() => http.askAsClient(...all)),
      revoke: (...all) => answered(() => http.revoke(...all)),
      introspect: (...all) => answered(() => http.introspect(...all)),
    },
  };
  return world;
}
