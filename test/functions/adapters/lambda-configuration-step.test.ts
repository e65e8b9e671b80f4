import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  ConfigurationStepError,
  configurationStepTimeoutMs,
  createConfigurationStepClient,
  createLambdaConfigurationStep,
} from '../../../functions/adapters/lambda-configuration-step.ts';
import type { ConfigurationEvent } from '../../../functions/core/ports.ts';
import { redactText } from '../../../functions/runtime/redaction.ts';
import { functionShapes } from '../../../lib/functions.ts';
import { lambdaBusy, lambdaFailed, playedLambda } from './lambda-targets.ts';
import type { PlayedAnswer } from './played-aws.ts';

const event: ConfigurationEvent = {
  connection_id: 'crm.00D5e000001abcdEAA.0055e000001abcdEAA',
  tenant: 'acme',
  integration: 'sync',
  configuration: { objects: ['Account'] },
  configuration_version: 3,
};

async function stepOf(test: TestContext, answer: PlayedAnswer) {
  const { target, calls } = await playedLambda(test, 'theirs', answer);
  return { step: createLambdaConfigurationStep({ ...target, redact: redactText }), calls };
}

/** What becomes of the step, as a message. */
async function failureOf(test: TestContext, answer: PlayedAnswer): Promise<string> {
  const { step } = await stepOf(test, answer);
  const error = await step.run(event).then(
    () => assert.fail('the step succeeded'),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof ConfigurationStepError);
  return error.message;
}

describe('the deployer’s configuration step', () => {
  it('is invoked with the event, and done when its function has ended, whatever that answers', async (test) => {
    for (const body of [null, { ok: false }, 'text']) {
      const { step, calls } = await stepOf(test, { body });
      assert.equal(await step.run(event), undefined);
      assert.deepEqual(calls, [{ action: '/2015-03-31/functions/theirs/invocations', body: event }]);
    }
  });

  it('fails with what its function threw, or with how it ended where that says nothing', async (test) => {
    const thrown = { errorType: 'Error', errorMessage: 'no field\n  Region__c', trace: ['at canary'] };
    assert.equal(await failureOf(test, lambdaFailed(thrown)), 'The configuration function failed: no field Region__c');
    const late = { errorMessage: '2026-11-21T00:00:00Z id Task timed out after 3.00 seconds' };
    assert.match(await failureOf(test, lambdaFailed(late)), /failed: .*Task timed out after 3.00 seconds$/);
    for (const silent of [null, {}, { errorMessage: '' }, { errorMessage: 5 }]) {
      assert.equal(await failureOf(test, lambdaFailed(silent)), 'The configuration function failed: Unhandled');
    }
  });

  it('says at most 300 characters of it, and no token, not even the begin of one that is cut off', async (test) => {
    const token = `00D5e000001abcd!${'x'.repeat(90)}`;
    const message = await failureOf(
      test,
      lambdaFailed({ errorMessage: `${'a '.repeat(140)}${token} refused ${token}` }),
    );
    assert.ok(!message.includes('00D5e'), message);
    assert.match(message, /\[redacted\]/);
    const said = message.replace('The configuration function failed: ', '');
    assert.ok(said.length <= 300 && said.length > 250, String(said.length));
    const short = await failureOf(test, lambdaFailed({ errorMessage: 'b'.repeat(300) }));
    assert.equal(short, `The configuration function failed: ${'b'.repeat(300)}`);
    const long = await failureOf(test, lambdaFailed({ errorMessage: 'b'.repeat(301) }));
    assert.equal(long, `The configuration function failed: ${'b'.repeat(299)}…`);
  });

  it('fails once where Lambda refuses', async (test) => {
    const { step, calls } = await stepOf(test, lambdaBusy);
    await assert.rejects(step.run(event), /The configuration function did not end: /);
    assert.equal(calls.length, 1);
  });

  it('is not begun where no time is left', async (test) => {
    const { step, calls } = await stepOf(test, { body: null });
    await assert.rejects(step.run(event, 0), /did not end: no answer within 0 s/);
    assert.deepEqual(calls, []);
  });

  it('is given up before configure is killed, by a client that repeats nothing', async () => {
    assert.ok(configurationStepTimeoutMs + 45_000 < functionShapes.configure.timeout.toMilliseconds());
    const client = createConfigurationStepClient();
    assert.equal(await client.config.maxAttempts(), 1);
    client.destroy();
  });
});
