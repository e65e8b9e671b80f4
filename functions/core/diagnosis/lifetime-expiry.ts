/**
 * `lifetime_expiry`: the refresh token policy ends a token so long after its authorization, however much it is used
 * (facts §5). Known only where the app's configuration states it.
 *
 * It lived before that instant and was refused after it: nothing else ends a token at that very time.
 */
import { rfc3339 } from '../rfc3339.ts';
import { durationWords } from './duration-words.ts';
import { type Rule, saysAuthenticationFailure } from './rule.ts';

export const lifetimeExpiry: Rule = {
  cause: 'lifetime_expiry',
  actor: 'user',
  remedy:
    'Open a new connect link and authorize again, and have it done before the limit next time: expiry_approaching is sent 48 hours ahead. To be rid of it: Setup > External Client App Manager > the app > Policies > OAuth Policies > Refresh Token Policy, "Refresh token is valid until revoked".',
  find(it) {
    const { connection, limits, aliveAt, deadAt } = it;
    if (limits.lifetimeMs === undefined || saysAuthenticationFailure(it)) return undefined;
    const endsAt = connection.authorizedAt + limits.lifetimeMs;
    if (aliveAt >= endsAt || deadAt < endsAt) return undefined;
    return {
      confidence: 'likely',
      suffices: true,
      evidence: [
        `The configuration states that a refresh token of the app ends ${durationWords(limits.lifetimeMs)} after its authorization: this one at ${rfc3339(endsAt)}.`,
        `It was refreshed before that, at ${rfc3339(aliveAt)}, and refused after it, at ${rfc3339(deadAt)}.`,
      ],
    };
  },
};
