/** The store contract on watches: compare-and-set over them, and those of an app that had news lately. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnreadableItemError } from '../../functions/core/errors.ts';
import type { Store } from '../../functions/core/ports.ts';
import type { ClosedIncident, Watch } from '../../functions/core/watch.ts';
import { aConnection, aFleetWatch, aGrant, anOpenIncident, aWatch, dutiesDueAt, next, noon, orgId } from './items.ts';
import type { MakeStore } from './store-contract.ts';

const closed: ClosedIncident = {
  id: 'incident-0',
  cause: 'org_wide_revocation',
  openedAt: noon - 9,
  closedAt: noon - 8,
  lastFailureAt: noon - 9,
  failed: 3,
  left: 1,
  connectionIds: [aConnection(2).id],
  evidence: ['one still fails'],
};

/** With all that a watch may have. */
const full = aWatch(1, noon, {
  failedAt: noon - 1,
  unansweredAt: noon - 2,
  judgedAt: noon - 3,
  incident: anOpenIncident(),
  closed,
  pull: { since: noon - 4, at: noon - 5, waves: 2 },
  recoveryToldAt: noon - 6,
  idleNotice: { at: noon - 7, until: noon + 7 },
  duties: dutiesDueAt(noon),
});

export function watchContract(makeStore: MakeStore): void {
  describe('watches', () => {
    it('of an org and of a fleet come back as they were written', async () => {
      const { watches } = await makeStore();
      assert.equal(await watches.create(full), 'written');
      assert.equal(await watches.create(aFleetWatch(noon)), 'written');
      assert.deepEqual(await watches.read(full.id), full);
      assert.deepEqual(await watches.read('crm.fleet_revocation'), aFleetWatch(noon));
    });

    it('lose what is over', async () => {
      const { watches } = await makeStore();
      await watches.create(full);
      const over = next(full, { incident: undefined, pull: undefined, duties: {} });
      assert.equal(await watches.replace(full, over), 'written');
      const { incident: _incident, pull: _pull, ...left } = over;
      assert.deepEqual(await watches.read(full.id), left);
    });

    it('open one incident, however many writers see it at once', async () => {
      const { watches } = await makeStore();
      const quiet = aWatch(1, noon);
      await watches.create(quiet);
      const openings = Array.from({ length: 20 }, (_, n) =>
        next(quiet, { incident: anOpenIncident({ id: `incident-${n}` }), writeId: `opening-${n}` }),
      );
      const outcomes = await Promise.all(openings.map((opening) => watches.replace(quiet, opening)));
      const opened = openings.filter((_, n) => outcomes[n] === 'written');
      assert.equal(opened.length, 1);
      assert.deepEqual(await watches.read(quiet.id), opened[0]);
    });

    it('are made once', async () => {
      const { watches } = await makeStore();
      assert.equal(await watches.create(aWatch(1, noon)), 'written');
      assert.equal(await watches.create(aWatch(1, noon + 1)), 'conflict');
      assert.equal((await watches.read(aWatch(1, noon).id))?.activeAt, noon);
    });

    it('that are damaged are refused by the place where they are', async () => {
      const { watches } = await makeStore();
      const { told: _missing, ...incident } = anOpenIncident();
      await watches.create(aWatch(1, noon, { incident: incident as ReturnType<typeof anOpenIncident> }));
      await assert.rejects(watches.read(aWatch(1, noon).id), (error: unknown) => {
        return error instanceof UnreadableItemError && error.message.includes('incident.told');
      });
    });
  });

  describe('a connection that fails newly', () => {
    it('keeps the words of a connection whose failure an incident told, and drops them when it works again', async () => {
      const { connections } = await makeStore();
      const death = { at: noon, tries: 1, org: { failed: 4, tried: 5 }, fleet: { failed: 1, tried: 9 } };
      const grant = aGrant('grant-1', { death, warned: { idle: noon, lifetime: noon + 1 } });
      const failing = aConnection(1, {}, { grant, failingSince: noon, absorbedBy: 'incident-1' });
      await connections.create(failing);
      assert.deepEqual(await connections.read(failing.id), failing);

      const works = next(failing, { grant: aGrant('grant-2'), failingSince: undefined, absorbedBy: undefined });
      assert.equal(await connections.replace(failing, works), 'written');
      const { failingSince: _since, absorbedBy: _incident, ...left } = works;
      assert.deepEqual(await connections.read(failing.id), left);
    });
  });

  describe('recent watches', () => {
    it('are none where there are none', async () => {
      const store = await makeStore();
      assert.deepEqual(await store.recentWatches('crm', 0, 10), []);
    });

    it('come whole, the newest first, by numbers and not by digits', async () => {
      const store = await makeStore();
      const [old, ninth, tenth] = [aWatch(3, 9), aWatch(2, noon - 1), full];
      await createAll(store, [tenth, old, ninth]);
      assert.deepEqual(await store.recentWatches('crm', 0, 10), [tenth, ninth, old]);
    });

    it('are those with news at that instant or later', async () => {
      const store = await makeStore();
      await createAll(store, [aWatch(1, noon - 1), aWatch(2, noon), aFleetWatch(noon + 1)]);
      assert.deepEqual(await kindsOf(store, noon), ['fleet_revocation', orgId(2)]);
      assert.deepEqual(await kindsOf(store, noon + 2), []);
    });

    it('move with each write', async () => {
      const store = await makeStore();
      const [first] = await createAll(store, [aWatch(1, noon - 2), aWatch(2, noon - 1)]);
      assert.deepEqual(await kindsOf(store, 0), [orgId(2), orgId(1)]);
      await store.watches.replace(first!, next(first!, { activeAt: noon }));
      assert.deepEqual(await kindsOf(store, 0), [orgId(1), orgId(2)]);
      assert.deepEqual(await kindsOf(store, noon), [orgId(1)]);
    });

    it('of one instant come in an order that is always the same', async () => {
      const store = await makeStore();
      await createAll(store, [aWatch(2, noon), aWatch(1, noon), aWatch(3, noon)]);
      assert.deepEqual(await kindsOf(store, noon), [orgId(3), orgId(2), orgId(1)]);
    });

    it('end at the limit, and those that are left out are the older ones', async () => {
      const store = await makeStore();
      await createAll(
        store,
        Array.from({ length: 5 }, (_, n) => aWatch(n, noon + n)),
      );
      const found = await store.recentWatches('crm', 0, 3);
      assert.deepEqual(
        found.map(({ activeAt }) => activeAt),
        [noon + 4, noon + 3, noon + 2],
      );
      assert.equal((await store.recentWatches('crm', 0, 5)).length, 5);
    });

    it('are as many as 200, over more than one batch', async () => {
      const store = await makeStore();
      const made = await createAll(
        store,
        Array.from({ length: 205 }, (_, n) => aWatch(n, noon + n)),
      );
      assert.deepEqual(await store.recentWatches('crm', 0, 200), made.toReversed().slice(0, 200));
    });

    it('are those of the app alone, also beside apps whose names begin alike', async () => {
      const store = await makeStore();
      const mine = aWatch(1, noon);
      const others = ['cr', 'crm-2', 'c'].map((app) => aWatch(1, noon + 1, { app }));
      await createAll(store, [mine, ...others]);
      assert.deepEqual(await store.recentWatches('crm', 0, 10), [mine]);
      assert.deepEqual(await store.recentWatches('cr', 0, 10), [others[0]]);
    });

    it('are no connections, and are listed among none', async () => {
      const store = await makeStore();
      const connection = aConnection(1);
      await store.connections.create(connection);
      await createAll(store, [aWatch(1, noon), aFleetWatch(noon)]);
      assert.deepEqual(await store.listConnections({ app: 'crm' }, 1), { items: [connection] });
      assert.deepEqual(await store.listConnections({ app: 'crm', orgId: orgId(1) }, 10), { items: [connection] });
      assert.deepEqual(await kindsOf(store, 0), ['fleet_revocation', orgId(1)]);
    });

    it('refuse a limit and an instant outside the bounds', async () => {
      const store = await makeStore();
      for (const limit of [0, 201, 1.5, Number.NaN]) {
        await assert.rejects(store.recentWatches('crm', noon, limit), RangeError);
      }
      for (const since of [-1, 0.5, Number.NaN, 1e15]) {
        await assert.rejects(store.recentWatches('crm', since, 1), RangeError);
      }
    });
  });
}

async function createAll(store: Store, watches: Watch[]): Promise<Watch[]> {
  await Promise.all(watches.map((watch) => store.watches.create(watch)));
  return watches;
}

/** The recent ones by their org, or by their kind where they are of a fleet. */
async function kindsOf(store: Store, since: number): Promise<string[]> {
  const found = await store.recentWatches('crm', since, 10);
  return found.map(({ orgId: org, kind }) => org ?? kind);
}
