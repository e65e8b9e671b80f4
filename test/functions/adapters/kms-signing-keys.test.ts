import assert from 'node:assert/strict';
import { randomUUID, verify } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { KMSClient } from '@aws-sdk/client-kms';
import { createKmsKeyRing } from '../../../cli/kms-key-ring.ts';
import { createKmsSigningKeys } from '../../../functions/adapters/kms-signing-keys.ts';
import { certificateEndsTag } from '../../../functions/adapters/signing-key-names.ts';
import { AppMisconfiguredError, KeysUnavailableError } from '../../../functions/core/errors.ts';
import { playedKms } from '../../cli/played-kms.ts';
import { engineConfig, noEngine } from './played-aws.ts';

const alias = (id: string) => `alias/Grantkeeper/crm-jwt/signing-${id}`;

async function kmsWith(test: TestContext, ...ids: string[]) {
  const kms = await playedKms(test);
  const made = ids.map((id) => kms.addKey(alias(id)));
  let now = 0;
  const keys = createKmsSigningKeys({ client: kms.client, prefix: 'Grantkeeper/', now: () => now });
  const idsOf = async () => (await keys.of('crm-jwt')).map(({ id }) => id);
  const asked = (action: string) => kms.calls.filter((call) => call.action === `TrentService.${action}`);
  const passMinutes = (minutes: number) => {
    now += minutes * 60_000;
  };
  return { kms, made, keys, idsOf, asked, passMinutes };
}

describe('a signing key in KMS', () => {
  it('signs with RS256 by its alias, and its public key verifies that', async (test) => {
    const { keys, made, asked } = await kmsWith(test, '1');
    const [key] = await keys.of('crm-jwt');
    const signature = (await key?.sign('header.payload')) ?? Buffer.alloc(0);
    assert.ok(verify('sha256', Buffer.from('header.payload'), made[0]!.publicKey, signature));
    assert.ok(!verify('sha256', Buffer.from('header.other'), made[0]!.publicKey, signature));
    assert.deepEqual(asked('Sign')[0]?.body, {
      KeyId: alias('1'),
      Message: Buffer.from('header.payload').toString('base64'),
      MessageType: 'RAW',
      SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
    });
  });

  it('is looked for once in five minutes, and so is the second of a rotation', async (test) => {
    const { kms, idsOf, asked, passMinutes } = await kmsWith(test, '1');
    assert.deepEqual(await idsOf(), ['1']);
    kms.addKey(alias('2'));
    passMinutes(4);
    assert.deepEqual(await idsOf(), ['1']);
    assert.equal(asked('DescribeKey').length, 2);
    passMinutes(2);
    assert.deepEqual(await idsOf(), ['1', '2']);
  });

  it('that is not there says which command makes it, and is found at once when it was run', async (test) => {
    const { kms, keys, idsOf } = await kmsWith(test);
    await assert.rejects(keys.of('crm-jwt'), (error) => {
      assert.ok(error instanceof AppMisconfiguredError);
      assert.match(error.message, /no alias\/Grantkeeper\/crm-jwt\/signing-1 .*npx grantkeeper signing-key crm-jwt$/);
      return true;
    });
    kms.addKey(alias('1'));
    assert.deepEqual(await idsOf(), ['1']);
  });

  it('of a stack with another name is made by a command that says so', async (test) => {
    const { kms } = await kmsWith(test);
    const keys = createKmsSigningKeys({ client: kms.client, prefix: 'Other/', now: () => 0 });
    await assert.rejects(keys.of('crm-jwt'), /npx grantkeeper signing-key crm-jwt --stack-prefix Other\/$/);
  });

  it('that is disabled or no signing key is passed over; alone, it is named', async (test) => {
    const { kms, made, idsOf } = await kmsWith(test, '1', '2');
    made[0]!.state = 'PendingDeletion';
    assert.deepEqual(await idsOf(), ['2']);
    kms.aliases.delete(alias('2'));
    const fresh = createKmsSigningKeys({ client: kms.client, prefix: 'Grantkeeper/', now: () => 0 });
    await assert.rejects(fresh.of('crm-jwt'), /signing-1 is a key RSA_2048 in state PendingDeletion/);
    made[0]!.state = 'Enabled';
    made[0]!.spec = 'ECC_NIST_P256';
    await assert.rejects(fresh.of('crm-jwt'), /a key ECC_NIST_P256 in state Enabled/);
  });

  it('about which KMS says nothing is no mistake of the deployer', async (test) => {
    const { kms, keys, idsOf } = await kmsWith(test, '1');
    kms.failures.set('DescribeKey', { type: 'ThrottlingException' });
    await assert.rejects(keys.of('crm-jwt'), KeysUnavailableError);
    kms.failures.set('DescribeKey', { type: 'AccessDeniedException' });
    await assert.rejects(keys.of('crm-jwt'), AppMisconfiguredError);
    kms.failures.clear();
    assert.deepEqual(await idsOf(), ['1']);
  });

  it('that does not sign is unavailable, and looked for anew', async (test) => {
    const { kms, keys, idsOf } = await kmsWith(test, '1', '2');
    const [first] = await keys.of('crm-jwt');
    kms.aliases.delete(alias('1'));
    await assert.rejects(first!.sign('input'), KeysUnavailableError);
    assert.deepEqual(await idsOf(), ['2']);
  });

  it('has its certificate noted in a tag, which only that question reads', async (test) => {
    const { made, keys, asked } = await kmsWith(test, '1', '2');
    made[1]!.tags.set(certificateEndsTag, '2028-11-20T04:44:35.000Z');
    await (await keys.of('crm-jwt'))[0]?.sign('input');
    assert.equal(asked('ListResourceTags').length, 0);
    assert.deepEqual(await keys.certificateEnds('crm-jwt'), [
      { id: '1', endsAt: undefined },
      { id: '2', endsAt: Date.parse('2028-11-20T04:44:35Z') },
    ]);
    made[1]!.tags.set(certificateEndsTag, 'some day');
    assert.equal((await keys.certificateEnds('crm-jwt'))[1]?.endsAt, undefined);
  });
});

describe('a signing key in an engine', { skip: noEngine }, () => {
  it('is made by the command line, found by its alias, and signs', async () => {
    const client = new KMSClient(engineConfig());
    const prefix = `grantkeeper-${randomUUID()}/`;
    const keys = createKmsSigningKeys({ client, prefix, now: () => 0 });
    await assert.rejects(keys.of('crm-jwt'), AppMisconfiguredError);
    const ring = createKmsKeyRing({ client, prefix, app: 'crm-jwt' });
    const made = await ring.make('1');
    await made.noteCertificateEnd(86_400_000);
    const [key] = await keys.of('crm-jwt');
    const publicKey = { key: Buffer.from(await made.publicKey()), format: 'der', type: 'spki' } as const;
    assert.ok(verify('sha256', Buffer.from('input'), publicKey, await key!.sign('input')));
    assert.deepEqual(await keys.certificateEnds('crm-jwt'), [{ id: '1', endsAt: 86_400_000 }]);
  });
});
