/** The store contract on counting an app's connections by status. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection, ConnectionStatus } from '../../functions/core/connection.ts';
import type { Store } from '../../functions/core/ports.ts';
import { aConnection, aWatch, next, noon } from './items.ts';
import type { MakeStore } from './store-contract.ts';

const none = { active: 0, admin_action_required: 0, reauthorization_required: 0, disconnected: 0 };

export function countContract(makeStore: MakeStore): void {
  describe('counting connections', () => {
    it('answers nought of each status where there are none', async () => {
      const store = await makeStore();
      assert.deepEqual(await store.countConnections('crm', 10), { byStatus: none, complete: true });
    });

    it('counts each status, in every org of the app', async () => {
      const store = await makeStore();
      await createAll(store, [
        aConnection(1, { org: 1 }),
        aConnection(2, { org: 2 }),
        aConnection(3, { org: 2, status: 'admin_action_required' }),
        aConnection(4, { org: 3, status: 'reauthorization_required' }),
        aConnection(5, { org: 3, status: 'reauthorization_required' }),
        aConnection(6, { org: 3, status: 'disconnected' }),
      ]);
      assert.deepEqual(await store.countConnections('crm', 100), {
        byStatus: { active: 2, admin_action_required: 1, reauthorization_required: 2, disconnected: 1 },
        complete: true,
      });
    });

    it('counts a connection by its last write', async () => {
      const store = await makeStore();
      const [connection] = await createAll(store, [aConnection(1)]);
      await store.connections.replace(connection!, next(connection!, { status: 'disconnected' }));
      assert.deepEqual((await store.countConnections('crm', 1)).byStatus, { ...none, disconnected: 1 });
    });

    it('counts neither those of apps whose names begin alike, nor watches', async () => {
      const store = await makeStore();
      await createAll(store, [aConnection(1), aConnection(1, { app: 'crm-2' }), aConnection(1, { app: 'cr' })]);
      await store.watches.create(aWatch(1, noon));
      assert.deepEqual(await store.countConnections('crm', 2), { byStatus: { ...none, active: 1 }, complete: true });
    });

    it('counts up to the limit, in the order of org and user, and says that there are more', async () => {
      const store = await makeStore();
      await createAll(
        store,
        Array.from({ length: 7 }, (_, n) => aConnection(n, { org: n, status: n < 5 ? 'active' : 'disconnected' })),
      );
      const counted = (limit: number) => store.countConnections('crm', limit);
      const of = (active: number, disconnected: number) => ({ ...none, active, disconnected });
      assert.deepEqual(await counted(1), { byStatus: of(1, 0), complete: false });
      assert.deepEqual(await counted(6), { byStatus: of(5, 1), complete: false });
      assert.deepEqual(await counted(7), { byStatus: of(5, 2), complete: true });
      assert.deepEqual(await counted(8), { byStatus: of(5, 2), complete: true });
    });

    it('does not take a status of another release for none: the counts are not complete then', async () => {
      const store = await makeStore();
      await createAll(store, [aConnection(1), aConnection(2, { status: 'paused' as ConnectionStatus })]);
      assert.deepEqual(await store.countConnections('crm', 10), { byStatus: { ...none, active: 1 }, complete: false });
    });

    it('refuses a limit outside the bounds', async () => {
      const store = await makeStore();
      for (const limit of [0, -1, 1.5, 100_001, Number.NaN]) {
        await assert.rejects(store.countConnections('crm', limit), RangeError);
      }
      await assert.doesNotReject(store.countConnections('crm', 100_000));
    });
  });
}

async function createAll(store: Store, items: Connection[]): Promise<Connection[]> {
  await Promise.all(items.map((item) => store.connections.create(item)));
  return items;
}
