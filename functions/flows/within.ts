/** Waits for something until an instant and no longer: a store that hangs must not eat the time that is left. */
import { StoreUnavailableError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';

/** Rejects with `StoreUnavailableError` at `until`; what was begun may still happen, so its outcome is unknown. */
export async function within<T>(clock: Clock, until: number, work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const timeUp = clock.wait(Math.max(0, until - clock.now()), stop.signal).then((): never | undefined => {
    if (stop.signal.aborted) return undefined;
    throw new StoreUnavailableError('The store did not answer in the time that was left for it.');
  });
  try {
    return (await Promise.race([work, timeUp])) as T;
  } finally {
    stop.abort();
  }
}
