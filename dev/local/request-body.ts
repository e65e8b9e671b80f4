/** Reads a request's body up to a limit. */
import type { IncomingMessage } from 'node:http';

export type ReadBody =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' | 'cut_off' };

/** `too_large` as soon as it is known, the rest unread; `cut_off` where the client went away in the middle. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<ReadBody> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return { kind: 'too_large' };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > limitBytes) return { kind: 'too_large' };
      chunks.push(chunk);
    }
  } catch {
    return { kind: 'cut_off' };
  }
  return { kind: 'body', bytes: Buffer.concat(chunks) };
}
