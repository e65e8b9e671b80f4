/** The store contract on usernames: whose connection is it likely to be. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aConnection } from './items.ts';
import type { MakeStore } from './store-contract.ts';

const [ada, bea] = [aConnection(1).id, aConnection(2).id];
const name = 'ada@acme.example';
const strangeNames = ['ada#crm@x.example', 'a b@x.example', 'ada/../b%23@x.example', 'zoë+ß@x.example', '名@x.example'];

export function usernameContract(makeStore: MakeStore): void {
  describe('usernames', () => {
    it('lead to the connection, in upper or lower case', async () => {
      const store = await makeStore();
      await store.rememberUsername('crm', 'Ada@Acme.example', ada);
      for (const asked of ['Ada@Acme.example', name, name.toUpperCase()]) {
        assert.equal(await store.connectionOfUsername('crm', asked), ada);
      }
    });

    it('that nobody has lead nowhere, nor do parts of one', async () => {
      const store = await makeStore();
      assert.equal(await store.connectionOfUsername('crm', name), undefined);
      await store.rememberUsername('crm', name, ada);
      for (const asked of ['bea@acme.example', 'ada', `${name} `, `${name}.uk`]) {
        assert.equal(await store.connectionOfUsername('crm', asked), undefined);
      }
    });

    it('are those of one app, another has its own', async () => {
      const store = await makeStore();
      await store.rememberUsername('crm', name, ada);
      assert.equal(await store.connectionOfUsername('crm-two', name), undefined);
      await store.rememberUsername('crm-two', name, bea);
      assert.equal(await store.connectionOfUsername('crm', name), ada);
      assert.equal(await store.connectionOfUsername('crm-two', name), bea);
    });

    it('belong to whoever had them last', async () => {
      const store = await makeStore();
      for (const owner of [ada, bea, bea]) await store.rememberUsername('crm', name, owner);
      await store.rememberUsername('crm', name.toUpperCase(), bea);
      assert.equal(await store.connectionOfUsername('crm', name), bea);
    });

    it('may hold any character, and are told apart all the same', async () => {
      const store = await makeStore();
      for (const [n, strange] of strangeNames.entries()) {
        await store.rememberUsername('crm', strange, aConnection(n).id);
      }
      for (const [n, strange] of strangeNames.entries()) {
        assert.equal(await store.connectionOfUsername('crm', strange), aConnection(n).id);
      }
    });

    it('have 1 to 256 characters, and a refusal does not repeat them', async () => {
      const store = await makeStore();
      const longest = '名'.repeat(256);
      await store.rememberUsername('crm', longest, ada);
      assert.equal(await store.connectionOfUsername('crm', longest), ada);
      for (const wrong of ['', `${longest}名`]) {
        const refusal = { name: 'RangeError', message: `a username has 1 to 256 characters; got ${wrong.length}` };
        await assert.rejects(store.rememberUsername('crm', wrong, ada), refusal);
        await assert.rejects(store.connectionOfUsername('crm', wrong), refusal);
      }
    });

    it('refuse an app whose name holds the separator of keys', async () => {
      const store = await makeStore();
      await assert.rejects(store.rememberUsername('a#b', name, ada), RangeError);
      await assert.rejects(store.connectionOfUsername('a#b', name), RangeError);
    });

    it('are not in the way of connections, sessions and uses', async () => {
      const store = await makeStore({ shards: 1 });
      await store.connections.create(aConnection(1));
      await store.rememberUsername('crm', name, ada);
      assert.deepEqual((await store.listConnections({ app: 'crm' }, 10)).items, [aConnection(1)]);
      assert.deepEqual(await store.usesOf(ada, 10), []);
    });
  });
}
