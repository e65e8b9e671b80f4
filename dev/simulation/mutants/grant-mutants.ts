/** Wrong edits to how a grant comes and goes: its exchange, its order among others, its revocation. */
import { core, flow, type Mutant } from './mutant.ts';

export const grantMutants: readonly Mutant[] = [
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
    name: 'maintain opens access tokens itself',
    edits: [
      flow(
        'maintain',
        'revoke: connectionRevokeDoer(ports, vault, ports.accessRevoker),',
        'revoke: connectionRevokeDoer(ports, vault),',
      ),
    ],
  },
];
