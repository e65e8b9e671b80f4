/** Wrong edits to a refresh: its lease and fence, the time that it needs, and what is read before it is sent. */
import { core, flow, type Mutant } from './mutant.ts';

export const refreshMutants: readonly Mutant[] = [
  {
    name: 'no fence: a refresh commits onto whatever grant is stored',
    edits: [
      core(
        'settle-commit',
        `  if (grant === undefined || grant.id !== attempt.generation.grantId) {
    return decideSuperseded(connection, attempt, made, now);
  }`,
        '  if (grant === undefined) return decideSuperseded(connection, attempt, made, now);',
      ),
      core('settle-commit', "  if (grant.refreshes !== attempt.generation.refreshes) return { kind: 'stale' };", ''),
    ],
  },
  {
    // In both places that look at the generation: the lease covers for the first alone, as the model of the protocol says.
    name: 'fence by grant only',
    edits: [
      core('settle-commit', "  if (grant.refreshes !== attempt.generation.refreshes) return { kind: 'stale' };", ''),
      core('drain', "return decision.kind === 'superseded' ? {", "return 'after' in decision ? {"),
    ],
  },
  {
    name: 'lease without owner',
    edits: [
      core('claim', 'const own = grant.lease?.attempt === attemptId && same', 'const own = same'),
      flow(
        'refresh-connection',
        "  if (item?.grant?.lease?.attempt !== attemptId) return report('in_flight');",
        "  if (item?.grant === undefined) return report('in_flight');",
      ),
    ],
  },
  {
    name: 'own retried write taken for a refusal',
    edits: [
      flow(
        'change',
        'if (tried && current?.writeId === options.writeId) return',
        'if (tried && current === undefined) return',
      ),
      core(
        'session-step',
        "if (session.status === 'exchanging' && session.attempt?.id === attemptId) return { kind: 'consumed' };",
        '',
      ),
    ],
  },
  {
    name: 'no rotation kept',
    edits: [
      flow(
        'settle-answer',
        'vault.seal(tokens.refreshToken ?? sent.token, sent.key',
        'vault.seal(sent.token, sent.key',
      ),
    ],
  },
  {
    name: 'no re-read: the token that was opened is sent, whatever was claimed',
    edits: [
      core(
        'claim',
        "  if (!sameGeneration(generationOf(grant), request.generation)) return { kind: 'skip', outcome: 'not_needed' };\n  const due",
        '  const due',
      ),
      flow(
        'refresh-connection',
        'if (claimed.grant.refreshToken === connection.grant?.refreshToken) return claimed;',
        'if (claimed.grant !== undefined) return claimed;',
      ),
    ],
  },
  {
    name: 'function timeout above the lease',
    edits: [
      core('time-limits', 'export const leaseMs = 75_000;', 'export const leaseMs = 20_000;'),
      core('time-limits', 'export const leaseNeededMs = 60_000;', 'export const leaseNeededMs = 1_000;'),
    ],
  },
  {
    name: 'a request is sent without the time for its answer',
    edits: [
      core('time-limits', 'export const functionTimeNeededMs = 45_000;', 'export const functionTimeNeededMs = 0;'),
      core('time-limits', 'export const leaseNeededMs = 60_000;', 'export const leaseNeededMs = 0;'),
    ],
  },
  {
    name: 'attempt forgotten at the next claim',
    edits: [core('claim', 'boundedAttempts([...grant.attempts, attempt])', 'boundedAttempts([attempt])')],
  },
  {
    name: 'lease ended by a timeout',
    edits: [
      core(
        'settle-no-answer',
        'nextRefreshAt: Math.max(grant.lease.until, now + backoffMs(failures, fraction)),\n    grant: {\n      ...grant,',
        'nextRefreshAt: now + 1_000,\n    grant: {\n      ...grant,\n      lease: undefined,',
      ),
    ],
  },
  {
    name: 'a rejected token is served again',
    edits: [
      core(
        'cadence',
        'return grant.rejectedRefreshes !== grant.refreshes && now + handOutMarginMs < grant.expiresAt;',
        'return now + handOutMarginMs < grant.expiresAt;',
      ),
    ],
  },
];
