/**
 * `lost_response`: under rotation a refresh ends the token that it sent, so one whose answer is lost may have ended the
 * only token we hold (facts §5). No grace is documented.
 *
 * One unanswered request right before the death is how that looks. Several look like an outage, in which the request may
 * never have arrived.
 */
import { rfc3339 } from '../rfc3339.ts';
import { type Rule, unansweredOf } from './rule.ts';

export const lostResponse: Rule = {
  cause: 'lost_response',
  actor: 'user',
  remedy:
    'Open a new connect link and authorize again. If it happens often, look at what cuts answers off: the network in front of Salesforce, and the timeouts and crashes of the function refresh.',
  find(it) {
    const { grant } = it;
    const unanswered = unansweredOf(it);
    const [first] = unanswered;
    const mayRotate = grant.rotates === true || grant.refreshes === 0;
    if (first === undefined || !mayRotate) return undefined;
    const likely = grant.rotates === true && unanswered.length === 1;
    return {
      confidence: likely ? 'likely' : 'possible',
      evidence: [
        unanswered.length === 1
          ? `The refresh that began at ${rfc3339(first.begunAt)} was never answered, and the next one was told that its token is dead.`
          : `${unanswered.length} refreshes since ${rfc3339(first.begunAt)} were never answered: Salesforce may have taken none of them.`,
        grant.rotates === true
          ? 'The app rotates refresh tokens: each refresh ends the token that it sends.'
          : 'Whether the app rotates refresh tokens is not known: the grant was never refreshed before.',
      ],
    };
  },
};
