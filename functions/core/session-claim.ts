/**
 * The claim of a connect session: the service says that the signed-in user who began it is the one who came back.
 *
 * Without it, whoever mails his own connect link to a victim gets the victim's org into his own tenant (RFC 9700 §4.7
 * calls it login CSRF; PKCE and `state` do not help, for the victim's browser goes the whole way itself). The claim is made
 * from the cookie of the bound browser and goes back with that browser alone: its hash stands in the session.
 */
import type { RevokeDuty } from './duty.ts';
import { equalInConstantTime, sha256Hex } from './hash.ts';
import type { Identity, Session, SessionError } from './session.ts';
import { revokeDutyId } from './settle-superseded.ts';

/** However late the user authorized, the service has this long to claim. */
export const claimTimeMs = 5 * 60_000;

/** Is it the claim of this session? */
export function isClaimOf(session: Session, claim: string): boolean {
  const expected = session.binding?.claimSha256;
  return expected !== undefined && equalInConstantTime(sha256Hex(claim), expected);
}

/** The tokens are stored (or the identity is known), and nothing is linked or shown before the claim. */
export function authorize(session: Session, connectionId: string | undefined, now: number): Session | undefined {
  if (session.status !== 'pending' && session.status !== 'exchanging') return undefined;
  const expiresAt = Math.max(session.expiresAt, now + claimTimeMs);
  return { ...session, status: 'authorized', connectionId, expiresAt, error: undefined };
}

export function needsClaim({ claim, claimedAt }: Session): boolean {
  return claim === true && claimedAt === undefined;
}

/** `undefined`: nothing to change: claimed before, or not to be claimed any more. */
export function claimed(session: Session, now: number): Session | undefined {
  if (session.status !== 'authorized' || session.claimedAt !== undefined || session.expiresAt <= now) return undefined;
  const status = session.identity === undefined ? session.status : 'signed_in';
  return { ...session, status, claimedAt: now };
}

/** Nobody claimed it in time. */
export function isUnclaimed(session: Session, now: number): boolean {
  return session.status === 'authorized' && needsClaim(session) && session.expiresAt <= now;
}

export const unclaimed: SessionError = {
  code: 'unclaimed',
  detail: 'The user authorized, and the service did not claim the session in time; nothing was linked.',
  remedy: 'Open a new link from the product, while logged in to it, and finish in the same browser.',
};

export type ClaimStanding =
  /** Claimed, or no claim is wanted. */
  { readonly kind: 'free' } | { readonly kind: 'wait'; readonly until: number } | { readonly kind: 'unclaimed' };

type StandingDecision =
  | { readonly write: Session; readonly result: ClaimStanding }
  | { readonly keep: true; readonly result: ClaimStanding };

/** How a session stands whose tokens are stored: the write that lets it be claimed, or ends it unclaimed. */
export function awaitClaim(session: Session | undefined, connectionId: string, now: number): StandingDecision {
  if (session?.claimedAt !== undefined) return { keep: true, result: { kind: 'free' } };
  const open = session && authorize(session, connectionId, now);
  if (open !== undefined) return { write: open, result: { kind: 'wait', until: open.expiresAt } };
  if (session?.status !== 'authorized') return { keep: true, result: { kind: 'unclaimed' } };
  if (session.expiresAt > now) return { keep: true, result: { kind: 'wait', until: session.expiresAt } };
  return { write: { ...session, status: 'failed', error: unclaimed }, result: { kind: 'unclaimed' } };
}

/** A sign-in's outcome: who it is, and the revocation of what was obtained to find that out. */
export function signedIn(session: Session, identity: Identity, revoke: RevokeDuty, now: number): Session | undefined {
  if (session.identity !== undefined) return undefined;
  const after: Session = {
    ...session,
    identity,
    error: undefined,
    duties: { ...session.duties, [revokeDutyId(revoke.grantId)]: revoke },
  };
  if (session.claim === true) return authorize(after, undefined, now);
  return { ...after, status: 'signed_in' };
}
