/**
 * `user_deactivated_or_password_changed`: Salesforce answers `authentication failure` of a user who is locked, frozen or
 * deactivated, or whose password was changed (facts §4: reported, not documented). Which of them, it does not say.
 */
import { rfc3339 } from '../rfc3339.ts';
import { type Rule, saysAuthenticationFailure, userCause } from './rule.ts';

export const userDeactivatedOrPasswordChanged: Rule = {
  cause: userCause,
  actor: 'administrator',
  remedy:
    'Look at the user in Setup > Users (active, not frozen, not locked) and in Setup > Login History; set that right, or choose another user. Then open a new connect link and authorize again.',
  find(it) {
    const { connection, grant, deadAt } = it;
    if (!saysAuthenticationFailure(it)) return undefined;
    return {
      confidence: 'likely',
      evidence: [
        `Salesforce answered invalid_grant: "authentication failure" at ${rfc3339(grant.death?.at ?? deadAt)}; it says so of a user who is locked, frozen or deactivated, or whose password was changed.`,
        `The user is ${connection.username ?? connection.userId} of org ${connection.orgId}.`,
      ],
    };
  },
};
