/**
 * Settles a sent refresh in the store: tokens are committed onto the generation whose token was sent, refusals are
 * recorded by their class, silence leaves attempt and lease as they are.
 *
 * Each decision is made on the item as it is then, so an answer that comes late still finds its place.
 */
import { assumedSessionMs, sessionTimes } from '../core/cadence.ts';
import { identityOf } from '../core/check-code-answer.ts';
import type { Connection } from '../core/connection.ts';
import { takesNoWrite } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import { sha256Hex } from '../core/hash.ts';
import { isSalesforceUrl } from '../core/hosts.ts';
import { issuedAtOf, type TokenResponse } from '../core/judge-token-answer.ts';
import { newId } from '../core/new-id.ts';
import type { Ports, RefreshReport } from '../core/ports.ts';
import type { RefreshEvent } from '../core/refresh-machine.ts';
import { report } from '../core/refresh-report.ts';
import type { NewTokens, SentAttempt } from '../core/sent-attempt.ts';
import type { Refusal } from '../core/settle-refusal.ts';
import { type AdvancePorts, advance } from './advance.ts';
import { learnSession } from './learn-session.ts';
import type { Prepared } from './prepare-refresh.ts';
import { storeTime } from './time-left.ts';
import type { Vault } from './vault.ts';

export type SettlePorts = AdvancePorts & Pick<Ports, 'config' | 'salesforce' | 'lifeboat' | 'log' | 'metrics'>;

export async function commitTokens(
  ports: SettlePorts,
  vault: Vault,
  claimed: Connection & { grant: Grant },
  attempt: SentAttempt,
  tokens: TokenResponse,
  prepared: Prepared,
  remainingTimeMs: () => number,
): Promise<RefreshReport> {
  const made = await sealed(ports, vault, claimed, tokens, prepared);
  const persist = storeTime(ports.clock, claimed.grant.lease?.until ?? 0, remainingTimeMs);
  const event: RefreshEvent = { type: 'answered', attempt, made };
  try {
    const { outcome, item } = await advance(ports, claimed.id, event, {
      writeId: `${attempt.id}.commit`,
      seen: claimed,
      persist,
    });
    ports.log.info('A refresh was answered.', { connection_id: claimed.id, attempt: attempt.id, outcome });
    if (outcome !== 'committed' || item === undefined) return report('not_needed', 'The generation has moved on.');
    ports.metrics.add('Refreshed', 1);
    await learnSession(ports, item, tokens.accessToken, prepared.client);
    return report(item.status === 'admin_action_required' ? 'admin_action_required' : 'refreshed');
  } catch (error) {
    if (!takesNoWrite(error) || !made.rotated) throw error;
    return save(ports, claimed, attempt, made, error);
  }
}

/** The store refused it to the last: the rotated token would be lost with this process. */
async function save(
  ports: SettlePorts,
  { id }: Connection,
  attempt: SentAttempt,
  made: NewTokens,
  error: Error,
): Promise<RefreshReport> {
  const at = ports.clock.now();
  await ports.lifeboat.put({ version: 1, kind: 'refresh', connectionId: id, attemptId: attempt.id, attempt, made, at });
  ports.log.error('The store refused a refresh answer; it lies in the lifeboat.', { connection_id: id, error });
  ports.metrics.add('SavedInLifeboat', 1);
  return report('in_lifeboat');
}

/** The rotated refresh token is kept; a foreign instance is not taken over, nor is the answer of another user served. */
async function sealed(
  ports: SettlePorts,
  vault: Vault,
  { id, orgId, userId, grant }: Connection & { grant: Grant },
  tokens: TokenResponse,
  { accessKey, refresh: sent }: Prepared,
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
    sent && vault.seal(tokens.refreshToken ?? sent.token, sent.key, { ...context, purpose: 'refresh' }),
  ]);
  return {
    accessToken: access,
    accessTokenSha256: sha256Hex(tokens.accessToken.reveal()),
    refreshToken: refresh,
    issuedAt,
    ...sessionTimes(issuedAt, grant.session?.lengthMs ?? assumedSessionMs, now),
    instanceUrl: ours ? new URL(instanceUrl).origin : grant.instanceUrl,
    rotated: sent !== undefined && tokens.refreshToken !== undefined,
    identityChanged: identity?.orgId !== orgId || identity.userId !== userId,
  };
}

export async function recordRefusal(
  ports: SettlePorts,
  claimed: Connection & { grant: Grant },
  attempt: SentAttempt,
  refusal: Refusal,
  remainingTimeMs: () => number,
): Promise<RefreshReport> {
  const event: RefreshEvent = { type: 'refused', attempt, refusal, alertId: newId(ports.random) };
  const { item } = await advance(ports, claimed.id, event, {
    writeId: `${attempt.id}.refused`,
    seen: claimed,
    persist: storeTime(ports.clock, claimed.grant.lease?.until ?? 0, remainingTimeMs),
  });
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
  claimed: Connection & { grant: Grant },
  attempt: SentAttempt,
  reason: string,
  remainingTimeMs: () => number,
): Promise<RefreshReport> {
  await advance(
    ports,
    claimed.id,
    { type: 'unanswered', attempt, reason },
    {
      writeId: `${attempt.id}.no-answer`,
      seen: claimed,
      persist: storeTime(ports.clock, claimed.grant.lease?.until ?? 0, remainingTimeMs),
    },
  );
  ports.log.warn('Salesforce did not answer a refresh.', { connection_id: claimed.id, attempt: attempt.id, reason });
  ports.metrics.add('NoAnswer', 1);
  return report('no_answer', reason);
}
