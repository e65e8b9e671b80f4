/**
 * `idle_expiry`: the refresh token policy ends a token that was not used for so long; each use resets the clock (facts §5).
 * The daily keep-alive does so; it dies only where nothing could be refreshed for that long.
 *
 * Where the app's configuration states no limit, thirty days are looked for: partner apps must have that (facts §2).
 */
import { rfc3339 } from '../rfc3339.ts';
import { durationWords } from './duration-words.ts';
import { type Rule, saysAuthenticationFailure, unansweredOf } from './rule.ts';

const partnerLimitMs = 30 * 24 * 3_600_000;

export const idleExpiry: Rule = {
  cause: 'idle_expiry',
  actor: 'user',
  remedy:
    'Open a new connect link and authorize again. Then find out why it was not refreshed for so long (alarms on overdue refreshes, the app refused or unset): a daily refresh keeps any idle limit away. The limit: Setup > External Client App Manager > the app > Policies > OAuth Policies > Refresh Token Policy.',
  find(it) {
    const { grant, limits, aliveAt, deadAt } = it;
    const limitMs = limits.idleMs ?? partnerLimitMs;
    const idleMs = deadAt - aliveAt;
    if (idleMs < limitMs || saysAuthenticationFailure(it)) return undefined;
    const unanswered = unansweredOf(it);
    // One that was taken all the same would have begun the clock anew, and under rotation ended the token.
    const taken = unanswered.length > 0 && grant.rotates === true;
    return {
      confidence: limits.idleMs === undefined || taken ? 'possible' : 'likely',
      suffices: limits.idleMs !== undefined,
      evidence: [
        `The refresh token was last used at ${rfc3339(aliveAt)}, ${durationWords(idleMs)} before it was refused at ${rfc3339(deadAt)}.`,
        limits.idleMs === undefined
          ? `The configuration states no idle limit of the app; ${durationWords(limitMs)} are what partner apps must have.`
          : `The configuration states an idle limit of ${durationWords(limitMs)}.`,
        ...(unanswered.length > 0
          ? [
              `${unanswered.length} requests in that time were never answered: Salesforce took none of them, if this is the cause.`,
            ]
          : []),
      ],
    };
  },
};
