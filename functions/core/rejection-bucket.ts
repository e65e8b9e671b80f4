/**
 * Rejections of a connection's access token draw on a bucket: sixty, then one a minute. Some 401s no refresh can cure
 * (facts §6); a caller that rejects every new token would have us refresh without end, at Salesforce's cost.
 */
import type { Problem } from './problem.ts';

/** As stored on the connection; absent: full. */
export interface RejectionBucket {
  readonly left: number;
  /** Up to when the drops that came in since are counted in `left`. */
  readonly at: number;
}

export type Draw =
  | { readonly kind: 'ok'; readonly bucket: RejectionBucket }
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number };

export const rejectionsAtOnce = 60;
export const rejectionEveryMs = 60_000;

export function take(bucket: RejectionBucket | undefined, now: number): Draw {
  const { left, at } = filled(bucket ?? { left: rejectionsAtOnce, at: now }, now);
  if (left >= 1) return { kind: 'ok', bucket: { left: left - 1, at } };
  return { kind: 'limited', retryAfterSeconds: Math.max(1, Math.ceil((at + rejectionEveryMs - now) / 1_000)) };
}

export function refreshLimited(connectionId: string, retryAfterSeconds: number): Problem {
  return {
    code: 'refresh_limited',
    retryAfterSeconds,
    detail: `The access tokens of ${connectionId} were rejected more than ${rejectionsAtOnce} times, and more often than once a minute since. A refresh does not cure what Salesforce objects to: look at its answer, then ask again in ${retryAfterSeconds} s.`,
  };
}

/** Whole drops only; the rest of the minute counts on. A clock that went back neither gives nor takes. */
function filled({ left, at }: RejectionBucket, now: number): RejectionBucket {
  const drops = Math.floor(Math.max(0, now - at) / rejectionEveryMs);
  if (left + drops >= rejectionsAtOnce) return { left: rejectionsAtOnce, at: Math.max(at, now) };
  return { left: left + drops, at: Math.min(at + drops * rejectionEveryMs, Math.max(at, now)) };
}
