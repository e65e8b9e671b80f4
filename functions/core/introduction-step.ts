/**
 * The steps of an introduction: one caller asks under a lease, the others wait for what it finds. A lease that nobody
 * gave back ends by itself.
 */
import type { Introduction } from './introduction.ts';
import { type LoginWindow, nextLoginAt, withLogin } from './login-window.ts';
import { leaseMs } from './time-limits.ts';

export type IntroductionDecision =
  | { readonly kind: 'ask'; readonly after: Introduction }
  /** This very attempt asks already: its write was applied, the answer was lost. */
  | { readonly kind: 'asking' }
  /** Another one asks; its outcome will be this one's too. */
  | { readonly kind: 'wait'; readonly attempt: string }
  /** The user's hour has seen many logins. */
  | { readonly kind: 'paced'; readonly until: number };

/** @param connection if it was made before: the hour is the user's, so it counts these logins beside its refreshes */
export function decideIntroduction(
  current: Introduction | undefined,
  id: string,
  attemptId: string,
  loginsPerHour: number,
  now: number,
  connection?: { readonly logins?: LoginWindow },
): IntroductionDecision {
  const { lease, logins } = current ?? {};
  if (lease !== undefined && lease.until > now) {
    return lease.attempt === attemptId ? { kind: 'asking' } : { kind: 'wait', attempt: lease.attempt };
  }
  const at = Math.max(nextLoginAt(logins, loginsPerHour, now), nextLoginAt(connection?.logins, loginsPerHour, now));
  if (at > now) return { kind: 'paced', until: at };
  const base = { version: 1, revision: 0, writeId: '', ...current } as const;
  const after: Introduction = {
    ...base,
    id,
    lease: { attempt: attemptId, until: now + leaseMs },
    logins: connection === undefined ? withLogin(logins, now) : logins,
  };
  return { kind: 'ask', after };
}

export type IntroductionEnd =
  | { readonly connectionId: string }
  | Omit<NonNullable<Introduction['lastFailure']>, 'at' | 'attempt'>;

/** `undefined`: somebody else asks by now. */
export function endIntroduction(
  current: Introduction,
  attemptId: string,
  end: IntroductionEnd,
  now: number,
): Introduction | undefined {
  if (current.lease?.attempt !== attemptId) return undefined;
  if ('connectionId' in end) {
    // What was counted here was handed on to the connection, in the write that stored the token.
    return { ...current, lease: undefined, lastFailure: undefined, logins: undefined, connectionId: end.connectionId };
  }
  return { ...current, lease: undefined, lastFailure: { at: now, attempt: attemptId, ...end } };
}
