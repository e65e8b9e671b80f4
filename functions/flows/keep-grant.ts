/**
 * What becomes of a code exchange's tokens: checked, sealed, written first and alone, then linked; or refused, which
 * owes a revocation in the write that says so.
 */
import { assumedSessionMs, sessionTimes } from '../core/cadence.ts';
import { type CodeAnswerCheck, checkCodeAnswer, checkSignature, wrongSignature } from '../core/check-code-answer.ts';
import { leaseMs } from '../core/claim.ts';
import type { AppConfig } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import type { Grant } from '../core/grant.ts';
import { sha256Hex } from '../core/hash.ts';
import { connectionIdOf } from '../core/ids.ts';
import { authorizedAtOf, issuedAtOf, type TokenResponse } from '../core/judge-token-answer.ts';
import type { ClientCredentials, ClientSecretSet, Ports } from '../core/ports.ts';
import type { Session, SessionError } from '../core/session.ts';
import { revokeDutyId } from '../core/settle-refresh.ts';
import { decideStoreGrant, linkDutyId, type NewAuthorization, revocationOf } from '../core/store-grant.ts';
import { change } from './change.ts';
import { doDuties } from './do-duties.ts';
import { failSession } from './fail-session.ts';
import { learnSession } from './learn-session.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';
import { connectionRevokeDoer, type RevokePorts, sealedFor, sessionRevokeDoer } from './revoke-duty.ts';
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
): Promise<Session> {
  const checked = await check(ports, session, tokens, exchange);
  if (checked.kind === 'refused') return refuse(ports, vault, session, tokens, exchange, checked.error);
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
  const { result, connection } = await store(ports, incoming);
  if (result === 'disconnected') return refuse(ports, vault, session, tokens, exchange, disconnected);
  ports.metrics.add('Connected', 1);
  await settleDuties(ports, vault, connection, session, tokens, exchange);
  return (await ports.store.sessions.read(session.id)) ?? session;
}

/** The first durable act after the response: one conditional write. Its tries end with the exchange's lease. */
async function store(
  ports: KeepGrantPorts,
  incoming: NewAuthorization,
): Promise<{ result: 'stored' | 'disconnected'; connection: Connection | undefined }> {
  const fraction = ports.random.fraction();
  const { result, item } = await change<string, Connection, 'stored' | 'disconnected'>(
    ports.store.connections,
    incoming.connectionId,
    (current) => {
      const decision = decideStoreGrant(current, incoming, ports.clock.now(), fraction);
      switch (decision.kind) {
        case 'store':
        case 'older':
          return { write: decision.after, result: 'stored' };
        case 'stored':
          return { keep: true, result: 'stored' };
        case 'disconnected':
          return { keep: true, result: 'disconnected' };
      }
    },
    {
      writeId: `${incoming.grant.id}.store`,
      persist: { clock: ports.clock, until: incoming.begunAt + leaseMs },
    },
  );
  return { result, connection: item };
}

const disconnected: SessionError = {
  code: 'disconnected',
  detail: 'The connection was disconnected while the user was authorizing; the new grant was revoked.',
  remedy: 'Open a new link if it shall be connected again.',
};

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

/** A grant that we do not keep: owed in the session's own write, then revoked at once. */
async function refuse(
  ports: KeepGrantPorts,
  vault: Vault,
  session: Session,
  tokens: TokenResponse,
  exchange: Exchange,
  error: SessionError,
): Promise<Session> {
  const now = ports.clock.now();
  const grant = await sealedGrant(ports, vault, session, tokens, exchange, sealedFor(session.id), '');
  const duty = revocationOf(grant, now, now + leaseMs, 'refused');
  const failed = await failSession(ports, session, error, duty);
  try {
    const doers = { revoke: sessionRevokeDoer(ports, vault) };
    return await doDuties(ports, ports.store.sessions, failed, doers, [revokeDutyId(grant.id)]);
  } catch (failure) {
    ports.log.warn('A refused grant is still to be revoked.', { session_id: session.id, error: failure });
    return failed;
  }
}
