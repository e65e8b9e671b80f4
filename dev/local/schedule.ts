/** The schedule of the local stack, in EventBridge's place: one round at a time, the next one an interval after it. */
import type { Log } from '../../functions/core/ports.ts';

export interface Schedule {
  start(): void;
  /** Resolves when the round in hand has ended. */
  stop(): Promise<void>;
}

/** @param intervalMs between the end of a round and the beginning of the next; the first begins at once */
export function createSchedule(round: () => Promise<void>, intervalMs: number, log: Log): Schedule {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();

  const run = async () => {
    await round().catch((error: unknown) => log.error('A scheduled round failed', { error: String(error) }));
    if (!stopped) timer = setTimeout(begin, intervalMs);
  };
  const begin = () => {
    running = run();
  };
  return {
    start: begin,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
  };
}
