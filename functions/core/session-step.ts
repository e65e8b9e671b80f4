/**
 * The steps of a connect session, each a condition on the step before: bound to a browser, consumed once before the
 * code is exchanged, ended by an outcome.
 */

import type { RevokeDuty } from './duty.ts';
import type { Binding, Session, SessionError, SessionStatus } from './session.ts';
import { isUnclaimed, unclaimed } from './session-claim.ts';
import { revokeDutyId } from './settle-superseded.ts';
import { exchangeLostMs } from './time-limits.ts';

/** How the session stands at `now`: what is stored, and what time has made of it. */
export function sessionStatus(session: Session, now: number): SessionStatus {
  if (session.status === 'pending' && session.expiresAt <= now) return 'expired';
  if (isUnclaimed(session, now)) return 'failed';
  if (exchangeIsLost(session, now)) return 'failed';
  return session.status;
}

/** The exchange ended neither well nor badly: its process died before it could write. */
function exchangeIsLost(session: Session, now: number): boolean {
  if (session.status !== 'exchanging' || session.attempt === undefined) return false;
  return session.attempt.begunAt + exchangeLostMs < now;
}

export const lostResponse: SessionError = {
  code: 'lost_response',
  detail: 'The code was sent to Salesforce, and no answer was kept: the process or the connection broke off.',
  remedy: 'Open a new link and authorize again; a grant that Salesforce may have made stays unused.',
};

export const disconnectedMeanwhile: SessionError = {
  code: 'disconnected',
  detail: 'The connection was disconnected while the user was authorizing; the new grant was revoked.',
  remedy: 'Open a new link if it shall be connected again.',
};

export function sessionErrorOf(session: Session, now: number): SessionError | undefined {
  if (session.error !== undefined) return session.error;
  if (isUnclaimed(session, now)) return unclaimed;
  return exchangeIsLost(session, now) ? lostResponse : undefined;
}

/** `undefined`: not to be opened any more. */
export function bind(session: Session, binding: Binding, now: number): Session | undefined {
  return sessionStatus(session, now) === 'pending' ? { ...session, binding } : undefined;
}

export type ConsumeDecision =
  | { readonly kind: 'consume'; readonly after: Session }
  | { readonly kind: 'consumed' }
  | { readonly kind: 'refuse' };

/** Once, by the attempt that will exchange the code, while the binding is the one that the browser showed. */
export function consume(session: Session, attemptId: string, seen: Binding, now: number): ConsumeDecision {
  if (session.status === 'exchanging' && session.attempt?.id === attemptId) return { kind: 'consumed' };
  if (sessionStatus(session, now) !== 'pending') return { kind: 'refuse' };
  if (session.binding?.stateSha256 !== seen.stateSha256) return { kind: 'refuse' };
  return { kind: 'consume', after: { ...session, status: 'exchanging', attempt: { id: attemptId, begunAt: now } } };
}

/** Takes back a consume whose code was never sent; `undefined`: it is not this attempt's, or was not applied. */
export function unconsume(session: Session, attemptId: string): Session | undefined {
  if (session.status !== 'exchanging' || session.attempt?.id !== attemptId) return undefined;
  return { ...session, status: 'pending', attempt: undefined };
}

/**
 * Ends a session without a connection; `revoke` is owed for a grant that it obtained and that we do not keep.
 *
 * @param attemptId the exchange that failed; absent: nothing was consumed. Two callbacks may come with one state, and what
 *   one could not begin must not end what the other has under way.
 */
export function fail(
  session: Session,
  error: SessionError,
  attemptId: string | undefined,
  revoke?: RevokeDuty,
): Session | undefined {
  const { status, attempt } = session;
  const open = status === 'pending' || (status === 'exchanging' && attempt?.id === attemptId);
  if (!open && revoke === undefined) return undefined;
  const duties = revoke === undefined ? session.duties : { ...session.duties, [revokeDutyId(revoke.grantId)]: revoke };
  return open ? { ...session, status: 'failed', error, duties } : { ...session, duties };
}

export const overtaken: SessionError = {
  code: 'overtaken',
  detail:
    'The integration was linked to another connection, or unlinked, while the user was authorizing; this one is not used.',
  remedy: 'Open a new link if the integration shall use this user after all.',
};

/** The tokens are stored, and what they were for has gone elsewhere. `undefined`: it is over, one way or the other. */
export function overtake(session: Session): Session | undefined {
  if (session.status === 'connected' || session.status === 'failed') return undefined;
  return { ...session, status: 'failed', error: overtaken };
}

/** The link is done. A session that was given up for lost is found again by this. */
export function connect(session: Session, connectionId: string): Session | undefined {
  if (session.status === 'connected') return undefined;
  return { ...session, status: 'connected', connectionId, error: undefined };
}
