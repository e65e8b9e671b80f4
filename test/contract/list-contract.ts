/** The store contract on listing an app's connections. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../functions/core/connection.ts';
import { type ConnectionFilter, InvalidCursorError, type Store } from '../../functions/core/ports.ts';
import { aConnection, next, orgId } from './items.ts';
import type { MakeStore } from './store-contract.ts';

export function listContract(makeStore: MakeStore): void {
  describe('listing connections', () => {
    it('answers an empty page where there are none', async () => {
      const store = await makeStore();
      assert.deepEqual(await store.listConnections({ app: 'crm' }, 50), { items: [] });
    });

    it('lists an app in the order of org and user, whole items', async () => {
      const store = await makeStore();
      const made = await createAll(store, [
        aConnection(2, { org: 2 }),
        aConnection(9, { org: 1 }),
        aConnection(1, { org: 2 }),
      ]);
      await createAll(store, [aConnection(5, { app: 'crm-2' })]);
      assert.deepEqual(await store.listConnections({ app: 'crm' }, 50), { items: [made[1], made[2], made[0]] });
    });

    it('lists one org only where it is asked for', async () => {
      const store = await makeStore();
      const made = await createAll(store, [
        aConnection(1, { org: 1 }),
        aConnection(2, { org: 2 }),
        aConnection(3, { org: 2 }),
      ]);
      assert.deepEqual(await list(store, { app: 'crm', orgId: orgId(2) }, 50), made.slice(1));
      assert.deepEqual(await list(store, { app: 'crm', orgId: orgId(3) }, 50), []);
    });

    it('lists by status as it is now', async () => {
      const store = await makeStore();
      const made = await createAll(store, [aConnection(1), aConnection(2, { status: 'disconnected' }), aConnection(3)]);
      const turned = next(made[0]!, { status: 'disconnected' });
      await store.connections.replace(made[0]!, turned);
      assert.deepEqual(await list(store, { app: 'crm', status: 'disconnected' }, 50), [turned, made[1]]);
      assert.deepEqual(await list(store, { app: 'crm', status: 'active' }, 50), [made[2]]);
    });

    for (const limit of [1, 4, 7, 100]) {
      it(`pages through all of them in order, ${limit} at a time`, async () => {
        const store = await makeStore();
        const made = await createAll(
          store,
          Array.from({ length: 21 }, (_, n) => aConnection(n, { org: n % 3 })),
        );
        const ordered = made.toSorted((a, b) => (a.orgId + a.userId < b.orgId + b.userId ? -1 : 1));
        assert.deepEqual(await list(store, { app: 'crm' }, limit), ordered);
        assert.deepEqual(
          await list(store, { app: 'crm', orgId: orgId(1) }, limit),
          ordered.filter((item) => item.orgId === orgId(1)),
        );
      });
    }

    it('has no cursor where the last page is full', async () => {
      const store = await makeStore();
      await createAll(store, [aConnection(1), aConnection(2)]);
      assert.equal((await store.listConnections({ app: 'crm' }, 2)).cursor, undefined);
      assert.notEqual((await store.listConnections({ app: 'crm' }, 1)).cursor, undefined);
    });

    it('finds a rare status among many, in a bounded number of pages', async () => {
      const store = await makeStore();
      const rare = new Set([3, 118, 119, 249]);
      const made = await createAll(
        store,
        Array.from({ length: 250 }, (_, n) =>
          aConnection(n, rare.has(n) ? { status: 'reauthorization_required' } : {}),
        ),
      );
      const found = await list(store, { app: 'crm', status: 'reauthorization_required' }, 2);
      assert.deepEqual(
        found,
        [...rare].map((n) => made[n]),
      );
    });

    it('goes on after a connection that was changed since', async () => {
      const store = await makeStore();
      const made = await createAll(store, [aConnection(1), aConnection(2), aConnection(3)]);
      const { cursor } = await store.listConnections({ app: 'crm', status: 'active' }, 1);
      await store.connections.replace(made[0]!, next(made[0]!, { status: 'disconnected' }));
      const { items } = await store.listConnections({ app: 'crm', status: 'active' }, 10, cursor);
      assert.deepEqual(items, made.slice(1));
    });
  });

  describe('a cursor of a list', () => {
    it('is refused under another filter', async () => {
      const store = await makeStore();
      await createAll(store, [aConnection(1), aConnection(2)]);
      const { cursor } = await store.listConnections({ app: 'crm' }, 1);
      assert.ok(cursor);
      const others: ConnectionFilter[] = [
        { app: 'crm-2' },
        { app: 'crm', orgId: orgId(1) },
        { app: 'crm', status: 'active' },
      ];
      for (const filter of others) {
        await assert.rejects(store.listConnections(filter, 1, cursor), InvalidCursorError);
      }
    });

    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const garbage: Record<string, string> = {
      'is empty': '',
      'is no base64url': '%%%',
      'is no JSON': Buffer.from('{"of":').toString('base64url'),
      'is no object': forged('list'),
      'is of another kind': forged({ of: 'due', shard: 0, at: 1, holder: 'connection', id: 'x' }),
      'has a key too many': forged({ of: 'list', app: 'crm', after: `${orgId(1)}#x`, pk: 'C#x' }),
      'names no connection': forged({ of: 'list', app: 'crm', after: 'nobody' }),
      'has a wrong type': forged({ of: 'list', app: 'crm', after: { $ne: 1 } }),
      'is too long': 'A'.repeat(5000),
    };
    for (const [fault, cursor] of Object.entries(garbage)) {
      it(`is refused where it ${fault}`, async () => {
        const store = await makeStore();
        await assert.rejects(store.listConnections({ app: 'crm' }, 1, cursor), InvalidCursorError);
      });
    }

    it('is refused where it leads out of the org that is asked for', async () => {
      const store = await makeStore();
      const after = `${orgId(2)}#${aConnection(1).userId}`;
      const filter = { app: 'crm', orgId: orgId(1) };
      const cursor = forged({ of: 'list', ...filter, after });
      await assert.rejects(store.listConnections(filter, 1, cursor), InvalidCursorError);
    });

    it('cannot be had for a limit outside 1 to 100', async () => {
      const store = await makeStore();
      for (const limit of [0, 101, Number.NaN]) {
        await assert.rejects(store.listConnections({ app: 'crm' }, limit), RangeError);
      }
    });
  });
}

async function createAll(store: Store, items: Connection[]): Promise<Connection[]> {
  await Promise.all(items.map((item) => store.connections.create(item)));
  return items;
}

/** All pages joined; at most fifty, and none may be over the limit. */
async function list(store: Store, filter: ConnectionFilter, limit: number): Promise<Connection[]> {
  const found: Connection[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 50; page += 1) {
    const answer = await store.listConnections(filter, limit, cursor);
    assert.ok(answer.items.length <= limit);
    found.push(...answer.items);
    if (answer.cursor === undefined) return found;
    cursor = answer.cursor;
  }
  return assert.fail('the pages do not end');
}
