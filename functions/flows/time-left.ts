/**
 * How a function's last seconds are shared out: DynamoDB's tries end while the lifeboat still has its time.
 */
import type { Clock } from '../core/ports.ts';
import type { Persistence } from './change.ts';

/** What the lifeboat's own tries may take, and a little for the way back. */
const lifeboatTimeMs = 9_000;

/** Until when a write that must not be lost may be tried: by the lease, by the function's time, the lifeboat's kept. */
export function storeTime(clock: Clock, leaseUntil: number, remainingTimeMs: () => number): Persistence {
  const now = clock.now();
  return { clock, until: Math.min(leaseUntil, now + Math.max(0, remainingTimeMs() - lifeboatTimeMs)) };
}
