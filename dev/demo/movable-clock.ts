/** The story's time: it stands still until the story moves it, so that hours pass in no time and every run is alike. */
import type { Clock } from '../../functions/core/ports.ts';

export interface MovableClock extends Clock {
  advance(ms: number): void;
}

export const minuteMs = 60_000;

/** @param startMs milliseconds since the epoch */
export function createMovableClock(startMs: number): MovableClock {
  let nowMs = startMs;
  let waiting: { readonly until: number; readonly resume: () => void }[] = [];
  return {
    now: () => nowMs,
    wait: (ms) => new Promise((resume) => waiting.push({ until: nowMs + ms, resume })),
    advance: (ms) => {
      nowMs += ms;
      const over = waiting.filter(({ until }) => until <= nowMs);
      waiting = waiting.filter(({ until }) => until > nowMs);
      for (const { resume } of over) resume();
    },
  };
}
