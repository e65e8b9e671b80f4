/**
 * What the absence of an answer makes of a claimed connection. Like every outcome of a refresh (`settle-commit.ts`,
 * `settle-refusal.ts`, `settle-superseded.ts`), it is decided on the item as it is now: if another write came in between,
 * the caller reads again and asks again, and an answer always finds its place.
 */
import { backoffMs } from './cadence.ts';
import type { Connection } from './connection.ts';
import { sameGeneration } from './generation.ts';
import { ownerGaveUp } from './grant.ts';
import type { SentAttempt } from './sent-attempt.ts';

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
