/** The Clock port on the machine's own clock and timers. */
import { setTimeout as timer } from 'node:timers/promises';
import type { Clock } from '../core/ports.ts';

export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    wait: (ms, signal) =>
      timer(ms, undefined, { signal }).catch((error: unknown) => {
        if (signal?.aborted !== true) throw error;
      }),
  };
}
