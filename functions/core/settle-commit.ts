/** What the tokens of an answer make of the connection that was claimed for it: the next generation, or a late one. */
import { backoffMs, nextRefreshAfterSuccess } from './cadence.ts';
import type { Connection } from './connection.ts';
import { withoutFailure } from './failing.ts';
import type { Grant } from './grant.ts';
import { withFailureAlert, withRecovery } from './own-alert.ts';
import type { NewTokens, SentAttempt } from './sent-attempt.ts';
import { decideSuperseded } from './settle-superseded.ts';

export type CommitDecision =
  | { readonly kind: 'commit'; readonly after: Connection }
  /** This attempt's commit is there: its answer was lost. */
  | { readonly kind: 'committed' }
  /** The grant moved on by a later refresh: this answer's tokens are of no more use. */
  | { readonly kind: 'stale' }
  /** Another grant took the connection over: the answer belongs to the revocation duty of this one. */
  | { readonly kind: 'superseded'; readonly after: Connection };

export function decideCommit(
  connection: Connection,
  attempt: SentAttempt,
  made: NewTokens,
  now: number,
  fraction: number,
  idleLimitMs?: number,
): CommitDecision {
  const { grant } = connection;
  if (grant === undefined || grant.id !== attempt.generation.grantId) {
    return decideSuperseded(connection, attempt, made, now);
  }
  if (grant.madeBy === attempt.id) return { kind: 'committed' };
  if (grant.refreshes !== attempt.generation.refreshes) return { kind: 'stale' };
  const inUse = grant.readRefreshes === grant.refreshes;
  const { rotated, identityChanged, ...tokens } = made;
  const next: Grant = {
    ...grant,
    ...tokens,
    refreshes: grant.refreshes + 1,
    madeBy: attempt.id,
    refreshedAt: now,
    ownKeys: undefined,
    failures: 0,
    lastFailure: undefined,
    deadSince: undefined,
    death: undefined,
    rejectedRefreshes: undefined,
    rotates: rotated || grant.rotates === true,
    identityChanged: identityChanged || undefined,
    ...settled(grant, attempt),
  };
  const after: Connection = {
    ...withoutFailure(connection),
    status: 'active',
    cause: undefined,
    grant: next,
    nextRefreshAt: nextRefreshAfterSuccess(next, inUse, fraction, idleLimitMs),
  };
  const told = identityChanged ? after : withRecovery(connection, after, attempt.id, now);
  if (wasRejected(grant, made))
    return { kind: 'commit', after: repeated(told, next, grant.failures + 1, now, fraction) };
  if (!identityChanged) return { kind: 'commit', after: told };
  const changed: Connection = { ...after, status: 'admin_action_required', cause: 'identity_changed' };
  if (connection.cause === 'identity_changed') return { kind: 'commit', after: changed };
  const alert = { type: 'admin_action_required', cause: 'identity_changed', alertId: attempt.id } as const;
  // No incident can be meant: nothing was refused.
  return { kind: 'commit', after: withFailureAlert(connection, changed, alert, now, 0) };
}

/** Salesforce gave the very token again that it had refused in use. */
function wasRejected(before: Grant, made: NewTokens): boolean {
  return before.rejectedRefreshes === before.refreshes && before.accessTokenSha256 === made.accessTokenSha256;
}

/**
 * It stays rejected, to everyone, and is asked anew later; ever later, for it may come until its session ends, and each
 * time is a login.
 */
function repeated(after: Connection, grant: Grant, failures: number, now: number, fraction: number): Connection {
  const description = 'The refresh brought the rejected access token again.';
  const lastFailure = { at: now, class: 'unknown', error: 'token_repeated', description };
  return {
    ...after,
    grant: { ...grant, rejectedRefreshes: grant.refreshes, failures, lastFailure },
    nextRefreshAt: now + backoffMs(failures, fraction),
  };
}

/** An attempt that is settled gives its lease back, unless another holds it by now. */
function settled(grant: Grant, attempt: SentAttempt): Pick<Grant, 'lease' | 'attempts'> {
  const other = grant.lease !== undefined && grant.lease.attempt !== attempt.id ? grant.lease : undefined;
  return { lease: other, attempts: grant.attempts.filter((one) => one.id === other?.attempt) };
}
