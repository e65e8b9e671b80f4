/**
 * The AccessRevoker port: has the `refresh` Lambda revoke the access token of a duty. Never tried twice by itself: the duty
 * stays until it is done, and a second revocation does no harm.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import { GrantkeeperError } from '../core/errors.ts';
import type { AccessRevocationOutcome, AccessRevoker } from '../core/ports.ts';
import { createLambdaClient, invokeLambda, type LambdaTarget } from './invoke-lambda.ts';

/** The invocation failed, took too long, or answered with what is no report. The token may be revoked all the same. */
export class AccessRevokerError extends GrantkeeperError {
  readonly code = 'access_revoker_failed';
}

/** Salesforce has 10 s, and `maintain` begins no duty with less than 20 s left. */
const accessRevokerTimeoutMs = 15_000;

/** The compiler names an outcome that is missing here. */
const outcomes: { readonly [Outcome in AccessRevocationOutcome]: Outcome } = {
  revoked: 'revoked',
  held_again: 'held_again',
  later: 'later',
};

const reportSchema = z.object({ version: z.literal(1), outcome: z.enum(outcomes) });

export function createLambdaAccessRevoker(target: LambdaTarget): AccessRevoker {
  return {
    async revoke(request) {
      const invoked = await invokeLambda(target, request, accessRevokerTimeoutMs);
      if (invoked.kind !== 'answered') {
        throw failed(target, invoked.kind === 'failed' ? invoked.functionError : invoked.reason);
      }
      const parsed = reportSchema.safeParse(invoked.payload);
      if (parsed.success) return parsed.data.outcome;
      throw failed(target, 'its answer is no report of version 1');
    },
  };
}

export function createAccessRevokerClient(): LambdaClient {
  return createLambdaClient(accessRevokerTimeoutMs);
}

function failed({ functionName }: LambdaTarget, what: string): AccessRevokerError {
  return new AccessRevokerError(
    `Function ${functionName} did not revoke an access token (${what}); its log says why. The duty is tried again.`,
  );
}
