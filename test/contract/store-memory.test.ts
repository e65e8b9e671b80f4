import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createMemoryStore } from '../../dev/memory/memory-store.ts';
import { aConnection, aLedger, aWatch, noon } from './items.ts';
import { storeContract } from './store-contract.ts';

storeContract('the memory store', async (options) => createMemoryStore(options));

it('the dump of the memory store tells apart what differs in a ledger, a username or a watch alone', async () => {
  const { id } = aConnection(1);
  const dumpOf = async (entries: number, owner: string, activeAt = noon) => {
    const store = createMemoryStore();
    await store.ledgers.create(aLedger(id, { entries: aLedger(id).entries.slice(0, entries) }));
    await store.rememberUsername('crm', 'ada@acme.example', owner);
    await store.watches.create(aWatch(1, activeAt));
    return store.dump();
  };
  const dump = await dumpOf(1, id);
  assert.deepEqual(await dumpOf(1, id), dump);
  assert.notDeepEqual(await dumpOf(0, id), dump);
  assert.notDeepEqual(await dumpOf(1, aConnection(2).id), dump);
  assert.notDeepEqual(await dumpOf(1, id, noon + 1), dump);
});
