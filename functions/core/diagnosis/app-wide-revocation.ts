/**
 * `app_wide_revocation`: connections of many orgs fail in one window, so it is the app that they share: a staged client
 * secret that was applied revokes all tokens of a connected app (facts §10), or Salesforce blocked the app.
 *
 * A circuit that was open shortly before, for the secret was refused, speaks for it by itself, though weakly.
 */
import { rfc3339 } from '../rfc3339.ts';
import { durationWords } from './duration-words.ts';
import { type Case, type Rule, saysAuthenticationFailure, standstillWords } from './rule.ts';

/** As the thresholds of a `fleet_incident` are by default. */
const minimumOrgs = 5;
const minimumShare = 0.2;
const secretTroubleWithinMs = 24 * 3_600_000;
const secretErrors: readonly string[] = ['invalid_client', 'invalid_client_credentials', 'invalid_client_id'];

export const appWideRevocation: Rule = {
  cause: 'app_wide_revocation',
  actor: 'operator',
  remedy:
    "Ask nobody to authorize again before the app itself is looked at: in the org that owns it, Setup > External Client App Manager > the app > Settings > OAuth Settings > Consumer Key and Secret (was a new secret applied?), Setup > View Setup Audit Trail, and Salesforce's messages to the app's publisher (was it blocked?). Then each user whose connection is dead authorizes again.",
  find(it) {
    if (saysAuthenticationFailure(it)) return undefined;
    const trouble = secretTrouble(it);
    if (!isFleetWide(it)) return trouble.length === 0 ? undefined : { confidence: 'possible', evidence: trouble };
    const { failed = 0, tried = 0 } = it.grant.death?.fleet ?? {};
    const against = standstillWords(it);
    return {
      confidence: against.length === 0 ? 'likely' : 'possible',
      evidence: [
        `Connections of ${failed} of the ${tried} orgs tried in the same window fail newly.`,
        ...trouble,
        ...against,
      ],
    };
  },
};

/** Where it is so, it is no matter of a single org. */
export function isFleetWide({ grant }: Case): boolean {
  const { failed, tried } = grant.death?.fleet ?? { failed: 0, tried: 0 };
  return failed >= minimumOrgs && failed >= minimumShare * tried;
}

/** The app's own credentials were refused shortly before: in words, or none. */
export function secretTrouble({ app, deadAt }: Case): string[] {
  const { lastFailure, closedAt, openedAt } = app ?? {};
  if (lastFailure === undefined || !secretErrors.includes(lastFailure.error) || lastFailure.at > deadAt) return [];
  const endedAt = openedAt === undefined ? (closedAt ?? lastFailure.at) : deadAt;
  if (deadAt - endedAt > secretTroubleWithinMs) return [];
  return [
    `Salesforce refused the app's own credentials (${lastFailure.error}) at ${rfc3339(lastFailure.at)}, ${durationWords(deadAt - lastFailure.at)} before: its client secret may have been changed, which ends tokens.`,
  ];
}
