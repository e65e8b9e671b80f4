/**
 * The stack of Lambdas that are not asked by HTTP: invoked by the schedule, or directly by another Lambda. Validates
 * the event, logs the outcome, flushes metrics, and lets an error go on: the invoker must see it.
 *
 * What goes on is a clean copy, for Lambda writes an uncaught error into the log and into its answer as it is.
 */
import middy, { type Request } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Log } from '../core/ports.ts';
import { middyPlugin } from './middy-plugin.ts';
import type { RuntimeMetrics } from './observability.ts';
import { redact, redactText } from './redaction.ts';

/** What `run` may ask of its invocation. */
export interface Invocation {
  readonly requestId: string;
  /** Milliseconds until the function's timeout. */
  remainingTimeMs(): number;
}

export interface InvocationHandlerOptions<Input, Result> {
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Judges the event; throws where it is none of ours. */
  readonly parse: (event: unknown) => Input;
  readonly run: (input: Input, invocation: Invocation) => Promise<Result>;
}

export function createInvocationHandler<Input, Result>({
  log,
  metrics,
  parse,
  run,
}: InvocationHandlerOptions<Input, Result>): (event: unknown, context: Context) => Promise<Result> {
  return middy<unknown, Result>(middyPlugin)
    .use(invocationAccount(log, metrics))
    .handler(async (event: unknown, context: Context) => run(parse(event), invocationOf(context)));
}

export function invocationOf(context: Context): Invocation {
  return { requestId: context.awsRequestId, remainingTimeMs: () => context.getRemainingTimeInMillis() };
}

/** For invocations of any kind: counts, logs failures with their stack, flushes. */
export function invocationAccount(log: Log, metrics: RuntimeMetrics) {
  return {
    after() {
      metrics.add('Invocations', 1);
      metrics.flush?.();
    },
    onError(request: Request) {
      const { error, context } = request;
      log.error('An invocation failed', { function_request_id: context.awsRequestId, error: redact(error) });
      metrics.add('Invocations', 1);
      metrics.add('InvocationFailures', 1);
      metrics.flush?.();
      // Not thrown here: middy hangs the original on whatever its error hooks throw.
      request.error = cleanError(error);
    },
  };
}

function cleanError(error: unknown): Error {
  const clean = new Error(redactText(error instanceof Error ? error.message : String(error)));
  clean.name = error instanceof Error ? error.name : 'Error';
  clean.stack = redactText(error instanceof Error ? (error.stack ?? '') : '');
  return clean;
}
