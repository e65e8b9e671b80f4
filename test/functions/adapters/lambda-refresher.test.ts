import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createLambdaRefresher, RefresherError } from '../../../functions/adapters/lambda-refresher.ts';
import type { RefreshReport, RefreshRequest } from '../../../functions/core/ports.ts';
import { type PlayedAnswer, playedAws } from './played-aws.ts';

const request: RefreshRequest = {
  version: 1,
  connectionId: 'crm.00D5e000001abcdEAA.0055e000001abcdEAA',
  generation: { grantId: 'grant', refreshes: 2 },
  reason: 'stale',
};

/** The compiler names one that is missing. */
const outcomes: Record<RefreshReport['outcome'], true> = {
  refreshed: true,
  not_needed: true,
  in_flight: true,
  backing_off: true,
  admin_action_required: true,
  reauthorization_required: true,
  no_answer: true,
  in_lifeboat: true,
  app_misconfigured: true,
  unknown_connection: true,
};

// An engine runs this adapter for real in the deploy test, where `token` invokes the deployed `refresh`.
async function refresherOf(test: TestContext, answer: PlayedAnswer) {
  const { config, calls } = await playedAws(test, () => answer);
  const client = new LambdaClient({ ...config, maxAttempts: 1 });
  return { refresher: createLambdaRefresher({ client, functionName: 'refresh' }), calls };
}

describe('a direct refresh', () => {
  it('invokes the function with the request and answers its report', async (test) => {
    for (const outcome of ['refreshed', 'in_lifeboat']) {
      const { refresher, calls } = await refresherOf(test, { body: { version: 1, outcome } });
      assert.deepEqual(await refresher.refresh(request), { version: 1, outcome });
      assert.deepEqual(calls, [{ action: '/2015-03-31/functions/refresh/invocations', body: request }]);
    }
  });

  for (const outcome of Object.keys(outcomes)) {
    it(`takes a report of the outcome ${outcome}, with its detail and without`, async (test) => {
      for (const body of [
        { version: 1, outcome, detail: 'why' },
        { version: 1, outcome },
      ]) {
        const { refresher } = await refresherOf(test, { body });
        assert.deepEqual(await refresher.refresh(request), body);
      }
    });
  }

  it('throws where the function failed, and repeats nothing of what it said', async (test) => {
    const { refresher, calls } = await refresherOf(test, {
      headers: { 'x-amz-function-error': 'Unhandled' },
      body: { errorMessage: 'canary' },
    });
    await assert.rejects(refresher.refresh(request), (error) => {
      assert.ok(error instanceof RefresherError);
      assert.match(error.message, /Function refresh failed \(Unhandled\)/);
      assert.ok(!error.message.includes('canary'));
      return true;
    });
    assert.equal(calls.length, 1);
  });

  it('throws where the answer is no report of a version that it reads', async (test) => {
    for (const body of [null, 'text', {}, { version: 2, outcome: 'refreshed' }, { version: 1, outcome: 'new' }]) {
      const { refresher } = await refresherOf(test, { body });
      await assert.rejects(refresher.refresh(request), /no refresh report of version 1; wrong at/);
    }
  });

  it('is not tried again where Lambda refuses', async (test) => {
    const { refresher, calls } = await refresherOf(test, { status: 429, body: { Type: 'User', message: 'busy' } });
    await assert.rejects(refresher.refresh(request));
    assert.equal(calls.length, 1);
  });
});
