/**
 * The Refresher port: invokes the `refresh` Lambda and waits for its report. Never tried twice by itself: a second
 * invocation would only find the first one's lease, and the SDK's retries would hide which it was.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import { GrantkeeperError } from '../core/errors.ts';
import type { Refresher, RefreshReport } from '../core/ports.ts';
import { createLambdaClient, invokeLambda, type LambdaTarget } from './invoke-lambda.ts';

/** The invocation failed, or answered with what is no report. The refresh may have happened all the same. */
export class RefresherError extends GrantkeeperError {
  readonly code = 'refresher_failed';
}

/** `refresh` may run for 60 s: the caller must be the one that waits longer. */
const timeoutMs = 65_000;

/** The compiler names an outcome that is missing here: a report of it would be taken for a failure. */
const outcomes: { readonly [Outcome in RefreshReport['outcome']]: Outcome } = {
  refreshed: 'refreshed',
  not_needed: 'not_needed',
  in_flight: 'in_flight',
  backing_off: 'backing_off',
  admin_action_required: 'admin_action_required',
  reauthorization_required: 'reauthorization_required',
  no_answer: 'no_answer',
  in_lifeboat: 'in_lifeboat',
  app_misconfigured: 'app_misconfigured',
  unknown_connection: 'unknown_connection',
};

const reportSchema = z.object({
  version: z.literal(1),
  outcome: z.enum(outcomes),
  detail: z.optional(z.string()),
});

export function createLambdaRefresher(target: LambdaTarget): Refresher {
  return {
    async refresh(request) {
      const invoked = await invokeLambda(target, request, timeoutMs);
      if (invoked.kind === 'answered') return reportOf(target.functionName, invoked.payload);
      const what = invoked.kind === 'failed' ? invoked.functionError : invoked.reason;
      throw new RefresherError(
        `Function ${target.functionName} failed (${what}); its log says why. The connection is refreshed by schedule.`,
      );
    },
  };
}

export function createRefresherClient(): LambdaClient {
  return createLambdaClient(timeoutMs);
}

function reportOf(functionName: string, payload: unknown): RefreshReport {
  const parsed = reportSchema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join('.') || '(root)').join(', ');
  throw new RefresherError(
    `Function ${functionName} answered with no refresh report of version 1; wrong at: ${paths}.`,
  );
}
