/**
 * Settles a sent refresh in the store: tokens are committed onto the generation whose token was sent, refusals are
 * recorded by their class, silence leaves attempt and lease as they are.
 *
 * Each decision is made on the item as it is then, so an answer that comes late still finds its place.
 */
import { assumedSessionMs, sessionTimes } from '../core/cadence.ts';
import { identityOf } from '../core/check-code-answer.ts';
import type { Connection } from '../core/connection.ts';
import type { Grant } from '../core/grant.ts';
import { sha256Hex } from '../core/hash.ts';
import { isSalesforceUrl } from '../core/hosts.ts';
import { issuedAtOf, type TokenResponse } from '../core/judge-token-answer.ts';
import { newId } from '../core/new-id.ts';
import type { ClientCredentials, Ports, RefreshReport } from '../core/ports.ts';
import { report } from '../core/refresh-report.ts';
import type { Secret } from '../core/secret.ts';
import {
  decideCommit,
  decideNoAnswer,
  decideRefusal,
  type NewTokens,
  type Refusal,
  type SentAttempt,
} from '../core/settle-refresh.ts';
import { change } from './change.ts';
import { learnSession } from './learn-session.ts';
import type { DataKey, Vault } from './vault.ts';

export type SettlePorts = Pick<Ports, 'config' | 'clock' | 'random' | 'store' | 'salesforce' | 'log' | 'metrics'>;

/** What a request needs, all in hand before it is claimed. */
export interface Prepared {
  readonly client: ClientCredentials;
  readonly refreshToken: Secret;
  readonly accessKey: DataKey;
  readonly refreshKey: DataKey;
}

export async function commitTokens(
  ports: SettlePorts,
  vault: Vault,
  claimed: Connection & { grant: Grant },
  attempt: SentAttempt,
  tokens: TokenResponse,
  prepared: Prepared,
): Promise<RefreshReport> {
  const made = await sealed(ports, vault, claimed, tokens, prepared);
  const fraction = ports.random.fraction();
  const { result, item } = await change(
    ports.store.connections,
    claimed.id,
    (current) => {
      if (current === undefined) return { keep: true, result: 'unknown_connection' as const };
      const decision = decideCommit(current, attempt, made, ports.clock.now(), fraction);
      if (decision.kind === 'commit' || decision.kind === 'superseded') {
        return { write: decision.after, result: decision.kind };
      }
      return { keep: true, result: decision.kind };
    },
    { writeId: `${attempt.id}.commit`, seen: claimed, persist: untilLeaseEnds(ports, claimed) },
  );
  ports.log.info('A refresh was answered.', { connection_id: claimed.id, attempt: attempt.id, commit: result });
  if (result !== 'commit' || item === undefined) return report('not_needed', `The answer was ${result}.`);
  ports.metrics.add('Refreshed', 1);
  await learnSession(ports, item, tokens.accessToken, prepared.client);
  return report(item.status === 'admin_action_required' ? 'admin_action_required' : 'refreshed');
}

/** The rotated refresh token is kept; a foreign instance is not taken over, nor is the answer of another user served. */
async function sealed(
  ports: SettlePorts,
  vault: Vault,
  { id, orgId, userId, grant }: Connection & { grant: Grant },
  tokens: TokenResponse,
  { accessKey, refreshKey, refreshToken }: Prepared,
): Promise<NewTokens> {
  const { salesforceOrigin } = ports.config;
  const context = { connectionId: id, grantId: grant.id };
  const now = ports.clock.now();
  const issuedAt = issuedAtOf(tokens, now);
  const instanceUrl = tokens.instanceUrl ?? grant.instanceUrl;
  const ours = isSalesforceUrl(instanceUrl, salesforceOrigin);
  if (!ours)
    ports.log.error('A refresh answer named a foreign instance; it was not taken over.', { connection_id: id });
  const identity = tokens.id === undefined ? { orgId, userId } : identityOf(tokens.id, salesforceOrigin);
  const [access, refresh] = await Promise.all([
    vault.seal(tokens.accessToken, accessKey, { ...context, purpose: 'access' }),
    vault.seal(tokens.refreshToken ?? refreshToken, refreshKey, { ...context, purpose: 'refresh' }),
  ]);
  return {
    accessToken: access,
    accessTokenSha256: sha256Hex(tokens.accessToken.reveal()),
    refreshToken: refresh,
    issuedAt,
    ...sessionTimes(issuedAt, grant.session?.lengthMs ?? assumedSessionMs, now),
    instanceUrl: ours ? new URL(instanceUrl).origin : grant.instanceUrl,
    rotated: tokens.refreshToken !== undefined,
    identityChanged: identity?.orgId !== orgId || identity.userId !== userId,
  };
}

export async function recordRefusal(
  ports: SettlePorts,
  claimed: Connection,
  attempt: SentAttempt,
  refusal: Refusal,
): Promise<RefreshReport> {
  const fraction = ports.random.fraction();
  const alertId = newId(ports.random);
  const { item } = await change(
    ports.store.connections,
    claimed.id,
    (current) => {
      const after = current && decideRefusal(current, attempt, refusal, ports.clock.now(), fraction, alertId);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${attempt.id}.refused`, seen: claimed, persist: untilLeaseEnds(ports, claimed) },
  );
  const { error, description } = refusal;
  ports.log.warn('Salesforce refused a refresh.', {
    connection_id: claimed.id,
    attempt: attempt.id,
    class: refusal.class,
    error,
    description,
  });
  ports.metrics.add(`Refused_${refusal.class}`, 1);
  if (item?.status === 'reauthorization_required') return report('reauthorization_required', item.cause);
  if (item?.status === 'admin_action_required') return report('admin_action_required', item.cause);
  if (refusal.class === 'operator') return report('app_misconfigured', `${error}: ${description}`);
  return report('backing_off', `${error}: ${description}`);
}

export async function recordNoAnswer(
  ports: SettlePorts,
  claimed: Connection,
  attempt: SentAttempt,
  reason: string,
): Promise<RefreshReport> {
  const fraction = ports.random.fraction();
  await change(
    ports.store.connections,
    claimed.id,
    (current) => {
      const after = current && decideNoAnswer(current, attempt, reason, ports.clock.now(), fraction);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${attempt.id}.no-answer`, seen: claimed, persist: untilLeaseEnds(ports, claimed) },
  );
  ports.log.warn('Salesforce did not answer a refresh.', { connection_id: claimed.id, attempt: attempt.id, reason });
  ports.metrics.add('NoAnswer', 1);
  return report('no_answer', reason);
}

/** Nobody else may act on this generation before: so long a write that must not be lost is tried. */
function untilLeaseEnds({ clock }: Pick<Ports, 'clock'>, { grant }: Connection) {
  return { clock, until: grant?.lease?.until ?? clock.now() };
}
