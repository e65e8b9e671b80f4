/**
 * What an answer, or its absence, makes of a claimed connection. Every function decides on the item as it is now: if
 * another write came in between, the caller reads again and asks again, and an answer always finds its place.
 */
import { backoffMs, nextRefreshAfterSuccess } from './cadence.ts';
import type { Connection } from './connection.ts';
import type { AlertDuty, RevokeDuty } from './duty.ts';
import type { FailureClass } from './error-table.ts';
import { type Generation, sameGeneration } from './generation.ts';
import { type Grant, ownerGaveUp } from './grant.ts';

/** One refresh: the attempt's id and the generation whose token it sent. */
export interface SentAttempt {
  readonly id: string;
  readonly generation: Generation;
  /** Where it was sent. */
  readonly loginUrl: string;
}

/** What a refresh response brought, sealed under the org's keys. */
export type NewTokens = Pick<
  Grant,
  'accessToken' | 'accessTokenSha256' | 'refreshToken' | 'issuedAt' | 'expiresAt' | 'refreshAfter' | 'instanceUrl'
> & {
  /** The response held a refresh token; else `refreshToken` is the one that was sent. */
  readonly rotated: boolean;
  /** Its `id` names another org or user. The answer is kept, for its rotated token would be lost with it. */
  readonly identityChanged: boolean;
};

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
    return supersededDecision(connection, attempt, made, now);
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
    ...connection,
    status: 'active',
    cause: undefined,
    grant: next,
    nextRefreshAt: nextRefreshAfterSuccess(next, inUse, fraction, idleLimitMs),
  };
  if (wasRejected(grant, made))
    return { kind: 'commit', after: repeated(after, next, grant.failures + 1, now, fraction) };
  if (!identityChanged) return { kind: 'commit', after: withRecovery(connection, after, attempt.id, now) };
  const changed: Connection = { ...after, status: 'admin_action_required', cause: 'identity_changed' };
  if (connection.cause === 'identity_changed') return { kind: 'commit', after: changed };
  const alert = { type: 'admin_action_required', cause: 'identity_changed', alertId: attempt.id } as const;
  return { kind: 'commit', after: withAlert(changed, alert, now) };
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

/** Whoever was told that the connection fails is told that it works again. */
export function withRecovery(before: Connection, after: Connection, alertId: string, now: number): Connection {
  if (before.status !== 'admin_action_required' && before.status !== 'reauthorization_required') return after;
  return withAlert(after, { type: 'connection_recovered', cause: before.cause ?? before.status, alertId }, now);
}

/** An attempt that is settled gives its lease back, unless another holds it by now. */
function settled(grant: Grant, attempt: SentAttempt): Pick<Grant, 'lease' | 'attempts'> {
  const other = grant.lease !== undefined && grant.lease.attempt !== attempt.id ? grant.lease : undefined;
  return { lease: other, attempts: grant.attempts.filter((one) => one.id === other?.attempt) };
}

function supersededDecision(
  connection: Connection,
  attempt: SentAttempt,
  made: NewTokens | undefined,
  now: number,
): CommitDecision {
  const id = revokeDutyId(attempt.generation.grantId);
  const open = connection.duties[id];
  const duty = open?.kind === 'revoke' ? open : undefined;
  const refreshes = attempt.generation.refreshes + 1;
  const rotatedToken = made?.rotated === true ? made.refreshToken : undefined;
  const newer = rotatedToken !== undefined && (duty === undefined || duty.refreshes < refreshes);
  const settles = duty?.attempts.some((one) => one.id === attempt.id) ?? false;
  if (!newer && !settles) return { kind: 'stale' };
  const known = duty ?? lateDuty(attempt, now);
  const after: RevokeDuty = {
    ...known,
    lease: known.lease?.attempt === attempt.id ? undefined : known.lease,
    attempts: known.attempts.filter((one) => one.id !== attempt.id),
    ...(newer ? { token: rotatedToken, tokenPurpose: 'refresh', ownKeys: undefined, refreshes } : {}),
  };
  return { kind: 'superseded', after: { ...connection, duties: { ...connection.duties, [id]: after } } };
}

/** The grant was revoked and its duty removed, and now a late answer brings a token of it: owed again, at once. */
function lateDuty(attempt: SentAttempt, now: number): RevokeDuty {
  return {
    kind: 'revoke',
    grantId: attempt.generation.grantId,
    refreshes: -1,
    token: '',
    tokenPurpose: 'refresh',
    loginUrl: attempt.loginUrl,
    attempts: [],
    reason: 'superseded',
    since: now,
    dueAt: now,
    tries: 0,
  };
}

export interface Refusal {
  readonly class: FailureClass;
  readonly error: string;
  readonly description: string;
}

/** Between two sightings of *dead*: long enough for a write that was under way to be seen. */
export const deadConfirmMs = 5_000;
const adminHourlyTries = 24;

/** A refusal settles its attempt. `undefined`: the connection moved on and there is nothing left to record. */
export function decideRefusal(
  connection: Connection,
  attempt: SentAttempt,
  refusal: Refusal,
  now: number,
  fraction: number,
  alertId: string,
): Connection | undefined {
  const { grant } = connection;
  if (grant === undefined || grant.id !== attempt.generation.grantId) {
    const decision = supersededDecision(connection, attempt, undefined, now);
    return decision.kind === 'superseded' ? decision.after : undefined;
  }
  if (grant.lease?.attempt !== attempt.id || grant.refreshes !== attempt.generation.refreshes) return undefined;
  const failed: Grant = {
    ...grant,
    lease: undefined,
    attempts: grant.attempts.filter((one) => one.id !== attempt.id),
    failures: grant.failures + 1,
    lastFailure: { at: now, class: refusal.class, error: refusal.error, description: refusal.description },
  };
  switch (refusal.class) {
    case 'dead':
      return dead({ ...connection, grant: failed }, failed, refusal, now, alertId);
    case 'admin':
      // Whoever was told to authorize again is not told otherwise before it works again.
      if (connection.status === 'reauthorization_required') return stillDead(connection, failed, now);
      return adminActionRequired({ ...connection, grant: failed }, failed, refusal, now, alertId);
    case 'operator':
    case 'transient':
    case 'busy':
    case 'bug':
    case 'unknown':
      return { ...connection, grant: failed, nextRefreshAt: now + backoffMs(failed.failures, fraction) };
  }
}

/** When a dead grant's token is tried again: if Salesforce was wrong, the connection recovers by itself. */
const deadRetriesMs: readonly number[] = [3_600_000, 24 * 3_600_000, 3 * 24 * 3_600_000];

/** Once is recorded; twice, five seconds apart, with the store read in between by the second claim, is a verdict. */
function dead(connection: Connection, grant: Grant, refusal: Refusal, now: number, alertId: string): Connection {
  if (connection.status === 'reauthorization_required') return stillDead(connection, grant, now);
  if (grant.deadSince === undefined || now - grant.deadSince < deadConfirmMs) {
    const deadSince = grant.deadSince ?? now;
    return { ...connection, grant: { ...grant, deadSince }, nextRefreshAt: deadSince + deadConfirmMs };
  }
  const cause = causeOfDeath(grant, refusal);
  const death = { at: now, tries: 0 };
  return withAlert(
    {
      ...connection,
      status: 'reauthorization_required',
      cause,
      grant: { ...grant, death },
      nextRefreshAt: deadRetryAt(death),
    },
    { type: 'reauthorization_required', cause, alertId },
    now,
  );
}

function stillDead(connection: Connection, grant: Grant, now: number): Connection {
  const death = { at: grant.death?.at ?? now, tries: (grant.death?.tries ?? 0) + 1 };
  return { ...connection, grant: { ...grant, death }, nextRefreshAt: deadRetryAt(death) };
}

/** `undefined`: it was tried often enough. */
function deadRetryAt({ at, tries }: { at: number; tries: number }): number | undefined {
  const afterMs = deadRetriesMs[tries];
  return afterMs === undefined ? undefined : at + afterMs;
}

/** A refresh of this generation was sent before and never answered: under rotation it may have ended the token. */
function causeOfDeath(grant: Grant, refusal: Refusal): string {
  const mayRotate = grant.rotates === true || grant.refreshes === 0;
  const unanswered = grant.attempts.some((one) => one.refreshes === grant.refreshes);
  if (mayRotate && unanswered) return 'lost_response';
  if (refusal.description.trim().toLowerCase() === 'authentication failure') {
    return 'user_deactivated_or_password_changed';
  }
  return 'revoked_or_unknown';
}

function adminActionRequired(
  connection: Connection,
  grant: Grant,
  refusal: Refusal,
  now: number,
  alertId: string,
): Connection {
  const interval = grant.failures <= adminHourlyTries ? 3_600_000 : 24 * 3_600_000;
  const cause = grant.identityChanged === true ? 'identity_changed' : causeOf(refusal);
  const after: Connection = { ...connection, status: 'admin_action_required', cause, nextRefreshAt: now + interval };
  if (connection.status === 'admin_action_required') return after;
  return withAlert(after, { type: 'admin_action_required', cause, alertId }, now);
}

/** Most of what Salesforce refuses is one error, `invalid_grant`: its description tells which. */
export function causeOf({ error, description }: Pick<Refusal, 'error' | 'description'>): string {
  return (error === 'invalid_grant' && slug(description)) || error;
}

function withAlert(
  connection: Connection,
  alert: Pick<AlertDuty, 'type' | 'cause' | 'alertId'>,
  now: number,
): Connection {
  const duty: AlertDuty = { kind: 'alert', ...alert, since: now, dueAt: now, tries: 0 };
  return { ...connection, duties: { ...connection.duties, [alertDutyId(alert.alertId)]: duty } };
}

/** No answer: attempt and lease stay, for Salesforce may still be acting on the request. Only the backoff grows. */
export function decideNoAnswer(
  connection: Connection,
  attempt: SentAttempt,
  reason: string,
  now: number,
  fraction: number,
): Connection | undefined {
  const { grant } = connection;
  if (grant === undefined || grant.lease?.attempt !== attempt.id || ownerGaveUp(grant)) return undefined;
  if (!sameGeneration({ grantId: grant.id, refreshes: grant.refreshes }, attempt.generation)) return undefined;
  const failures = grant.failures + 1;
  return {
    ...connection,
    nextRefreshAt: Math.max(grant.lease.until, now + backoffMs(failures, fraction)),
    grant: {
      ...grant,
      failures,
      lastFailure: { at: now, class: 'transient', error: 'no_answer', description: reason },
    },
  };
}

export function revokeDutyId(grantId: string): string {
  return `revoke.${grantId}`;
}

export function alertDutyId(alertId: string): string {
  return `alert.${alertId}`;
}

function slug(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}
