/**
 * What a warm process remembers of secrets and keys, and for how long: whatever was replaced or taken away is out of use
 * everywhere within five minutes (docs/runbooks). Signing keys in KMS: test/functions/adapters/kms-signing-keys.test.ts.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createMemoryTableRecords } from '../../../dev/memory/memory-table-records.ts';
import { createPemSigningKeys } from '../../../functions/adapters/pem-signing-keys.ts';
import { createSecretsManagerClientSecrets } from '../../../functions/adapters/secrets-manager-client-secrets.ts';
import { createTableIdentity } from '../../../functions/adapters/table-identity.ts';
import type { Store, StoredDataKey } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { createVault, type DataKey } from '../../../functions/flows/vault.ts';
import { memoryPorts, orgA } from '../../support/memory-ports.ts';
import { playedAws } from '../adapters/played-aws.ts';

const warmMs = 5 * 60_000;
const pemKeys = (privateKeyPem: string) => JSON.stringify({ version: 1, keys: [{ id: '1', privateKeyPem }] });
const place = { connectionId: 'c', grantId: 'g' } as const;

describe('a warm process', () => {
  for (const purpose of ['access', 'refresh'] as const) {
    it(`asks for the data key of an org and purpose ${purpose} again after five minutes, not before`, async () => {
      const ports = memoryPorts();
      const vault = createVault(ports);
      const context = { ...place, purpose };
      const sealed = await vault.seal(new Secret('token'), await vault.orgKey(orgA, purpose), context);
      ports.store.resetCalls();
      ports.clock.advance(warmMs - 1);
      await vault.open(sealed, undefined, orgA, context);
      assert.equal(ports.store.calls.get('readDataKey'), undefined);
      ports.clock.advance(1);
      await vault.open(sealed, undefined, orgA, context);
      assert.equal(ports.store.calls.get('readDataKey'), 1);
      ports.clock.advance(warmMs);
      await vault.orgKey(orgA, purpose);
      assert.equal(ports.store.calls.get('readDataKey'), 2, 'also to seal');
    });

    it(`asks KMS again for an item's own key of purpose ${purpose}`, async () => {
      const ports = memoryPorts();
      let unwrapped = 0;
      const keys = {
        ...ports.keys,
        unwrapDataKey: (...all: Parameters<typeof ports.keys.unwrapDataKey>) => {
          unwrapped += 1;
          return ports.keys.unwrapDataKey(...all);
        },
      };
      const vault = createVault({ ...ports, keys });
      const own = await vault.ownKeys('session');
      const context = { ...place, purpose };
      const sealed = await vault.seal(new Secret('token'), own[purpose], context);
      ports.clock.advance(warmMs - 1);
      await vault.open(sealed, own.wrapped, orgA, context);
      assert.equal(unwrapped, 0);
      ports.clock.advance(1);
      await vault.open(sealed, own.wrapped, orgA, context);
      assert.equal(unwrapped, 1);
    });
  }

  it('seals under a cached key only where what is replaced lies under that key too', async () => {
    const ports = memoryPorts();
    let stored: StoredDataKey | undefined;
    let reads = 0;
    const keys: Pick<Store, 'readDataKey' | 'putDataKeyIfAbsent'> = {
      readDataKey: async () => {
        reads += 1;
        return stored;
      },
      putDataKeyIfAbsent: async (offered) => {
        stored ??= offered;
        return stored;
      },
    };
    const store = { ...ports.store, ...keys };
    const vault = createVault({ ...ports, store });
    const context = { ...place, purpose: 'refresh' } as const;
    const sealedBy = async (key: DataKey) => vault.seal(new Secret('token'), key, context);
    const first = await vault.orgKey(orgA, 'refresh');
    assert.equal(reads, 1);
    assert.equal((await vault.orgKey(orgA, 'refresh', await sealedBy(first))).id, first.id);
    assert.equal(reads, 1, 'it is in use: nothing is asked');

    stored = undefined;
    const second = await createVault({ ...ports, store }).orgKey(orgA, 'refresh');
    assert.notEqual(second.id, first.id);
    assert.equal((await vault.orgKey(orgA, 'refresh', await sealedBy(second))).id, second.id, 'of another process');
    stored = undefined;
    const third = await vault.orgKey(orgA, 'refresh');
    assert.ok(![first.id, second.id].includes(third.id), 'a grant under keys of its own');
  });

  it('asks KMS again after five minutes however often new grants of the org come to be sealed', async () => {
    const ports = memoryPorts();
    let unwrapped = 0;
    const keys = {
      ...ports.keys,
      unwrapDataKey: (...all: Parameters<typeof ports.keys.unwrapDataKey>) => {
        unwrapped += 1;
        return ports.keys.unwrapDataKey(...all);
      },
    };
    const vault = createVault({ ...ports, keys });
    await vault.orgKey(orgA, 'refresh');
    for (let passed = 60_000; passed < warmMs; passed += 60_000) {
      ports.clock.advance(60_000);
      await vault.orgKey(orgA, 'refresh');
    }
    assert.equal(unwrapped, 0);
    ports.clock.advance(60_000);
    await vault.orgKey(orgA, 'refresh');
    assert.equal(unwrapped, 1);
  });

  it('reads each stage of a client secret, and a signing key in Secrets Manager, again after five minutes', async (test) => {
    test.mock.timers.enable({ apis: ['Date'], now: 0 });
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const { config, calls } = await playedAws(test, ({ body }) => {
      const value = String(body.SecretId).endsWith('/signing-key') ? pemKeys(privateKey) : 'value';
      return { body: { SecretString: value, Name: body.SecretId } };
    });
    const client = new SecretsManagerClient({ ...config, maxAttempts: 1 });
    test.after(() => client.destroy());
    const secrets = createSecretsManagerClientSecrets({ client, prefix: 'g/', now: Date.now });
    const pem = createPemSigningKeys({ client, prefix: 'g/' });
    const ask = async () => {
      await secrets.of('crm');
      assert.equal((await pem.of('crm-jwt')).length, 1);
    };
    await ask();
    assert.equal(calls.length, 4, 'three stages and a key');
    test.mock.timers.tick(warmMs - 1);
    await ask();
    assert.equal(calls.length, 4);
    test.mock.timers.tick(2);
    await ask();
    assert.equal(calls.length, 8);
  });

  it('asks whose items the table holds again well within five minutes', async () => {
    const { clock } = memoryPorts();
    const records = createMemoryTableRecords();
    let reads = 0;
    const counted = {
      ...records,
      read: () => {
        reads += 1;
        return records.read();
      },
    };
    const identity = createTableIdentity({ records: counted, clock });
    await identity.state();
    const first = reads;
    await identity.state();
    assert.equal(reads, first);
    clock.advance(warmMs);
    await identity.state();
    assert.ok(reads > first);
  });
});
