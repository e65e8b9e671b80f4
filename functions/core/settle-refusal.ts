/**
 * What a refusal makes of the connection that was claimed for it: a failure for now, a first sighting of death, a verdict,
 * or a case for the org's administrator. It settles its attempt in each of them.
 */
import { backoffMs } from './cadence.ts';
import type { Connection } from './connection.ts';
import type { FailureClass } from './error-table.ts';
import { withDeath, withFailure } from './failing.ts';
import type { Grant } from './grant.ts';
import { withFailureAlert } from './own-alert.ts';
import type { SentAttempt } from './sent-attempt.ts';
import { decideSuperseded } from './settle-superseded.ts';

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
    const decision = decideSuperseded(connection, attempt, undefined, now);
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
      return dead(withFailure({ ...connection, grant: failed }, 'dead', now), failed, refusal, now, alertId);
    case 'admin':
      // Whoever was told to authorize again is not told otherwise before it works again.
      if (connection.status === 'reauthorization_required') return stillDead(connection, failed, now);
      return adminActionRequired(
        withFailure({ ...connection, grant: failed }, 'admin', now),
        failed,
        refusal,
        now,
        alertId,
      );
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
  const dying = withDeath(connection, now);
  return withFailureAlert(
    dying,
    {
      ...dying,
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
  // What the windows showed when it was told is kept: it cannot be counted any more.
  const death = { at: now, ...grant.death, tries: (grant.death?.tries ?? 0) + 1 };
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
  return withFailureAlert(connection, after, { type: 'admin_action_required', cause, alertId }, now);
}

/** Most of what Salesforce refuses is one error, `invalid_grant`: its description tells which. */
export function causeOf({ error, description }: Pick<Refusal, 'error' | 'description'>): string {
  return (error === 'invalid_grant' && slug(description)) || error;
}

function slug(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}
