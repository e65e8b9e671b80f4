/**
 * Invokes a Lambda and waits for its answer, once: whoever asks again is decided by the caller, never by the SDK, for a
 * second invocation would run beside a first whose answer was late.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (`RequestResponse`, `X-Amz-Function-Error`)
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { boundedClient } from './bounded-client.ts';

export interface LambdaTarget {
  readonly client: LambdaClient;
  /** Name or ARN, with an alias or version where one is meant. */
  readonly functionName: string;
}

export type Invoked =
  | { readonly kind: 'answered'; readonly payload: unknown }
  /** The function threw, or ran into its own timeout: `payload` is its error document. It may have acted all the same. */
  | { readonly kind: 'failed'; readonly functionError: string; readonly payload: unknown }
  /** It may be running still, or was never started. */
  | { readonly kind: 'not_answered'; readonly reason: string };

/** What an invocation without an answer was given up after; above it stands only the function's own timeout. */
export function createLambdaClient(requestTimeoutMs: number): LambdaClient {
  return new LambdaClient(boundedClient({ requestTimeoutMs, maxAttempts: 1 }));
}

export async function invokeLambda(
  { client, functionName }: LambdaTarget,
  event: object,
  timeoutMs: number,
): Promise<Invoked> {
  const abortSignal = AbortSignal.timeout(Math.max(0, Math.floor(timeoutMs)));
  const command = new InvokeCommand({
    FunctionName: functionName,
    InvocationType: 'RequestResponse',
    Payload: JSON.stringify(event),
  });
  try {
    const { FunctionError: functionError, Payload } = await client.send(command, { abortSignal });
    const payload = jsonOf(Payload);
    return functionError === undefined
      ? { kind: 'answered', payload }
      : { kind: 'failed', functionError: functionError.slice(0, 40), payload };
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    const late = abortSignal.aborted || name === 'TimeoutError';
    return { kind: 'not_answered', reason: late ? `no answer within ${seconds(timeoutMs)}` : name };
  }
}

function seconds(ms: number): string {
  return `${Math.max(0, Math.round(ms / 100) / 10)} s`;
}

function jsonOf(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}
