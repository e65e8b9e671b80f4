import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createLambdaTokenReader, TokenReaderError } from '../../../functions/adapters/lambda-token-reader.ts';
import { lambdaBusy, lambdaFailed, playedLambda } from './lambda-targets.ts';

const connectionId = 'crm.00D5e000001abcdEAA.0055e000001abcdEAA';
const token = {
  version: 1,
  kind: 'token',
  access_token: '00D5e000001abcd!canary',
  instance_url: 'https://example.my.salesforce.com',
};

describe('reading a token', () => {
  it('answers it as a secret, with its instance', async (test) => {
    const { target, calls } = await playedLambda(test, 'token', { body: token });
    const live = await createLambdaTokenReader(target).read(connectionId);
    assert.ok(live.kind === 'token');
    assert.equal(live.accessToken.reveal(), token.access_token);
    assert.equal(live.instanceUrl, token.instance_url);
    assert.ok(!`${inspect(live)}${JSON.stringify(live)}`.includes('canary'));
    assert.deepEqual(calls[0]?.body, { version: 1, kind: 'read_token', connectionId });
  });

  it('names the token that Salesforce refused, where there is one', async (test) => {
    const { target, calls } = await playedLambda(test, 'token', { body: token });
    await createLambdaTokenReader(target).read(connectionId, 'ab'.repeat(32));
    assert.deepEqual(calls[0]?.body, {
      version: 1,
      kind: 'read_token',
      connectionId,
      rejectedTokenSha256: 'ab'.repeat(32),
    });
  });

  it('answers the problem where there is no token to be had', async (test) => {
    const problem = { kind: 'problem', code: 'reauthorization_required', detail: 'The user must authorize again.' };
    const { target } = await playedLambda(test, 'token', { body: { version: 1, ...problem } });
    assert.deepEqual(await createLambdaTokenReader(target).read(connectionId), problem);
  });

  it('throws where the answer is of no version that it reads, and repeats none of it', async (test) => {
    const wrong = [
      null,
      'canary',
      {},
      { ...token, version: 2 },
      { ...token, access_token: '' },
      { ...token, instance_url: undefined },
      { ...token, kind: 'canary' },
      { version: 1, kind: 'problem', detail: 'canary' },
    ];
    for (const body of wrong) {
      const { target } = await playedLambda(test, 'token', { body });
      await assertNoToken(target, /answered with no token of version 1; wrong at/);
    }
  });

  it('throws once where the function fails or is refused', async (test) => {
    for (const answer of [lambdaFailed({ errorMessage: 'canary' }), lambdaBusy]) {
      const { target, calls } = await playedLambda(test, 'token', answer);
      await assertNoToken(target, /Function token handed out no token/);
      assert.equal(calls.length, 1);
    }
  });
});

async function assertNoToken(target: Parameters<typeof createLambdaTokenReader>[0], message: RegExp): Promise<void> {
  await assert.rejects(createLambdaTokenReader(target).read(connectionId), (error) => {
    assert.ok(error instanceof TokenReaderError);
    assert.match(error.message, message);
    assert.ok(!inspect(error).includes('canary'), inspect(error));
    return true;
  });
}
