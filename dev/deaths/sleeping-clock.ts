/**
 * The clock of a world of deaths: it moves when the world moves it, and past sleepers while some work is awaited. Nobody
 * sleeps in truth.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../functions/core/ports.ts';

export interface SleepingClock extends Clock {
  /** Never back. */
  advanceTo(instant: number): void;
  /** Awaits `work`, moving the time to one sleeper after the other while nothing else is under way. */
  run<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

const turnsAtMost = 100_000;

/** @param isBusy a request is under way: its answer comes before any sleeper wakes */
export function createSleepingClock(start: number, isBusy: () => boolean): SleepingClock {
  let now = start;
  let sleepers: Sleeper[] = [];

  function advanceTo(instant: number): void {
    now = Math.max(now, instant);
    const woken = sleepers.filter(({ until }) => until <= now).sort((a, b) => a.until - b.until);
    sleepers = sleepers.filter(({ until }) => until > now);
    for (const { wake } of woken) wake();
  }

  return {
    now: () => now,
    advanceTo,
    wait(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper = { until: now + Math.max(0, ms), wake: resolve };
      sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        sleepers = sleepers.filter((one) => one !== sleeper);
        resolve();
      });
      return promise;
    },
    async run(work) {
      let over = false;
      const end = () => {
        over = true;
      };
      work.then(end, end);
      for (let turns = 0; turns < turnsAtMost; turns += 1) {
        await setImmediate();
        if (over) return work;
        if (!isBusy() && sleepers.length > 0) advanceTo(Math.min(...sleepers.map(({ until }) => until)));
      }
      throw new Error(`The work did not end in ${turnsAtMost} turns.`);
    },
  };
}
