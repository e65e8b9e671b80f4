/**
 * `revoked_or_unknown`: "expired access/refresh token" is all that Salesforce says of a token that expired, was revoked,
 * evicted or rotated out (facts §4), and nothing else that we know tells which.
 */
import { rfc3339 } from '../rfc3339.ts';
import { durationWords } from './duration-words.ts';
import type { Rule } from './rule.ts';

export const revokedOrUnknown: Rule = {
  cause: 'revoked_or_unknown',
  actor: 'user',
  remedy:
    "Open a new connect link and authorize again. If it happens again, ask the org's Salesforce administrator to look who ended it: Setup > View Setup Audit Trail, Setup > Login History of the user, Setup > Connected Apps OAuth Usage.",
  find: ({ grant, aliveAt, deadAt }) => ({
    confidence: 'possible',
    evidence: [
      `The grant was last refreshed at ${rfc3339(aliveAt)} and refused at ${rfc3339(deadAt)}: it ended in those ${durationWords(deadAt - aliveAt)}, after ${grant.refreshes} ${grant.refreshes === 1 ? 'refresh' : 'refreshes'}.`,
      'Nothing else that is known tells why: it may have been revoked by the user or an administrator, or used by another program.',
    ],
  }),
};
