/**
 * The Maintainer port: has the `maintain` Lambda do the duties of one connection, now. It alone may open refresh tokens,
 * so whoever wants a superseded grant revoked at once asks it.
 *
 * Never tried twice: the duties stay where they are until they are done, and the schedule comes within a minute.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { GrantkeeperError } from '../core/errors.ts';
import type { Maintainer } from '../core/ports.ts';
import { createLambdaClient, invokeLambda, type LambdaTarget } from './invoke-lambda.ts';

/** The invocation failed or took too long. What it did is done, the rest of the duties stay. */
export class MaintainerError extends GrantkeeperError {
  readonly code = 'maintainer_failed';
}

/** Under the 30 s after which the gateway gives the caller up. */
const maintainerTimeoutMs = 20_000;

export function createLambdaMaintainer(target: LambdaTarget): Maintainer {
  return {
    async doDutiesOf(connectionId) {
      const invoked = await invokeLambda(target, { version: 1, kind: 'do_duties', connectionId }, maintainerTimeoutMs);
      if (invoked.kind === 'answered') return;
      const what = invoked.kind === 'failed' ? invoked.functionError : invoked.reason;
      throw new MaintainerError(
        `Function ${target.functionName} did not do the duties of a connection (${what}); its log says why. The schedule does them.`,
      );
    },
  };
}

export function createMaintainerClient(): LambdaClient {
  return createLambdaClient(maintainerTimeoutMs);
}
