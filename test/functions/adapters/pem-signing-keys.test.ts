import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createPemKeyRing } from '../../../cli/pem-key-ring.ts';
import { createPemSigningKeys } from '../../../functions/adapters/pem-signing-keys.ts';
import { unsetClientSecret } from '../../../functions/adapters/secrets-manager-client-secrets.ts';
import { AppMisconfiguredError, KeysUnavailableError } from '../../../functions/core/errors.ts';
import { playedSecret } from '../../cli/played-secret.ts';
import { engineConfig, noEngine, playedAws } from './played-aws.ts';

const pem = (type: 'rsa' | 'ed25519' = 'rsa') =>
  (type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
const [first, second] = [pem(), pem()];
const bothKeys = JSON.stringify({
  version: 1,
  keys: [
    { id: '2', privateKeyPem: second, certificateEndsAt: '2028-11-20T04:44:35.000Z' },
    { id: '1', privateKeyPem: first },
  ],
});
const secretId = 'Grantkeeper/crm-jwt/signing-key';

async function secretWith(test: TestContext, text: string) {
  const secret = await playedSecret(test, secretId, text);
  return { secret, keys: createPemSigningKeys({ client: secret.client, prefix: 'Grantkeeper/' }) };
}

describe('signing keys as PEM', () => {
  it('sign with RS256, each as itself', async (test) => {
    const { keys } = await secretWith(test, `${bothKeys}\n`);
    const found = await keys.of('crm-jwt');
    assert.deepEqual(
      found.map(({ id }) => id),
      ['1', '2'],
    );
    const signature = await found[0]!.sign('header.payload');
    assert.ok(verify('sha256', Buffer.from('header.payload'), createPublicKey(first), signature));
    assert.ok(!verify('sha256', Buffer.from('header.payload'), createPublicKey(second), signature));
  });

  it('know the ends of their certificates, where they were noted', async (test) => {
    const { keys } = await secretWith(test, bothKeys);
    assert.deepEqual(await keys.certificateEnds('crm-jwt'), [
      { id: '1', endsAt: undefined },
      { id: '2', endsAt: Date.parse('2028-11-20T04:44:35Z') },
    ]);
  });

  it('are read once in a while, but a placeholder is read again', async (test) => {
    const { secret, keys } = await secretWith(test, unsetClientSecret);
    for (let count = 0; count < 2; count += 1) {
      await assert.rejects(keys.of('crm-jwt'), (error) => {
        assert.ok(error instanceof AppMisconfiguredError);
        assert.match(error.message, /holds none\. Run: npx grantkeeper signing-key crm-jwt$/);
        return true;
      });
    }
    secret.put(bothKeys);
    assert.equal((await keys.of('crm-jwt')).length, 2);
    const before = secret.calls.length;
    await keys.of('crm-jwt');
    assert.equal(secret.calls.length, before);
  });

  it('of any other form are refused, without a word of what was there', async (test) => {
    const wrong = [
      'no JSON, but secret-words',
      JSON.stringify({ version: 2, keys: [{ id: '1', privateKeyPem: first }] }),
      JSON.stringify({ version: 1, keys: [{ id: '3', privateKeyPem: first }] }),
      JSON.stringify({ version: 1, keys: [{ id: '1', privateKeyPem: 'secret-words' }] }),
      JSON.stringify({ version: 1, keys: [{ id: '1', privateKeyPem: pem('ed25519') }] }),
      JSON.stringify({ version: 1, keys: ['1', '1'].map((id) => ({ id, privateKeyPem: first })) }),
      JSON.stringify({ version: 1, keys: [{ id: '1', privateKeyPem: first, 'secret-words': 1 }] }),
    ];
    for (const text of wrong) {
      const { keys } = await secretWith(test, text);
      await assert.rejects(keys.of('crm-jwt'), (error) => {
        assert.ok(error instanceof AppMisconfiguredError, text);
        assert.doesNotMatch(inspect(error), /secret-words|BEGIN|MII/);
        return true;
      });
    }
  });

  it('print nothing of themselves', async (test) => {
    const { keys } = await secretWith(test, bothKeys);
    assert.doesNotMatch(inspect(await keys.of('crm-jwt'), { depth: 9 }), /BEGIN|MII/);
  });

  it('that cannot be read are a mistake of the deployer, or an outage', async (test) => {
    for (const [type, expected] of [
      ['ResourceNotFoundException', AppMisconfiguredError],
      ['AccessDeniedException', AppMisconfiguredError],
      ['InternalServiceError', KeysUnavailableError],
      ['ThrottlingException', KeysUnavailableError],
    ] as const) {
      const { config } = await playedAws(test, () => ({ status: 400, body: { __type: type, message: type } }));
      const client = new SecretsManagerClient({ ...config, maxAttempts: 1 });
      const keys = createPemSigningKeys({ client, prefix: 'Grantkeeper/' });
      await assert.rejects(keys.of('crm-jwt'), (error) => error instanceof expected, type);
    }
  });
});

describe('signing keys as PEM in an engine', { skip: noEngine }, () => {
  it('are made, joined by a second and retired by the command line', async () => {
    const client = new SecretsManagerClient(engineConfig());
    const prefix = `grantkeeper-${randomUUID()}/`;
    await client.send(
      new CreateSecretCommand({ Name: `${prefix}crm-jwt/signing-key`, SecretString: unsetClientSecret }),
    );
    const ring = createPemKeyRing({ client, prefix, app: 'crm-jwt' });
    const idsOf = async () => (await createPemSigningKeys({ client, prefix }).of('crm-jwt')).map(({ id }) => id);
    await assert.rejects(idsOf(), AppMisconfiguredError);
    const key = await ring.make('1');
    await ring.make('2');
    await key.noteCertificateEnd(86_400_000);
    assert.deepEqual(await idsOf(), ['1', '2']);
    const ends = await createPemSigningKeys({ client, prefix }).certificateEnds('crm-jwt');
    assert.deepEqual(ends[0], { id: '1', endsAt: 86_400_000 });
    await ring.retire('1');
    assert.deepEqual(await idsOf(), ['2']);
  });
});
