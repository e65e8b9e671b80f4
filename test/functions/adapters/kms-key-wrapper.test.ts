import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { createKmsKeyWrapper } from '../../../functions/adapters/kms-key-wrapper.ts';
import { SealError } from '../../../functions/core/errors.ts';
import type { KeyContext } from '../../../functions/core/ports.ts';
import { engineConfig, noEngine, playedAws } from './played-aws.ts';

const context: KeyContext = { purpose: 'refresh', scope: '00D5e000001abcdEAA' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('data keys by KMS', () => {
  it('are asked for as AES-256 under purpose and scope, and opened under the same', async (test) => {
    const { config, calls } = await playedAws(test, () => ({
      body: { Plaintext: base64('p'.repeat(32)), CiphertextBlob: base64('wrapped'), KeyId: 'key' },
    }));
    const keys = createKmsKeyWrapper({ client: new KMSClient(config), keyId: 'key' });
    const { plaintext, wrapped } = await keys.generateDataKey(context);
    assert.equal(plaintext.byteLength, 32);
    assert.equal(wrapped, base64('wrapped'));
    assert.deepEqual(await keys.unwrapDataKey(wrapped, context), plaintext);
    assert.deepEqual(calls, [
      {
        action: 'TrentService.GenerateDataKey',
        body: { KeyId: 'key', KeySpec: 'AES_256', EncryptionContext: context },
      },
      {
        action: 'TrentService.Decrypt',
        body: { KeyId: 'key', CiphertextBlob: base64('wrapped'), EncryptionContext: context },
      },
    ]);
  });

  it('that were not made under this context or key are a broken seal; what else KMS says is not', async (test) => {
    for (const [type, sealError] of [
      ['InvalidCiphertextException', true],
      ['IncorrectKeyException', true],
      ['AccessDeniedException', false],
      ['DisabledException', false],
    ] as const) {
      const { config } = await playedAws(test, () => ({ status: 400, body: { __type: type, message: type } }));
      const keys = createKmsKeyWrapper({ client: new KMSClient({ ...config, maxAttempts: 1 }), keyId: 'key' });
      await assert.rejects(keys.unwrapDataKey('eA==', context), (error) => error instanceof SealError === sealError);
    }
  });
});

describe('data keys by an engine', { skip: noEngine }, () => {
  async function engineKeys() {
    const client = new KMSClient(engineConfig());
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    return createKmsKeyWrapper({ client, keyId: KeyMetadata?.KeyId ?? '' });
  }

  it('open under their context, and are new each time', async () => {
    const keys = await engineKeys();
    const first = await keys.generateDataKey(context);
    const second = await keys.generateDataKey(context);
    assert.equal(first.plaintext.byteLength, 32);
    assert.notDeepEqual(first.plaintext, second.plaintext);
    assert.deepEqual(Buffer.from(await keys.unwrapDataKey(first.wrapped, context)), Buffer.from(first.plaintext));
  });

  it('do not open under another purpose or scope', async () => {
    const keys = await engineKeys();
    const { wrapped } = await keys.generateDataKey(context);
    for (const other of [
      { ...context, purpose: 'access' as const },
      { ...context, scope: '00D5e000001zzzzEAA' },
    ]) {
      await assert.rejects(keys.unwrapDataKey(wrapped, other), SealError);
    }
  });
});
