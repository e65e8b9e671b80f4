import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLambdaMaintainer, MaintainerError } from '../../../functions/adapters/lambda-maintainer.ts';
import { lambdaBusy, lambdaFailed, playedLambda } from './lambda-targets.ts';

const connectionId = 'crm.00D5e000001abcdEAA.0055e000001abcdEAA';

describe('the duties of one connection', () => {
  it('are done by the function, which is told of which', async (test) => {
    const { target, calls } = await playedLambda(test, 'maintain', { body: { done: 2 } });
    assert.equal(await createLambdaMaintainer(target).doDutiesOf(connectionId), undefined);
    assert.deepEqual(calls, [
      {
        action: '/2015-03-31/functions/maintain/invocations',
        body: { version: 1, kind: 'do_duties', connectionId },
      },
    ]);
  });

  for (const [what, answer] of [
    ['fails', lambdaFailed({ errorMessage: 'canary' })],
    ['is refused', lambdaBusy],
  ] as const) {
    it(`throws once where the function ${what}, repeating nothing of what it said`, async (test) => {
      const { target, calls } = await playedLambda(test, 'maintain', answer);
      await assert.rejects(createLambdaMaintainer(target).doDutiesOf(connectionId), (error) => {
        assert.ok(error instanceof MaintainerError);
        assert.match(error.message, /Function maintain did not do the duties .* The schedule does them/);
        assert.ok(!error.message.includes('canary'));
        return true;
      });
      assert.equal(calls.length, 1);
    });
  }
});
