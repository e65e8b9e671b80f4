/**
 * Reads what an endpoint of Salesforce answered, up to a bound, without judging it. What the network does on the way is
 * an answer too: `no_answer`.
 */
import type { RawAnswer } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';

/** Carries what the network did up to where it becomes `no_answer`. */
export class NetworkFailure extends Error {}

export function networkFailure(cause: unknown): never {
  throw new NetworkFailure('no answer', { cause });
}

/** @throws NetworkFailure where the body ends before its end */
export async function rawAnswerOf(response: Response, bytesAtMost: number): Promise<RawAnswer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read().catch(networkFailure)) ?? { done: true, value: undefined };
    if (done || value === undefined) break;
    length += value.byteLength;
    if (length > bytesAtMost) {
      await reader?.cancel().catch(() => undefined);
      return { kind: 'no_answer', reason: 'too_large' };
    }
    chunks.push(value);
  }
  return {
    kind: 'answer',
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    body: new Secret(Buffer.concat(chunks).toString('utf8')),
  };
}
