/**
 * `expired_immediately`: the refresh token policy `zero` ("Immediately expire refresh token"): the token is given and
 * never works. Policies are judged only when the token is used, and the customer's administrator can override the app's
 * default (facts §5).
 *
 * What died at its first refresh, soon after it was authorized, most likely never lived.
 */
import { rfc3339 } from '../rfc3339.ts';
import { durationWords } from './duration-words.ts';
import { type Case, type Rule, saysAuthenticationFailure, unansweredOf } from './rule.ts';

/** An idle connection is refreshed a day after its authorization. */
const firstRefreshWithinMs = 26 * 3_600_000;

export const expiredImmediately: Rule = {
  cause: 'expired_immediately',
  actor: 'administrator',
  remedy:
    'Setup > External Client App Manager > the app > Policies > OAuth Policies > Refresh Token Policy (of a connected app: Setup > Manage Connected Apps > the app > Edit Policies): choose "Refresh token is valid until revoked", or an idle limit. Only then open a new connect link and authorize again.',
  find(it) {
    const { grant, aliveAt, deadAt } = it;
    if (grant.refreshes > 0 || saysAuthenticationFailure(it)) return undefined;
    const against = againstOf(it);
    return {
      confidence: against.length === 0 ? 'likely' : 'possible',
      evidence: [
        `The grant was authorized at ${rfc3339(aliveAt)} and refused at its very first refresh, at ${rfc3339(deadAt)}, ${durationWords(deadAt - aliveAt)} later.`,
        'No refresh of it ever succeeded.',
        ...against,
      ],
    };
  },
};

function againstOf(it: Case): string[] {
  const waitedMs = it.deadAt - it.aliveAt;
  const { failed, tried } = it.grant.death?.org ?? { failed: 0, tried: 0 };
  return [
    // The policy is the app's in that org: it spares nobody.
    ...(tried > failed
      ? [`Against it: ${tried - failed} other connections of the org were refreshed in the same window.`]
      : []),
    ...(unansweredOf(it).length > 0
      ? ['Against it: a refresh before that was never answered, and may have ended the token.']
      : []),
    ...(waitedMs > firstRefreshWithinMs
      ? [`Against it: the first refresh came only after ${durationWords(waitedMs)}; much may have happened since.`]
      : []),
  ];
}
