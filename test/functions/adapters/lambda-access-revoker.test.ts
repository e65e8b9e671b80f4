import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AccessRevokerError, createLambdaAccessRevoker } from '../../../functions/adapters/lambda-access-revoker.ts';
import type { AccessRevocation } from '../../../functions/core/ports.ts';
import { lambdaBusy, lambdaFailed, playedLambda } from './lambda-targets.ts';

const request: AccessRevocation = {
  version: 1,
  kind: 'revoke_access_token',
  holder: 'connection',
  id: 'crm-jwt.00D5e000001abcdEAA.0055e000001abcdEAA',
  grantId: 'grant',
};

describe('asking refresh to revoke an access token', () => {
  for (const outcome of ['revoked', 'held_again', 'later'] as const) {
    it(`invokes the function with the request and answers ${outcome}`, async (test) => {
      const { target, calls } = await playedLambda(test, 'refresh', { body: { version: 1, outcome } });
      assert.equal(await createLambdaAccessRevoker(target).revoke(request), outcome);
      assert.deepEqual(calls, [{ action: '/2015-03-31/functions/refresh/invocations', body: request }]);
    });
  }

  for (const [what, answer] of [
    ['failed', lambdaFailed({ errorMessage: 'canary' })],
    ['is busy', lambdaBusy],
    ['answers with no report', { body: { version: 1, outcome: 'canary' } }],
    ['is of a release that does not know the request', { body: null }],
  ] as const) {
    it(`throws where the function ${what}, once, and repeats nothing of what it said`, async (test) => {
      const { target, calls } = await playedLambda(test, 'refresh', answer);
      await assert.rejects(createLambdaAccessRevoker(target).revoke(request), (error: Error) => {
        assert.ok(error instanceof AccessRevokerError);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      });
      assert.equal(calls.length, 1);
    });
  }
});
