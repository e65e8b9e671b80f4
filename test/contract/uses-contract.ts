/** The store contract on the uses of a connection. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aConnection } from './items.ts';
import type { MakeStore } from './store-contract.ts';

const { id } = aConnection(1);

export function usesContract(makeStore: MakeStore): void {
  describe('the uses of a connection', () => {
    it('are recorded once, however often they are added', async () => {
      const store = await makeStore();
      await store.addUse(id, { tenant: 'acme', integration: 'sync' });
      await store.addUse(id, { tenant: 'acme', integration: 'sync' });
      await store.addUse(id, { tenant: 'acme', integration: 'export' });
      assert.deepEqual(await store.usesOf(id, 10), [
        { tenant: 'acme', integration: 'export' },
        { tenant: 'acme', integration: 'sync' },
      ]);
    });

    it('are gone once they are removed, however often', async () => {
      const store = await makeStore();
      await store.addUse(id, { tenant: 'acme', integration: 'sync' });
      await store.removeUse(id, { tenant: 'acme', integration: 'sync' });
      await store.removeUse(id, { tenant: 'acme', integration: 'sync' });
      assert.deepEqual(await store.usesOf(id, 10), []);
    });

    it('are told apart by tenant, also where one name begins another', async () => {
      const store = await makeStore();
      for (const tenant of ['a', 'ab', 'a.b', 'a-b', 'a_', 'A'])
        await store.addUse(id, { tenant, integration: 'sync' });
      for (const tenant of ['a', 'ab', 'a.b', 'A']) {
        assert.deepEqual(await store.usesOf(id, 10, tenant), [{ tenant, integration: 'sync' }]);
      }
      assert.deepEqual(await store.usesOf(id, 10, 'b'), []);
      assert.equal((await store.usesOf(id, 10)).length, 6);
    });

    it('are those of that connection only, and are not the connection', async () => {
      const store = await makeStore();
      await store.connections.create(aConnection(1));
      await store.addUse(aConnection(2).id, { tenant: 'acme', integration: 'sync' });
      assert.deepEqual(await store.usesOf(id, 10), []);
      assert.deepEqual(await store.connections.read(id), aConnection(1));
    });

    it('are cut at the limit', async () => {
      const store = await makeStore();
      for (const integration of ['c', 'a', 'b']) await store.addUse(id, { tenant: 'acme', integration });
      const found = await store.usesOf(id, 2, 'acme');
      assert.deepEqual(
        found.map((use) => use.integration),
        ['a', 'b'],
      );
      await assert.rejects(store.usesOf(id, 0), RangeError);
      await assert.rejects(store.usesOf(id, 1001), RangeError);
    });

    it('refuse a label that holds the separator of keys', async () => {
      const store = await makeStore();
      await assert.rejects(store.addUse(id, { tenant: 'a#b', integration: 'c' }), RangeError);
      await assert.rejects(store.usesOf(id, 10, 'a#'), RangeError);
    });
  });
}
