/**
 * What becomes of a code exchange's tokens: checked, sealed, written first and alone, then linked; or refused, which
 * owes a revocation in the write that says so.
 */

import type { Connection } from '../core/connection.ts';
import { takesNoWrite } from '../core/errors.ts';
import { fingerprintOf } from '../core/hash.ts';
import { connectionIdOf } from '../core/ids.ts';
import { authorizedAtOf, type TokenResponse } from '../core/judge-token-answer.ts';
import type { Session } from '../core/session.ts';
import { disconnectedMeanwhile } from '../core/session-step.ts';
import { revokeDutyId } from '../core/settle-superseded.ts';
import { type LinkedAuthorization, linkDutyId } from '../core/store-grant.ts';
import { leaseMs } from '../core/time-limits.ts';
import { type CheckPorts, checkExchange } from './check-exchange.ts';
import { doDuties } from './do-duties.ts';
import { type BudgetPorts, keepWithinBudget } from './keep-within-budget.ts';
import { learnSession } from './learn-session.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';
import { type Exchange, type RefusePorts, refuseGrant, sealedGrant } from './refuse-grant.ts';
import { connectionRevokeDoer } from './revoke-duty.ts';
import { storeGrant } from './store-grant.ts';
import { storeTime } from './time-left.ts';
import type { Vault } from './vault.ts';

export type KeepGrantPorts = CheckPorts & RefusePorts & LinkPorts & BudgetPorts;

export async function keepGrant(
  ports: KeepGrantPorts,
  vault: Vault,
  session: Session,
  tokens: TokenResponse,
  exchange: Exchange,
  remainingTimeMs: () => number,
): Promise<Session> {
  const checked = await checkExchange(ports, session, tokens, exchange);
  if (checked.kind === 'refused') {
    return refuseGrant(ports, vault, session, tokens, exchange, checked.error, remainingTimeMs);
  }
  const { orgId, userId } = checked;
  const now = ports.clock.now();
  const connectionId = connectionIdOf({ app: session.app, orgId, userId });
  const grant = await sealedGrant(ports, vault, session, tokens, exchange, connectionId, checked.instanceUrl);
  const incoming: LinkedAuthorization = {
    connectionId,
    app: session.app,
    orgId,
    userId,
    flow: exchange.app.flow,
    authorizedAt: authorizedAtOf(tokens, now),
    begunAt: session.attempt?.begunAt ?? now,
    grant,
    link: { sessionId: session.id, ...linkOf(session) },
    fingerprint: tokens.refreshToken && fingerprintOf(tokens.refreshToken),
    ledgerId: session.ledgerId,
  };
  const { result, connection } = await store(ports, incoming, remainingTimeMs);
  if (result === 'disconnected')
    return refuseGrant(ports, vault, session, tokens, exchange, disconnectedMeanwhile, remainingTimeMs);
  if (result === 'saved') return session;
  ports.metrics.add('Connected', 1);
  await settleDuties(ports, vault, connection, session, tokens, exchange, remainingTimeMs);
  return (await ports.store.sessions.read(session.id)) ?? session;
}

function linkOf({ tenant, integration, claim, takesFrom }: Session): Omit<LinkedAuthorization['link'], 'sessionId'> {
  return { tenant, integration, claim, ...(takesFrom === undefined ? {} : { takesFrom }) };
}

type Stored = 'stored' | 'disconnected' | 'saved';

/**
 * The first durable act after the response: one conditional write. Where the store refuses it to the last, the answer
 * goes into the lifeboat, and `maintain` stores it from there; the session stays `exchanging` until then.
 */
async function store(
  ports: KeepGrantPorts,
  incoming: LinkedAuthorization,
  remainingTimeMs: () => number,
): Promise<{ result: Stored; connection: Connection | undefined }> {
  const persist = storeTime(ports.clock, incoming.begunAt + leaseMs, remainingTimeMs);
  try {
    return await storeGrant(ports, incoming, persist);
  } catch (error) {
    if (!takesNoWrite(error)) throw error;
    const { connectionId, grant } = incoming;
    const entry = { connectionId, attemptId: grant.id, authorization: incoming, at: ports.clock.now() };
    await ports.lifeboat.put({ version: 1, kind: 'code', ...entry });
    ports.log.error('The store refused the tokens of a callback; they lie in the lifeboat.', {
      connection_id: connectionId,
      error,
    });
    ports.metrics.add('SavedInLifeboat', 1);
    return { result: 'saved', connection: undefined };
  }
}

/** For `maintain`'s revocations; without them the grace stays, and whoever asks for the next grant looks. */
const budgetTimeNeededMs = 25_000;

/** Nothing here can lose the tokens any more; whatever fails is found again by `maintain`. */
async function settleDuties(
  ports: KeepGrantPorts,
  vault: Vault,
  connection: Connection | undefined,
  session: Session,
  tokens: TokenResponse,
  exchange: Exchange,
  remainingTimeMs: () => number,
): Promise<void> {
  if (connection === undefined) return;
  try {
    // Its own link, and the grant itself where a newer one was there first; a superseded one has its grace.
    const own = [linkDutyId(session.id), revokeDutyId(exchange.attemptId)];
    const doers = { link: linkDoer(ports), revoke: connectionRevokeDoer(ports, vault) };
    const kept = await doDuties(ports, ports.store.connections, connection, doers, own);
    if (kept.grant?.id !== exchange.attemptId) return;
    await learnSession(ports, kept, tokens.accessToken, exchange.client);
    if (remainingTimeMs() < budgetTimeNeededMs) return;
    await keepWithinBudget(ports, connection.id, exchange.app.grantLimit);
  } catch (error) {
    ports.log.error('The tokens are stored; what follows is left to maintain.', {
      connection_id: connection.id,
      error,
    });
  }
}
