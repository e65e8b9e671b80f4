/** Whether the story came out as it is told; what did not is named with its number, and the demo fails. */
import { firstIntegration, secondIntegration } from './set-up.ts';
import type { Story } from './story.ts';
import type { Tally } from './tally.ts';

const firstGrant = 'grant-1';
const integrations = [firstIntegration, secondIntegration];

/** What went otherwise; none: it came out as told. */
export function deviationsOf({ naive, grantkeeper }: Story): string[] {
  return [...naiveDeviations(naive), ...grantkeeperDeviations(grantkeeper)];
}

function naiveDeviations({ books, store }: Tally): string[] {
  return failing([
    [books.evictions.some(({ grant }) => grant === firstGrant), 'the retries did not evict the first grant'],
    [books.tokenRequests.refused > 0, 'no refresh of the handler was refused'],
    [books.laterReads.worked < integrations.length, 'all integrations of the handler still read'],
    [store.honoured < store.stored, 'all tokens that the handler stored still work'],
    [store.orphaned > 0, 'the handler left no grant without its tokens'],
  ]);
}

function grantkeeperDeviations({ books, store }: Tally): string[] {
  const { evictions, authorizations, live, reads, laterReads, tokenRequests } = books;
  return failing([
    [evictions.length === 0, `Grantkeeper's authorizations evicted ${evictions.length} grants`],
    [authorizations <= integrations.length, `Grantkeeper spent ${authorizations} authorizations, not one each at most`],
    [live === 1, `Grantkeeper left ${live} grants live, not 1`],
    [store.stored === 1, `Grantkeeper stores the tokens of ${store.stored} grants, not of 1`],
    [store.honoured === 1, `${store.honoured} grants that Grantkeeper stores work, not 1`],
    [store.orphanedAtWorst === 0, `${store.orphanedAtWorst} grants of Grantkeeper's were once stored nowhere`],
    [reads.failed === 0, `${reads.failed} reads with Grantkeeper's tokens were refused`],
    [laterReads.worked === integrations.length, `${laterReads.worked} integrations read two hours later, not all`],
    [tokenRequests.refused === 0, `${tokenRequests.refused} token requests of Grantkeeper were refused`],
    [tokenRequests.refreshes > 0, 'Grantkeeper refreshed nothing in two hours'],
    [store.configured.length === integrations.length, `Grantkeeper set up only ${store.configured.join(', ')}`],
  ]);
}

function failing(checks: readonly (readonly [holds: boolean, deviation: string])[]): string[] {
  return checks.filter(([holds]) => !holds).map(([, deviation]) => deviation);
}
