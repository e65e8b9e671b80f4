/**
 * What becomes of a code exchange's tokens: checked, sealed, written first and alone, then linked; or refused, which
 * owes a revocation in the write that says so.
 */
import { assumedSessionMs, sessionTimes } from '../core/cadence.ts';
import { type CodeAnswerCheck, checkCodeAnswer, checkSignature, wrongSignature } from '../core/check-code-answer.ts';
import { leaseMs } from '../core/time-limits.ts';
import type { AppConfig } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import { StoreUnavailableError } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import { sha256Hex } from '../core/hash.ts';
import { connectionIdOf } from '../core/ids.ts';
import { authorizedAtOf, issuedAtOf, type TokenResponse } from '../core/judge-token-answer.ts';
import type { ClientCredentials, ClientSecretSet, Ports } from '../core/ports.ts';
import type { Session, SessionError } from '../core/session.ts';
import { disconnectedMeanwhile } from '../core/session-step.ts';
import { revokeDutyId } from '../core/settle-refresh.ts';
import { linkDutyId, type NewAuthorization, revocationOf } from '../core/store-grant.ts';
import { doDuties } from './do-duties.ts';
import { failSession } from './fail-session.ts';
import { learnSession } from './learn-session.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';
import { connectionRevokeDoer, type RevokePorts, sealedFor, sessionRevokeDoer } from './revoke-duty.ts';
import { storeGrant } from './store-grant.ts';
import { storeTime } from './time-left.ts';
import type { OwnKeySet, Vault } from './vault.ts';

export type KeepGrantPorts = LinkPorts & RevokePorts & Pick<Ports, 'config' | 'secrets' | 'random'>;

/** One code exchange, and what was in hand before it was sent. */
export interface Exchange {
  /** Also the id of the grant that it may bring. */
  readonly attemptId: string;
  readonly app: AppConfig;
  readonly client: ClientCredentials;
  readonly secrets: ClientSecretSet | undefined;
  readonly keys: OwnKeySet;
}

export async function keepGrant(
  ports: KeepGrantPorts,
  vault: Vault,
  session: Session,
  tokens: TokenResponse,
  exchange: Exchange,
  remainingTimeMs: () => number,
): Promise<Session> {
  const checked = await check(ports, session, tokens, exchange);
  if (checked.kind === 'refused') {
    return refuse(ports, vault, session, tokens, exchange, checked.error, remainingTimeMs);
  }
  const { orgId, userId } = checked;
  const now = ports.clock.now();
  const connectionId = connectionIdOf({ app: session.app, orgId, userId });
  const grant = await sealedGrant(ports, vault, session, tokens, exchange, connectionId, checked.instanceUrl);
  const incoming: NewAuthorization = {
    connectionId,
    app: session.app,
    orgId,
    userId,
    flow: exchange.app.flow,
    authorizedAt: authorizedAtOf(tokens, now),
    begunAt: session.attempt?.begunAt ?? now,
    grant,
    link: { sessionId: session.id, tenant: session.tenant, integration: session.integration },
  };
  const { result, connection } = await store(ports, incoming, remainingTimeMs);
  if (result === 'disconnected')
    return refuse(ports, vault, session, tokens, exchange, disconnectedMeanwhile, remainingTimeMs);
  if (result === 'saved') return session;
  ports.metrics.add('Connected', 1);
  await settleDuties(ports, vault, connection, session, tokens, exchange);
  return (await ports.store.sessions.read(session.id)) ?? session;
}

type Stored = 'stored' | 'disconnected' | 'saved';

/**
 * The first durable act after the response: one conditional write. Where the store refuses it to the last, the answer
 * goes into the lifeboat, and `maintain` stores it from there; the session stays `exchanging` until then.
 */
async function store(
  ports: KeepGrantPorts,
  incoming: NewAuthorization,
  remainingTimeMs: () => number,
): Promise<{ result: Stored; connection: Connection | undefined }> {
  const persist = storeTime(ports.clock, incoming.begunAt + leaseMs, remainingTimeMs);
  try {
    return await storeGrant(ports, incoming, persist);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const { connectionId, grant } = incoming;
    const entry = { connectionId, attemptId: grant.id, authorization: incoming, at: ports.clock.now() };
    await ports.lifeboat.put({ version: 1, kind: 'code', ...entry });
    ports.log.error('The store refused the tokens of a callback; they lie in the lifeboat.', {
      connection_id: connectionId,
    });
    ports.metrics.add('SavedInLifeboat', 1);
    return { result: 'saved', connection: undefined };
  }
}

/** Nothing here can lose the tokens any more; whatever fails is found again by `maintain`. */
async function settleDuties(
  ports: KeepGrantPorts,
  vault: Vault,
  connection: Connection | undefined,
  session: Session,
  tokens: TokenResponse,
  exchange: Exchange,
): Promise<void> {
  if (connection === undefined) return;
  try {
    // Its own link, and the grant itself where a newer one was there first; a superseded one has its grace.
    const own = [linkDutyId(session.id), revokeDutyId(exchange.attemptId)];
    const doers = { link: linkDoer(ports), revoke: connectionRevokeDoer(ports, vault) };
    const kept = await doDuties(ports, ports.store.connections, connection, doers, own);
    if (kept.grant?.id !== exchange.attemptId) return;
    await learnSession(ports, kept, tokens.accessToken, exchange.client);
  } catch (error) {
    ports.log.error('The tokens are stored; what follows is left to maintain.', {
      connection_id: connection.id,
      error,
    });
  }
}

async function check(
  ports: KeepGrantPorts,
  session: Session,
  tokens: TokenResponse,
  { secrets }: Exchange,
): Promise<CodeAnswerCheck> {
  const checked = checkCodeAnswer(tokens, {
    orgId: session.expectedOrgId,
    userId: session.expectedUserId,
    extraOrigin: ports.config.salesforceOrigin,
  });
  if (checked.kind === 'refused' || secrets === undefined) return checked;
  const signature = checkSignature(tokens, secrets);
  if (signature === 'absent') {
    ports.log.warn('The token response has no signature.', { app: session.app, session_id: session.id });
  }
  if (signature !== 'invalid') return checked;
  // The secret may have been rotated since it was read.
  const fresh = await ports.secrets.of(session.app, { fresh: true }).catch(() => secrets);
  return checkSignature(tokens, fresh) === 'invalid' ? { kind: 'refused', error: wrongSignature } : checked;
}

async function sealedGrant(
  ports: KeepGrantPorts,
  vault: Vault,
  session: Session,
  tokens: TokenResponse,
  { keys, app, attemptId }: Exchange,
  connectionId: string,
  instanceUrl: string,
): Promise<Grant> {
  const context = { connectionId, grantId: attemptId };
  const now = ports.clock.now();
  const issuedAt = issuedAtOf(tokens, now);
  const [accessToken, refreshToken] = await Promise.all([
    vault.seal(tokens.accessToken, keys.access, { ...context, purpose: 'access' }),
    tokens.refreshToken && vault.seal(tokens.refreshToken, keys.refresh, { ...context, purpose: 'refresh' }),
  ]);
  return {
    id: attemptId,
    refreshes: 0,
    madeBy: attemptId,
    accessToken,
    accessTokenSha256: sha256Hex(tokens.accessToken.reveal()),
    refreshToken,
    ownKeys: keys.wrapped,
    issuedAt,
    refreshedAt: now,
    ...sessionTimes(issuedAt, assumedSessionMs, now),
    scopes: tokens.scope?.split(' ').filter(Boolean) ?? app.scopes,
    instanceUrl,
    loginUrl: session.loginUrl,
    attempts: [],
    failures: 0,
  };
}

/** A grant that we do not keep: owed in the session's own write, or in the lifeboat, then revoked at once. */
async function refuse(
  ports: KeepGrantPorts,
  vault: Vault,
  session: Session,
  tokens: TokenResponse,
  exchange: Exchange,
  error: SessionError,
  remainingTimeMs: () => number,
): Promise<Session> {
  const now = ports.clock.now();
  const grant = await sealedGrant(ports, vault, session, tokens, exchange, sealedFor(session.id), '');
  const duty = revocationOf(grant, now, now + leaseMs, 'refused');
  const persist = storeTime(ports.clock, (session.attempt?.begunAt ?? now) + leaseMs, remainingTimeMs);
  try {
    const failed = await failSession(ports, session, error, { revoke: duty, persist });
    const doers = { revoke: sessionRevokeDoer(ports, vault) };
    return await doDuties(ports, ports.store.sessions, failed, doers, [revokeDutyId(grant.id)]).catch(
      (failure: unknown) => {
        ports.log.warn('A refused grant is still to be revoked.', { session_id: session.id, error: failure });
        return failed;
      },
    );
  } catch (failure) {
    if (!(failure instanceof StoreUnavailableError)) throw failure;
    const key = { connectionId: sealedFor(session.id), attemptId: grant.id, sessionId: session.id };
    await ports.lifeboat.put({ version: 1, kind: 'duty', ...key, error, duty, at: now });
    ports.metrics.add('SavedInLifeboat', 1);
    return session;
  }
}
