/**
 * A clock for flows: its time stands still until a test moves it.
 *
 * Short waits (a poll of a reader) pass on their own, without moving the time; long ones (a confirmation, a slow
 * Salesforce) end only when the time is moved to them, and a test can wait until somebody waits so long.
 */
import type { Clock } from '../../functions/core/ports.ts';

export interface FlowClock extends Clock {
  /** Moves the time; whoever waited for less is woken. */
  advance(ms: number): void;
  /** Resolves when somebody waits for exactly `ms`. */
  someoneWaits(ms: number): Promise<void>;
}

const pollMs = 1_000;
/** Milliseconds since the epoch. */
export const flowsBeginAt: number = Date.parse('2026-11-21T09:00:00Z');

interface Sleeper {
  readonly ms: number;
  readonly until: number;
  readonly wake: () => void;
}

export function createFlowClock(start: number = flowsBeginAt): FlowClock {
  let now = start;
  let sleepers: Sleeper[] = [];
  let watchers: { ms: number; seen: () => void }[] = [];

  return {
    now: () => now,
    wait(ms) {
      if (ms <= pollMs) return new Promise((resolve) => setTimeout(resolve, Math.max(1, ms / 20)));
      return new Promise((wake) => {
        sleepers.push({ ms, until: now + ms, wake });
        for (const watcher of watchers.filter((one) => one.ms === ms)) watcher.seen();
        watchers = watchers.filter((one) => one.ms !== ms);
      });
    },
    advance(ms) {
      now += ms;
      const woken = sleepers.filter((one) => one.until <= now);
      sleepers = sleepers.filter((one) => one.until > now);
      for (const { wake } of woken) wake();
    },
    someoneWaits(ms) {
      if (sleepers.some((one) => one.ms === ms)) return Promise.resolve();
      return new Promise((seen) => watchers.push({ ms, seen }));
    },
  };
}
