/**
 * A clock for ports in memory: its time moves only by hand, or from sleeper to sleeper while a promise is awaited.
 *
 * Ports in memory work in microtasks alone, so after one turn of the event loop all that is left is asleep: the next
 * instant at which anything can happen is known, and no test ever sleeps.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../functions/core/ports.ts';

export interface SteppedClock extends Clock {
  advance(ms: number): void;
  /** Lets everything run that needs no time to pass. */
  settle(): Promise<void>;
  /** Lets `ms` pass, sleeper by sleeper, with all that each sets going. */
  pass(ms: number): Promise<void>;
  /** Awaits `work`, moving the time to each sleeper in turn. */
  run<T>(work: Promise<T>): Promise<T>;
}

const stepsAtMost = 10_000;

export function createSteppedClock(start: number = Date.UTC(2026, 10, 21, 12)): SteppedClock {
  let now = start;
  let sleepers: { until: number; wake: () => void }[] = [];

  function advanceTo(instant: number): void {
    now = Math.max(now, instant);
    const woken = sleepers.filter((one) => one.until <= now).sort((a, b) => a.until - b.until);
    sleepers = sleepers.filter((one) => one.until > now);
    for (const { wake } of woken) wake();
  }

  return {
    now: () => now,
    wait: (ms) => new Promise((wake) => sleepers.push({ until: now + ms, wake })),
    advance: (ms) => advanceTo(now + ms),
    settle: () => setImmediate(),
    async pass(ms) {
      const end = now + ms;
      for (let steps = 0; steps < stepsAtMost; steps += 1) {
        await setImmediate();
        const next = Math.min(...sleepers.map((one) => one.until));
        advanceTo(Math.min(next, end));
        if (next > end) return;
      }
      throw new Error(`${ms} ms did not pass in ${stepsAtMost} steps of the clock.`);
    },
    async run(work) {
      let over = false;
      const end = () => {
        over = true;
      };
      work.then(end, end);
      for (let steps = 0; steps < stepsAtMost; steps += 1) {
        await setImmediate();
        if (over) return work;
        if (sleepers.length === 0) throw new Error('Nothing sleeps and nothing ends: the work waits for nobody.');
        advanceTo(Math.min(...sleepers.map((one) => one.until)));
      }
      throw new Error(`The work did not end in ${stepsAtMost} steps of the clock.`);
    },
  };
}
