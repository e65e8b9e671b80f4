/**
 * A virtual clock beside real engines: it moves to the next sleeper only while no call to an engine is under way, so a
 * minute costs what its calls cost, and how fast this machine is shows in no figure.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../functions/core/ports.ts';

export interface EngineClock extends Clock {
  /** What is done in here takes no time on the clock. */
  atOnce<T>(call: () => Promise<T>): Promise<T>;
  /** Runs all that is to happen up to `instant`, and what it sets going. */
  runTo(instant: number): Promise<void>;
  /** Awaits `work`, moving the time as it needs. */
  run<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly until: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Turns of the event loop; an engine that does not answer is a failure of the run. */
const turnsAtMost = 20_000_000;

export function createEngineClock(start: number): EngineClock {
  let now = start;
  let underWay = 0;
  let slept = 0;
  const sleepers = new Set<Sleeper>();

  function next(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const one of sleepers) {
      if (first === undefined || one.until < first.until || (one.until === first.until && one.order < first.order)) {
        first = one;
      }
    }
    return first;
  }

  /** @returns false where nothing is to happen up to `instant` */
  async function turn(instant: number): Promise<boolean> {
    await setImmediate();
    if (underWay > 0) return true;
    const sleeper = next();
    if (sleeper === undefined || sleeper.until > instant) return false;
    sleepers.delete(sleeper);
    now = Math.max(now, sleeper.until);
    sleeper.wake();
    return true;
  }

  return {
    now: () => now,
    wait(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      slept += 1;
      const sleeper = { until: now + Math.max(0, ms), order: slept, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        sleepers.delete(sleeper);
        resolve();
      });
      return promise;
    },
    async atOnce(call) {
      underWay += 1;
      try {
        return await call();
      } finally {
        underWay -= 1;
      }
    },
    async runTo(instant) {
      for (let turns = 0; turns < turnsAtMost; turns += 1) {
        if (await turn(instant)) continue;
        now = Math.max(now, instant);
        return;
      }
      throw new Error(`The run did not end in ${turnsAtMost} turns.`);
    },
    async run(work) {
      let over = false;
      const end = () => {
        over = true;
      };
      work.then(end, end);
      for (let turns = 0; turns < turnsAtMost && !over; turns += 1) {
        if (!(await turn(Number.POSITIVE_INFINITY)) && !over) {
          await setImmediate();
          if (!over && underWay === 0 && sleepers.size === 0)
            throw new Error('Nothing sleeps: the work waits for nobody.');
        }
      }
      if (!over) throw new Error(`The work did not end in ${turnsAtMost} turns.`);
      return work;
    },
  };
}
