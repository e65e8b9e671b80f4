import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { createPemKeyRing } from '../../cli/pem-key-ring.ts';
import { parsePemKeys } from '../../functions/adapters/pem-key-set.ts';
import { unsetClientSecret } from '../../functions/adapters/secrets-manager-client-secrets.ts';
import { playedSecret } from './played-secret.ts';

const secretId = 'Grantkeeper/crm/signing-key';

async function ringOn(test: TestContext, text: string = unsetClientSecret) {
  const secret = await playedSecret(test, secretId, text);
  const ring = createPemKeyRing({ client: secret.client, prefix: 'Grantkeeper/', app: 'crm' });
  return { secret, ring, stored: () => parsePemKeys(secret.current()) };
}

describe('a signing key in Secrets Manager, by the command line', () => {
  it('is put in place of the placeholder, and signs', async (test) => {
    const { ring, stored } = await ringOn(test);
    assert.deepEqual(await ring.keys(), []);
    const made = await ring.make('1');
    assert.deepEqual(
      stored()?.map(({ id }) => id),
      ['1'],
    );
    const publicKey = createPublicKey({ key: Buffer.from(await made.publicKey()), format: 'der', type: 'spki' });
    assert.equal(publicKey.asymmetricKeyDetails?.modulusLength, 2048);
    const signature = await made.sign(Buffer.from('message'));
    assert.ok(verify('sha256', Buffer.from('message'), publicKey, signature));
    assert.ok(!verify('sha256', Buffer.from('other'), publicKey, signature));
    assert.doesNotMatch(inspect(await ring.keys(), { depth: 9 }), /BEGIN|MII/);
  });

  it('leaves the other as it is, when it comes, is certified and goes', async (test) => {
    const { ring, stored } = await ringOn(test);
    await ring.make('1');
    const first = stored()?.[0]?.privateKeyPem.reveal();
    const second = await ring.make('2');
    await second.noteCertificateEnd(Date.parse('2028-01-02T03:04:05Z'));
    assert.deepEqual(
      stored()?.map(({ id, certificateEndsAt }) => [id, certificateEndsAt]),
      [
        ['1', undefined],
        ['2', '2028-01-02T03:04:05.000Z'],
      ],
    );
    assert.equal(stored()?.[0]?.privateKeyPem.reveal(), first);
    assert.equal((await ring.keys())[1]?.certificateEndsAt, Date.parse('2028-01-02T03:04:05Z'));
    await ring.retire('2');
    assert.deepEqual(
      stored()?.map(({ privateKeyPem }) => privateKeyPem.reveal()),
      [first],
    );
  });

  it('that is there already is not made again', async (test) => {
    const { secret, ring } = await ringOn(test);
    await ring.make('1');
    const before = secret.current();
    await ring.make('1');
    assert.equal(secret.current(), before);
  });

  it('that is retired stays in no labelled version', async (test) => {
    const { secret, ring, stored } = await ringOn(test);
    await ring.make('1');
    await ring.make('2');
    const retired = JSON.stringify(stored()?.[0]?.privateKeyPem.reveal());
    await ring.retire('1');
    const labelled = [...secret.versions.values()].filter(({ stages }) => stages.size > 0);
    assert.deepEqual(
      labelled.map(({ stages }) => [...stages]),
      [['AWSCURRENT']],
    );
    assert.ok(labelled.every(({ text }) => !text.includes(retired)));
  });

  it('never overwrites what another process put in between', async (test) => {
    const { secret, ring, stored } = await ringOn(test);
    await ring.make('1');
    const theirs = secret.current();
    const other = await ringOn(test, theirs);
    await other.ring.make('2');
    const bothKeys = other.secret.current();
    secret.before = (name) => {
      if (name === 'UpdateSecretVersionStage') secret.put(bothKeys);
      secret.before = name === 'UpdateSecretVersionStage' ? undefined : secret.before;
    };
    await assert.rejects(ring.make('2'), { name: 'CommandError', message: /changed by another process.*Run it again/ });
    assert.equal(secret.current(), bothKeys);
    assert.equal(stored()?.length, 2);
    assert.ok([...secret.versions.values()].every(({ stages }) => !stages.has('GRANTKEEPER_PREPARED')));
  });

  it('is put where a secret of the stack is, and over nothing else', async (test) => {
    const { secret } = await ringOn(test);
    const elsewhere = createPemKeyRing({ client: secret.client, prefix: 'Other/', app: 'crm' });
    await assert.rejects(elsewhere.keys(), {
      name: 'CommandError',
      message: /no secret Other\/crm\/signing-key.*deploy/,
    });
    const { ring } = await ringOn(test, 'a password of somebody');
    await assert.rejects(ring.make('1'), (error: Error) => {
      assert.equal(error.name, 'CommandError');
      assert.match(error.message, /holds something else/);
      assert.doesNotMatch(inspect(error), /password of somebody/);
      return true;
    });
  });
});
