/**
 * `org_wide_revocation`: many of the org's connections fail in one window: its administrator blocked the app, or revoked
 * its tokens (Setup, Connected Apps OAuth Usage), or a policy did.
 */
import { isFleetWide, secretTrouble } from './app-wide-revocation.ts';
import { type Case, type Rule, saysAuthenticationFailure, standstillWords } from './rule.ts';

/** As the thresholds of an `invalid_grant_spike` are by default. */
const minimumConnections = 3;
const minimumShare = 0.2;

export const orgWideRevocation: Rule = {
  cause: 'org_wide_revocation',
  actor: 'administrator',
  remedy:
    "Ask the org's Salesforce administrator what was changed, before anybody authorizes again: Setup > Connected Apps OAuth Usage (is the app blocked, were its tokens revoked?), Setup > External Client App Manager > the app > Policies, Setup > View Setup Audit Trail. Once that is set right, each user authorizes again.",
  find(it) {
    const { failed, tried } = it.grant.death?.org ?? { failed: 0, tried: 0 };
    if (failed < 2 || saysAuthenticationFailure(it) || isFleetWide(it)) return undefined;
    const many = failed >= minimumConnections && failed >= minimumShare * tried;
    if (!many && failed < tried) return undefined;
    const against = [...(many ? [] : [fewWords]), ...standstillWords(it), ...othersWords(it)];
    return {
      confidence: against.length === 0 ? 'likely' : 'possible',
      evidence: [`${failed} of the org's ${tried} connections tried in the same window fail newly.`, ...against],
    };
  },
};

const fewWords = 'Against it: they are few, and may have failed each by itself.';

/** What several orgs have in common is not an act of one administrator. */
function othersWords(it: Case): string[] {
  const { failed, tried } = it.grant.death?.fleet ?? { failed: 0, tried: 0 };
  return [
    ...(failed >= 2
      ? [`Against it: connections of ${failed} of ${tried} orgs fail in the same window, not of this one only.`]
      : []),
    ...secretTrouble(it).map((words) => `Against it: ${words}`),
  ];
}
