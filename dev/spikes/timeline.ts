/** The virtual clock of a run: what waits on it goes on when its instant comes, and no instant comes by itself. */
import type { Clock } from '../../functions/core/ports.ts';
import { createScheduler } from '../simulation/scheduler.ts';

export interface Timeline extends Clock {
  at(instant: number, run: () => void): void;
  /** Runs all that is to happen up to `until`. */
  run(until: number): Promise<void>;
}

export function createTimeline(start: number): Timeline {
  const scheduler = createScheduler(start, () => 0, stepsAtMost);
  const at = (instant: number, run: () => void) => {
    const step = { at: Math.max(instant, scheduler.now()), name: 'step', owner: undefined, preempts: false, run };
    scheduler.add(step);
  };
  return {
    now: () => scheduler.now(),
    at,
    wait(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      at(scheduler.now() + Math.max(0, ms), resolve);
      signal?.addEventListener('abort', () => resolve());
      return promise;
    },
    run: (until) => scheduler.run(until),
  };
}

/** Thousands of connections for hours. */
const stepsAtMost = 2_000_000;
