import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { createKmsKeyRing } from '../../cli/kms-key-ring.ts';
import { certificateEndsTag } from '../../functions/adapters/signing-key-names.ts';
import { playedKms } from './played-kms.ts';

const alias = (id: string) => `alias/Grantkeeper/crm/signing-${id}`;

async function ringOn(test: TestContext) {
  const kms = await playedKms(test);
  return { kms, ring: createKmsKeyRing({ client: kms.client, prefix: 'Grantkeeper/', app: 'crm' }) };
}

describe('a signing key in KMS, by the command line', () => {
  it('is made for signing only, behind its alias, with tags that say whose it is', async (test) => {
    const { kms, ring } = await ringOn(test);
    assert.deepEqual(await ring.keys(), []);
    const made = await ring.make('2');
    const key = kms.keys.get(kms.aliases.get(alias('2')) ?? '');
    assert.match(made.place, new RegExp(`^${alias('2')} \\(arn:.*${key?.id}\\)$`));
    assert.deepEqual(Object.fromEntries(key?.tags ?? []), {
      'grantkeeper:app': 'crm',
      'grantkeeper:prefix': 'Grantkeeper/',
    });
    const { Description, KeySpec, KeyUsage } = kms.calls.find(({ action }) => action.endsWith('.CreateKey'))!.body;
    assert.deepEqual([KeySpec, KeyUsage], ['RSA_2048', 'SIGN_VERIFY']);
    assert.match(String(Description), /assertions of the app crm .*key 2/);
    const publicKey = createPublicKey({ key: Buffer.from(await made.publicKey()), format: 'der', type: 'spki' });
    assert.ok(publicKey.equals(key!.publicKey));
    assert.deepEqual(
      (await ring.keys()).map(({ id, unusable }) => [id, unusable]),
      [['2', undefined]],
    );
  });

  it('keeps the end of its certificate in a tag', async (test) => {
    const { kms, ring } = await ringOn(test);
    const key = kms.addKey(alias('1'));
    const [held] = await ring.keys();
    assert.equal(held?.certificateEndsAt, undefined);
    await held?.noteCertificateEnd(Date.parse('2028-01-02T03:04:05Z'));
    assert.equal(key.tags.get(certificateEndsTag), '2028-01-02T03:04:05.000Z');
    assert.equal((await ring.keys())[0]?.certificateEndsAt, Date.parse('2028-01-02T03:04:05Z'));
  });

  it('is the one of whoever came first, and none is left behind', async (test) => {
    const { kms, ring } = await ringOn(test);
    const first = kms.addKey(alias('1'));
    const made = await ring.make('1');
    assert.match(made.place, new RegExp(first.id));
    const orphans = [...kms.keys.values()].filter(({ id }) => id !== first.id);
    assert.deepEqual(
      orphans.map(({ state, pendingDays }) => [state, pendingDays]),
      [['PendingDeletion', 7]],
    );
    assert.equal(first.state, 'Enabled');
  });

  it('is kept where only the answer to its alias was lost', async (test) => {
    const { kms, ring } = await ringOn(test);
    kms.failures.set('CreateAlias', { type: 'AlreadyExistsException', done: true });
    const made = await ring.make('1');
    const [key] = kms.keys.values();
    assert.match(made.place, new RegExp(key!.id));
    assert.equal(key?.state, 'Enabled');
  });

  it('is not left to be paid for where it gets no alias', async (test) => {
    const { kms, ring } = await ringOn(test);
    kms.failures.set('CreateAlias', { type: 'AccessDeniedException' });
    await assert.rejects(ring.make('1'), { name: 'AccessDeniedException' });
    assert.deepEqual(
      [...kms.keys.values()].map(({ state }) => state),
      ['PendingDeletion'],
    );
  });

  it('is retired: disabled, deleted in thirty days, its alias free; and how to take it back is said', async (test) => {
    const { kms, ring } = await ringOn(test);
    const key = kms.addKey(alias('1'));
    const said = (await ring.retire('1')).join('\n');
    assert.deepEqual([key.state, key.pendingDays], ['PendingDeletion', 30]);
    assert.equal(kms.aliases.size, 0);
    const done = kms.calls.map(({ action }) => action.split('.')[1]).slice(-3);
    assert.deepEqual(done, ['DisableKey', 'ScheduleKeyDeletion', 'DeleteAlias']);
    assert.match(said, new RegExp(`cancel-key-deletion --key-id ${key.id}`));
    assert.match(said, new RegExp(`create-alias --alias-name ${alias('1')} --target-key-id ${key.id}`));
  });

  it('is retired by another run where the first died on the way', async (test) => {
    for (const dying of ['DisableKey', 'ScheduleKeyDeletion', 'DeleteAlias']) {
      const { kms, ring } = await ringOn(test);
      const key = kms.addKey(alias('1'));
      kms.failures.set(dying, { type: 'KMSInternalException', done: dying !== 'DeleteAlias' });
      await assert.rejects(ring.retire('1'), { name: 'KMSInternalException' });
      kms.failures.clear();
      assert.equal((await ring.keys()).length, 1);
      await ring.retire('1');
      assert.deepEqual([key.state, kms.aliases.size], ['PendingDeletion', 0]);
    }
  });

  it('has a prefix that KMS takes', async (test) => {
    const { client } = await playedKms(test);
    for (const prefix of ['dotted.name/', 'aws/', 'x'.repeat(250)]) {
      assert.throws(() => createKmsKeyRing({ client, prefix, app: 'crm' }), { name: 'CommandError' });
    }
  });
});
