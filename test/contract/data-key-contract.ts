/** The store contract on wrapped data keys. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredDataKey } from '../../functions/core/ports.ts';
import { orgId } from './items.ts';
import type { MakeStore } from './store-contract.ts';

const aKey = (change: Partial<StoredDataKey> = {}): StoredDataKey => {
  return { orgId: orgId(1), purpose: 'access', id: 'key-1', wrapped: 'd3JhcHBlZA==', ...change };
};

export function dataKeyContract(makeStore: MakeStore): void {
  describe('data keys', () => {
    it('are read as they were put, by org and purpose', async () => {
      const store = await makeStore();
      assert.deepEqual(await store.putDataKeyIfAbsent(aKey()), aKey());
      assert.deepEqual(await store.readDataKey(orgId(1), 'access'), aKey());
      assert.equal(await store.readDataKey(orgId(1), 'refresh'), undefined);
      assert.equal(await store.readDataKey(orgId(2), 'access'), undefined);
    });

    it('are read by the id that a seal names: another id is another key', async () => {
      const store = await makeStore();
      await store.putDataKeyIfAbsent(aKey());
      assert.deepEqual(await store.readDataKey(orgId(1), 'access', 'key-1'), aKey());
      assert.equal(await store.readDataKey(orgId(1), 'access', 'key-2'), undefined);
    });

    it('stay the first that was put: a later putter gets that one', async () => {
      const store = await makeStore();
      await store.putDataKeyIfAbsent(aKey());
      assert.deepEqual(await store.putDataKeyIfAbsent(aKey({ id: 'key-2', wrapped: 'b3RoZXI=' })), aKey());
      assert.deepEqual(await store.readDataKey(orgId(1), 'access'), aKey());
    });

    it('are the same for putters that race', async () => {
      const store = await makeStore();
      const rivals = Array.from({ length: 20 }, (_, n) => aKey({ id: `key-${n}`, purpose: 'refresh' }));
      const answers = await Promise.all(rivals.map((key) => store.putDataKeyIfAbsent(key)));
      const stored = await store.readDataKey(orgId(1), 'refresh');
      assert.ok(stored !== undefined && rivals.some(({ id }) => id === stored.id));
      assert.deepEqual(new Set(answers.map(({ id }) => id)), new Set([stored.id]));
    });
  });
}
