/** Wrong edits, each a way to lose a grant or to lie about one. The simulation must catch every one of them. */

import { loginMutants } from './login-mutants.ts';
import { core, flow, type Mutant } from './mutant.ts';
import { spikeMutants } from './spike-mutants.ts';
import { useMutants } from './use-mutants.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'maintain opens access tokens itself',
    edits: [
      flow(
        'maintain',
        'revoke: connectionRevokeDoer(ports, vault, ports.accessRevoker),',
        'revoke: connectionRevokeDoer(ports, vault),',
      ),
    ],
  },
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
    name: 'link before write',
    edits: [
      flow(
        'keep-grant',
        '  const { result, connection } = await store(ports, incoming, remainingTimeMs);',
        '  await ports.store.addUse(connectionId, { tenant: session.tenant, integration: session.integration });\n  const { result, connection } = await store(ports, incoming, remainingTimeMs);',
      ),
    ],
  },
  {
    name: 'lifeboat drained without a claim',
    edits: [
      flow(
        'drain-lifeboat',
        "{ type: 'drain_asked', generation: attempt.generation, attemptId }",
        "{ type: 'answered', attempt, made: entry.made }",
      ),
      flow('drain-lifeboat', "  if (result === 'wait') return false;", ''),
    ],
  },
  {
    name: 'lifeboat listed before the claim',
    edits: [
      flow(
        'refresh-connection',
        '  const connection = await ports.store.connections.read(request.connectionId);',
        '  const listed = await ports.lifeboat.ofConnection(request.connectionId);\n  const early = { ...ports, lifeboat: { ...ports.lifeboat, ofConnection: async () => listed } };\n  const connection = await ports.store.connections.read(request.connectionId);',
      ),
      flow(
        'refresh-connection',
        'return await refreshAllowed(ports, shared,',
        'return await refreshAllowed(early, shared,',
      ),
      flow('refresh-connection', '  const early = next(connection, {', '  const first = next(connection, {'),
      flow(
        'refresh-connection',
        "  if (typeof early.outcome === 'object') return { report: report(early.outcome.skipped) };",
        "  if (typeof first.outcome === 'object') return { report: report(first.outcome.skipped) };",
      ),
    ],
  },
  {
    name: 'attempt forgotten at the next claim',
    edits: [core('claim', 'boundedAttempts([...grant.attempts, attempt])', 'boundedAttempts([attempt])')],
  },
  {
    name: 'session consumed after the exchange',
    edits: [
      flow(
        'finish-connect',
        'const consumed = await consumeSession(ports, session, prepared.attemptId, remainingTimeMs);',
        'const consumed = { mine: true, session: { ...session, attempt: { id: prepared.attemptId, begunAt: ports.clock.now() } } };',
      ),
    ],
  },
  {
    name: 'authorizations ordered by the last refresh',
    edits: [
      core(
        'store-grant',
        'if (incoming.authorizedAt !== current.authorizedAt) return incoming.authorizedAt < current.authorizedAt;',
        'if (incoming.authorizedAt !== current.grant.refreshedAt) return incoming.authorizedAt < current.grant.refreshedAt;',
      ),
    ],
  },
  {
    name: 'duty revoked while a lease lives',
    edits: [
      core(
        'revocation',
        'return duty.lease === undefined || duty.lease.until <= now;',
        'return duty.lease === undefined || now > 0;',
      ),
      core('store-grant', 'dueAt: Math.max(dueAt, grant.lease?.until ?? 0),', 'dueAt,'),
    ],
  },
  {
    name: 'lease ended by a timeout',
    edits: [
      core(
        'settle-refresh',
        'nextRefreshAt: Math.max(grant.lease.until, now + backoffMs(failures, fraction)),\n    grant: {\n      ...grant,',
        'nextRefreshAt: now + 1_000,\n    grant: {\n      ...grant,\n      lease: undefined,',
      ),
    ],
  },
  {
    name: "duty's token replaced by an older one",
    edits: [
      core(
        'settle-superseded',
        '(duty === undefined || duty.refreshes < refreshes)',
        '(duty === undefined || duty.refreshes !== refreshes)',
      ),
    ],
  },
  {
    name: 'superseded token taken from an earlier read',
    edits: [
      flow(
        'store-grant',
        '    (current) => {\n      const now = ports.clock.now();\n      const decision = decideStoreGrant(current,',
        '    (newest) => {\n      const now = ports.clock.now();\n      const early = first ?? newest;\n      first = early;\n      const stale = newest !== undefined && early?.grant?.id === newest.grant?.id;\n      const current = stale ? { ...newest, grant: early?.grant } : newest;\n      const decision = decideStoreGrant(current,',
      ),
      flow(
        'store-grant',
        '  const fraction = ports.random.fraction();',
        '  let first: Connection | undefined;\n  const fraction = ports.random.fraction();',
      ),
    ],
  },
  {
    name: 'disconnected_at dropped at a revival',
    edits: [
      core(
        'store-grant',
        "    status: 'active',\n    cause: undefined,",
        "    status: 'active',\n    disconnectedAt: undefined,\n    cause: undefined,",
      ),
    ],
  },
  {
    name: 'an authorization begun before a disconnect revives the connection',
    edits: [core('store-grant', 'incoming.begunAt <= current.disconnectedAt', 'incoming.begunAt < 0')],
  },
  {
    name: 'no lifeboat for refreshes',
    edits: [flow('settle-answer', '!(error instanceof StoreUnavailableError) || !made.rotated', 'made !== undefined')],
  },
  {
    name: 'no lifeboat for callbacks',
    edits: [
      flow(
        'keep-grant',
        '    if (!(error instanceof StoreUnavailableError)) throw error;\n    const { connectionId, grant } = incoming;',
        '    if (error !== undefined) throw error;\n    const { connectionId, grant } = incoming;',
      ),
    ],
  },
  {
    name: 'the old token is sent while the lifeboat cannot be read',
    edits: [
      flow('rescue', "    return { kind: 'unreadable' };", "    return { kind: 'nothing', claimed };"),
      flow('rescue', '    await giveBack(ports, claimed, attemptId, ports.clock.now() + unreadableWaitMs);', ''),
    ],
  },
  {
    name: 'no look into the lifeboat',
    edits: [
      flow(
        'rescue',
        "  if (!maySave || !unsettledBefore(claimed.grant, attemptId)) return { kind: 'nothing', claimed };",
        "  if (attemptId !== '') return { kind: 'nothing', claimed };",
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
  {
    name: 'a superseded grant is not owed its revocation',
    edits: [
      core(
        'store-grant',
        "duties: { ...before?.duties, ...superseded, ...linkOf(incoming, 'stored', now) },",
        "duties: { ...before?.duties, ...linkOf(incoming, 'stored', now) },",
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
  {
    name: 'a request is sent without the time for its answer',
    edits: [
      core('time-limits', 'export const functionTimeNeededMs = 45_000;', 'export const functionTimeNeededMs = 0;'),
      core('time-limits', 'export const leaseNeededMs = 60_000;', 'export const leaseNeededMs = 0;'),
    ],
  },
  ...useMutants,
  ...loginMutants,
  ...spikeMutants,
];
