/** How a call to the lifeboat ends: in time, whatever the SDK's retries wait for, and with one kind of error. */
import { LifeboatUnavailableError } from '../core/errors.ts';

/**
 * @param work gets a signal that says when nobody waits any more
 * @throws LifeboatUnavailableError for whatever it fails with. Its message names the operation and the error's class
 *   only, for the SDK's messages may quote an object
 */
export async function boundedCall<T>(
  operation: string,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new DOMException(`not done after ${timeoutMs} ms`, 'TimeoutError');
      stop.abort(reason);
      reject(reason);
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(stop.signal), timeUp]);
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    throw new LifeboatUnavailableError(
      `S3 ${operation} failed with ${name} within ${timeoutMs} ms; if it was a put or a removal, its outcome is unknown. Try again later`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
