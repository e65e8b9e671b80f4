/**
 * Claiming a connection for one refresh: an owner, a lease, and the generation that the request saw.
 *
 * The claim is a conditional write on the revision that was read, so the item it decides on is the item it claims: the
 * refresh token and its generation are taken from there. `nextRefreshAt` moves to the lease's end, so that a death in
 * between strands nothing.
 */

import { isServable } from './cadence.ts';
import type { Connection } from './connection.ts';
import { type Generation, sameGeneration } from './generation.ts';
import { type Grant, generationOf, leaseLives } from './grant.ts';
import { withLogin } from './login-window.ts';
import type { RefreshReport, RefreshRequest } from './ports.ts';
import { leaseMs } from './time-limits.ts';

const attemptsKept = 10;

export type ClaimDecision =
  | { readonly kind: 'claim'; readonly after: Connection }
  | { readonly kind: 'claimed' }
  | { readonly kind: 'skip'; readonly outcome: RefreshReport['outcome'] };

/** `claimed`: this very attempt holds the lease already; its claim's answer was lost, the claim was not. */
export function decideClaim(
  connection: Connection,
  request: RefreshRequest,
  now: number,
  attemptId: string,
): ClaimDecision {
  const { grant } = connection;
  if (grant === undefined) return { kind: 'skip', outcome: 'not_needed' };
  if (leaseLives(grant, now)) {
    const own = grant.lease?.attempt === attemptId && sameGeneration(generationOf(grant), request.generation);
    return own ? { kind: 'claimed' } : { kind: 'skip', outcome: 'in_flight' };
  }
  if (!sameGeneration(generationOf(grant), request.generation)) return { kind: 'skip', outcome: 'not_needed' };
  const due = connection.nextRefreshAt !== undefined && connection.nextRefreshAt <= now;
  if (!due && connection.status === 'reauthorization_required') {
    return { kind: 'skip', outcome: 'reauthorization_required' };
  }
  if (!due && grant.failures > 0) return { kind: 'skip', outcome: backoffOutcome(connection) };
  if (!due && isServable(grant, now)) return { kind: 'skip', outcome: 'not_needed' };
  return { kind: 'claim', after: claimedBy(connection, grant, attemptId, now) };
}

/**
 * A claim for what lies in the lifeboat: whatever the due time, on the generation that the saved answer was made from.
 * `undefined`: a lease lives, or the generation has moved on.
 */
export function decideDrainClaim(
  connection: Connection,
  generation: Generation,
  now: number,
  attemptId: string,
): Connection | undefined {
  const { grant } = connection;
  if (grant === undefined || leaseLives(grant, now) || !sameGeneration(generationOf(grant), generation))
    return undefined;
  return claimedBy(connection, grant, attemptId, now);
}

/** Attempts of others on the present generation that no answer has settled: a response may have been lost or saved. */
export function unsettledBefore(grant: Grant, attemptId: string): boolean {
  return grant.attempts.some((one) => one.id !== attemptId && one.refreshes === grant.refreshes);
}

function claimedBy(connection: Connection, grant: Grant, attemptId: string, now: number): Connection {
  const until = now + leaseMs;
  const attempt = { id: attemptId, begunAt: now, refreshes: grant.refreshes };
  const lease = { attempt: attemptId, until };
  const attempts = boundedAttempts([...grant.attempts, attempt]);
  const after: Connection = { ...connection, nextRefreshAt: until, grant: { ...grant, lease, attempts } };
  return connection.flow === 'authorization_code' ? after : { ...after, logins: withLogin(connection.logins, now) };
}

/** Takes back a claim whose request was never sent: nothing failed at Salesforce, and nothing is unknown. */
export function withdrawClaim(
  connection: Connection,
  attemptId: string,
  nextRefreshAt: number,
): Connection | undefined {
  const { grant } = connection;
  if (grant?.lease?.attempt !== attemptId) return undefined;
  const attempts = grant.attempts.filter((attempt) => attempt.id !== attemptId);
  return { ...connection, nextRefreshAt, grant: { ...grant, lease: undefined, attempts } };
}

function backoffOutcome(connection: Connection): RefreshReport['outcome'] {
  return connection.status === 'admin_action_required' ? 'admin_action_required' : 'backing_off';
}

/** The oldest says since when an outcome is unknown, the newest what is under way; those between add nothing. */
function boundedAttempts<T>(attempts: readonly T[]): readonly T[] {
  return attempts.length <= attemptsKept ? attempts : [...attempts.slice(0, 1), ...attempts.slice(1 - attemptsKept)];
}
