/** Wrong edits to what a refusal means: grants that live called dead, and deaths that nobody is told of. */
import { core, type Mutant } from './mutant.ts';

export const verdictMutants: readonly Mutant[] = [
  {
    name: 'dead on the first failure',
    edits: [
      core(
        'settle-refusal',
        'if (grant.deadSince === undefined || now - grant.deadSince < deadConfirmMs) {',
        'if (now < 0) {',
      ),
    ],
  },
  {
    name: 'busy taken for dead',
    edits: [
      core(
        'invalid-grant-rows',
        `    description: 'token request is already being processed',
    class: 'busy',`,
        `    description: 'token request is already being processed',
    class: 'dead',`,
      ),
    ],
  },
  {
    name: 'unconditional dead mark',
    edits: [
      core(
        'settle-refusal',
        '  if (grant.lease?.attempt !== attempt.id || grant.refreshes !== attempt.generation.refreshes) return undefined;\n  const failed',
        '  const failed',
      ),
      core(
        'settle-refusal',
        `  if (grant === undefined || grant.id !== attempt.generation.grantId) {
    const decision = decideSuperseded(connection, attempt, undefined, now);`,
        `  if (grant === undefined) {
    const decision = decideSuperseded(connection, attempt, undefined, now);`,
      ),
      core(
        'settle-refusal',
        "      return dead(withFailure({ ...connection, grant: failed }, 'dead', now), failed, refusal, now, alertId);",
        '      if (grant.id === attempt.generation.grantId) return dead({ ...connection, grant: failed }, failed, refusal, now, alertId);\n      return dead(connection, { ...failed, deadSince: 1 }, refusal, now, alertId);',
      ),
    ],
  },
  {
    name: 'a verdict owes no alert',
    edits: [
      core(
        'own-alert',
        'return { ...after, duties: { ...withoutFailureAlerts(after.duties), [alertDutyId(alertId)]: duty } };',
        'return after;',
      ),
    ],
  },
];
