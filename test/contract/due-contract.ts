/** The store contract on what is due: connections to refresh, and duties. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidCursorError, type Page, type Store } from '../../functions/core/ports.ts';
import { aConnection, aGrant, anApp, anIncident, aSession, aWatch, dutiesDueAt, next, noon, orgId } from './items.ts';
import type { MakeStore } from './store-contract.ts';

export function dueContract(makeStore: MakeStore): void {
  describe('due connections', () => {
    it('tell their org, generation and time', async () => {
      const store = await makeStore({ shards: 1 });
      const grant = aGrant('grant:with:colons', { refreshes: 12 });
      await store.connections.create(aConnection(1, { org: 7 }, { grant, nextRefreshAt: noon }));
      assert.deepEqual(await store.dueConnections(0, noon, 10), {
        items: [
          {
            connectionId: aConnection(1, { org: 7 }).id,
            orgId: orgId(7),
            generation: { grantId: 'grant:with:colons', refreshes: 12 },
            nextRefreshAt: noon,
          },
        ],
      });
    });

    it('are those whose time has come, the longest overdue first', async () => {
      const store = await makeStore({ shards: 1 });
      for (const [n, at] of [noon, noon - 50, noon + 1, noon - 100].entries()) {
        await store.connections.create(aConnection(n, {}, { nextRefreshAt: at }));
      }
      const { items, cursor } = await store.dueConnections(0, noon, 10);
      assert.deepEqual(
        items.map(({ nextRefreshAt }) => nextRefreshAt),
        [noon - 100, noon - 50, noon],
      );
      assert.equal(cursor, undefined);
    });

    it('are not those without a time or without a grant', async () => {
      const store = await makeStore({ shards: 1 });
      await store.connections.create(aConnection(1));
      await store.connections.create(aConnection(2, {}, { grant: undefined, nextRefreshAt: noon }));
      assert.deepEqual(await store.dueConnections(0, noon, 10), { items: [] });
    });

    it('leave the index, return to it and move in it with each write', async () => {
      const store = await makeStore({ shards: 1 });
      const times = async () => (await store.dueConnections(0, noon, 10)).items.map((item) => item.nextRefreshAt);
      let current = aConnection(1, {}, { nextRefreshAt: noon - 5 });
      await store.connections.create(current);
      const move = async (nextRefreshAt: number | undefined) => {
        const following = next(current, { nextRefreshAt });
        await store.connections.replace(current, following);
        current = following;
      };

      assert.deepEqual(await times(), [noon - 5]);
      await move(undefined);
      assert.deepEqual(await times(), []);
      await move(noon - 3);
      assert.deepEqual(await times(), [noon - 3]);
      await move(noon + 60_000);
      assert.deepEqual(await times(), []);
    });

    it('show the generation of the last write', async () => {
      const store = await makeStore({ shards: 1 });
      const created = aConnection(1, {}, { nextRefreshAt: noon });
      await store.connections.create(created);
      await store.connections.replace(created, next(created, { grant: aGrant('newer', { refreshes: 3 }) }));
      const { items } = await store.dueConnections(0, noon, 10);
      assert.deepEqual(items[0]?.generation, { grantId: 'newer', refreshes: 3 });
    });

    it('come page by page, each once, also where many are due at one instant', async () => {
      const store = await makeStore({ shards: 1 });
      const ids = await createMany(store, 23, (n) => ({ nextRefreshAt: noon - (n % 3) }));
      const pages = await allPages((cursor) => store.dueConnections(0, noon, 5, cursor));
      assert.ok(pages.every(({ items }) => items.length <= 5));
      const found = pages.flatMap(({ items }) => items);
      assert.deepEqual(found.map(({ connectionId }) => connectionId).sort(), ids.sort());
      const times = found.map(({ nextRefreshAt }) => nextRefreshAt);
      assert.deepEqual(times, times.toSorted());
    });

    it('end without a cursor where the last page is full', async () => {
      const store = await makeStore({ shards: 1 });
      await createMany(store, 4, () => ({ nextRefreshAt: noon }));
      const { items, cursor } = await store.dueConnections(0, noon, 4);
      assert.equal(items.length, 4);
      assert.equal(cursor, undefined);
    });

    it('end where the clock went back behind the cursor', async () => {
      const store = await makeStore({ shards: 1 });
      await createMany(store, 4, () => ({ nextRefreshAt: noon }));
      const { cursor } = await store.dueConnections(0, noon, 2);
      assert.deepEqual(await store.dueConnections(0, noon - 1, 2, cursor), { items: [] });
    });

    it('lie in one shard each, spread over all of them', async () => {
      const store = await makeStore();
      const ids = await createMany(store, 160, () => ({ nextRefreshAt: noon }));
      const shards = Array.from({ length: store.shards }, (_, shard) => shard);
      const found = await Promise.all(shards.map((shard) => store.dueConnections(shard, noon, 100)));
      assert.equal(store.shards, 16);
      assert.deepEqual(found.flatMap(({ items }) => items.map((item) => item.connectionId)).sort(), ids.sort());
      assert.ok(found.every(({ items }) => items.length > 0 && items.length < 40));
    });
  });

  describe('due duties', () => {
    it('name the connections and sessions that hold one, by the first of each, oldest first', async () => {
      const store = await makeStore({ shards: 1 });
      await store.connections.create(aConnection(1, {}, { duties: dutiesDueAt(noon + 500, noon - 10) }));
      await store.connections.create(aConnection(2, {}, { duties: dutiesDueAt(noon + 1) }));
      await store.connections.create(aConnection(3));
      await store.sessions.create(aSession(1, { duties: dutiesDueAt(noon - 20) }));
      await store.sessions.create(aSession(2));
      assert.deepEqual(await store.dueDuties(0, noon, 10), {
        items: [
          { holder: 'session', id: aSession(1).id, dueAt: noon - 20 },
          { holder: 'connection', id: aConnection(1).id, dueAt: noon - 10 },
        ],
      });
    });

    it('name apps, incidents and watches beside them, and pages go on behind each kind of holder', async () => {
      const store = await makeStore({ shards: 1 });
      await store.watches.create(aWatch(1, noon - 9, { duties: dutiesDueAt(noon + 9, noon - 5) }));
      await store.watches.create(aWatch(2, noon, { duties: dutiesDueAt(noon + 1) }));
      await store.watches.create(aWatch(3, noon));
      await store.apps.create(anApp('crm', { duties: dutiesDueAt(noon - 4) }));
      await store.incidents.create(anIncident({ duties: dutiesDueAt(noon - 3) }));
      await store.sessions.create(aSession(1, { duties: dutiesDueAt(noon - 2) }));
      await store.connections.create(aConnection(1, {}, { duties: dutiesDueAt(noon - 1) }));
      await store.apps.create(anApp('sales'));
      const pages = await allPages((cursor) => store.dueDuties(0, noon, 1, cursor));
      assert.deepEqual(
        pages.flatMap(({ items }) => items),
        [
          { holder: 'watch', id: aWatch(1, noon).id, dueAt: noon - 5 },
          { holder: 'app', id: 'crm', dueAt: noon - 4 },
          { holder: 'incident', id: 'refresh_backlog', dueAt: noon - 3 },
          { holder: 'session', id: aSession(1).id, dueAt: noon - 2 },
          { holder: 'connection', id: aConnection(1).id, dueAt: noon - 1 },
        ],
      );
    });

    it('leave the index when they are done', async () => {
      const store = await makeStore({ shards: 1 });
      const session = aSession(1, { duties: dutiesDueAt(noon) });
      await store.sessions.create(session);
      await store.sessions.replace(session, next(session, { duties: {} }));
      assert.deepEqual(await store.dueDuties(0, noon, 10), { items: [] });
    });

    it('come page by page, each once', async () => {
      const store = await makeStore({ shards: 1 });
      const ids = await createMany(store, 11, () => ({ duties: dutiesDueAt(noon) }));
      const session = aSession(1, { duties: dutiesDueAt(noon) });
      await store.sessions.create(session);
      const pages = await allPages((cursor) => store.dueDuties(0, noon, 3, cursor));
      const found = pages.flatMap(({ items }) => items.map(({ id }) => id));
      assert.deepEqual(found.sort(), [...ids, session.id].sort());
    });
  });

  describe('questions about what is due that are refused', () => {
    it('a cursor of another shard, of the other index, or of nobody', async () => {
      const store = await makeStore({ shards: 2 });
      await createMany(store, 8, () => ({ nextRefreshAt: noon, duties: dutiesDueAt(noon) }));
      const { cursor } = await store.dueConnections(0, noon, 1);
      assert.ok(cursor);
      await assert.rejects(store.dueConnections(1, noon, 1, cursor), InvalidCursorError);
      await assert.rejects(store.dueDuties(0, noon, 1, cursor), InvalidCursorError);
      await assert.rejects(store.dueConnections(0, noon, 1, 'garbage'), InvalidCursorError);
    });

    it('a shard or a limit outside the bounds', async () => {
      const store = await makeStore({ shards: 2 });
      for (const shard of [-1, 2, 0.5]) await assert.rejects(store.dueConnections(shard, noon, 1), RangeError);
      for (const limit of [0, 1001, 1.5]) await assert.rejects(store.dueDuties(0, noon, limit), RangeError);
    });
  });
}

async function createMany(
  store: Store,
  count: number,
  change: (n: number) => Parameters<typeof aConnection>[2],
): Promise<string[]> {
  const items = Array.from({ length: count }, (_, n) => aConnection(n, {}, change(n)));
  await Promise.all(items.map((item) => store.connections.create(item)));
  return items.map(({ id }) => id);
}

/** At most fifty, so that a cursor that leads nowhere fails instead of running on. */
async function allPages<T>(ask: (cursor?: string) => Promise<Page<T>>): Promise<Page<T>[]> {
  const pages: Page<T>[] = [await ask()];
  while (pages.at(-1)?.cursor !== undefined) {
    assert.ok(pages.length < 50, 'the pages do not end');
    pages.push(await ask(pages.at(-1)?.cursor));
  }
  return pages;
}
