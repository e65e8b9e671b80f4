/** The text of an S3 object, bounded in length and in time: the SDK's own timeout ends where the body begins. */
import { Readable } from 'node:stream';

/** Far above what is ever put: an answer of Salesforce is cut off long before. */
export const maxBodyBytes = 1_048_576;

/** @throws Error where there is no body, it is longer than `maxBodyBytes`, or `signal` says that nobody waits */
export async function boundedText(body: unknown, signal: AbortSignal): Promise<string> {
  if (!(body instanceof Readable)) throw new TypeError('S3 answered without a body');
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stop = () => body.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      // Leaving the loop destroys the stream.
      if (length > maxBodyBytes) throw new RangeError(`an object has more than ${maxBodyBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return Buffer.concat(chunks).toString();
}
