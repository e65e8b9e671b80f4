/**
 * An answer whose grant another one took over: it belongs to the duty that revokes that grant, whose token it may have
 * rotated.
 */
import type { Connection } from './connection.ts';
import type { RevokeDuty } from './duty.ts';
import type { NewTokens, SentAttempt } from './sent-attempt.ts';

export type SupersededDecision =
  | { readonly kind: 'stale' }
  /** The revocation duty is brought up to date. */
  | { readonly kind: 'superseded'; readonly after: Connection };

/** @param made absent: it was refused, and only settles its attempt */
export function decideSuperseded(
  connection: Connection,
  attempt: SentAttempt,
  made: NewTokens | undefined,
  now: number,
): SupersededDecision {
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

export function revokeDutyId(grantId: string): string {
  return `revoke.${grantId}`;
}
