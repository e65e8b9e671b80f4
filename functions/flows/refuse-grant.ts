/**
 * A grant that we do not keep: its revocation is owed in the write that says so, or in the lifeboat, and then done at once.
 */
import { assumedSessionMs, sessionTimes } from '../core/cadence.ts';
import type { AppConfig } from '../core/config.ts';
import type { RevokeDuty } from '../core/duty.ts';
import { takesNoWrite } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import { sha256Hex } from '../core/hash.ts';
import { issuedAtOf, type TokenResponse } from '../core/judge-token-answer.ts';
import type { ClientCredentials, ClientSecretSet, Ports } from '../core/ports.ts';
import type { Session, SessionError } from '../core/session.ts';
import { revokeDutyId } from '../core/settle-superseded.ts';
import { revocationOf } from '../core/store-grant.ts';
import { leaseMs } from '../core/time-limits.ts';
import { doDuties } from './do-duties.ts';
import { failSession } from './fail-session.ts';
import { recordEnd } from './record-grant.ts';
import { type RevokePorts, sealedFor, sessionRevokeDoer } from './revoke-duty.ts';
import { storeTime } from './time-left.ts';
import type { OwnKeySet, Vault } from './vault.ts';

export type RefusePorts = RevokePorts & Pick<Ports, 'random'>;

/** One code exchange, and what was in hand before it was sent. */
export interface Exchange {
  /** Also the id of the grant that it may bring. */
  readonly attemptId: string;
  readonly app: AppConfig;
  readonly client: ClientCredentials;
  readonly secrets: ClientSecretSet | undefined;
  readonly keys: OwnKeySet;
}

export async function refuseGrant(
  ports: RefusePorts,
  vault: Vault,
  session: Session,
  tokens: TokenResponse,
  exchange: Exchange,
  error: SessionError,
  remainingTimeMs: () => number,
): Promise<Session> {
  const now = ports.clock.now();
  const grant = await sealedGrant(ports, vault, session, tokens, exchange, sealedFor(session.id), '');
  const duty = revocationOf(grant, now, now + leaseMs, exchange.app.purpose === 'sign_in' ? 'signed_in' : 'refused');
  const persist = storeTime(ports.clock, (session.attempt?.begunAt ?? now) + leaseMs, remainingTimeMs);
  try {
    const failed = await failSession(ports, session, error, { revoke: duty, persist });
    return await revokeAtOnce(ports, vault, failed, duty);
  } catch (failure) {
    if (!takesNoWrite(failure)) throw failure;
    await saveDuty(ports, session, duty, error);
    return session;
  }
}

/** Whatever fails here is owed, and done by `maintain`. */
export async function revokeAtOnce(
  ports: RefusePorts,
  vault: Vault,
  holder: Session,
  duty: RevokeDuty,
): Promise<Session> {
  try {
    if (duty.reason === 'refused') {
      await recordEnd(ports, holder, duty.grantId, { outcome: 'refused', reason: holder.error?.code });
    }
    const doers = { revoke: sessionRevokeDoer(ports, vault) };
    return await doDuties(ports, ports.store.sessions, holder, doers, [revokeDutyId(duty.grantId)]);
  } catch (failure) {
    ports.log.warn('A grant that is not kept is still to be revoked.', { session_id: holder.id, error: failure });
    return holder;
  }
}

/** The table refused to the last: the lifeboat holds the token and what the session is to end with. */
export async function saveDuty(
  ports: RefusePorts,
  session: Session,
  duty: RevokeDuty,
  error: SessionError,
): Promise<void> {
  const key = { connectionId: sealedFor(session.id), attemptId: duty.grantId, sessionId: session.id };
  await ports.lifeboat.put({ version: 1, kind: 'duty', ...key, error, duty, at: ports.clock.now() });
  ports.metrics.add('SavedInLifeboat', 1);
}

export async function sealedGrant(
  ports: Pick<Ports, 'clock'>,
  vault: Vault,
  session: Pick<Session, 'loginUrl'>,
  tokens: TokenResponse,
  { keys, app, attemptId }: Pick<Exchange, 'keys' | 'app' | 'attemptId'>,
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
