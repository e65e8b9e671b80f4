/** Of all copies of a table, one at most is in use: whichever of them is adopted, and whoever else adopts another meanwhile. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { adoptRestore } from '../../cli/adopt-restore.ts';
import type { AdoptRestoreOptions } from '../../cli/adopt-restore-line.ts';
import { type AdoptionWorld, adoptionWorld } from '../../cli/adoption-world.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { type DescribedTable, identityOf } from '../../functions/core/table-identity.ts';
import { aConnection, aGrant, noon } from '../contract/items.ts';
import { copyTable } from '../support/copied-table.ts';
import { createTable, type Dynalite, startDynalite } from '../support/dynalite.ts';

const hourMs = 60 * 60_000;
const restoredAt = noon + 1;
const held = aConnection(
  1,
  {},
  { grant: aGrant('g', { refreshes: 3, rotates: true }), nextRefreshAt: noon + 30 * hourMs },
);
/** The engine has no restores. */
type Restores = Readonly<Record<string, { readonly of: string; readonly at: number }>>;

describe('which of the copies of a table is in use', () => {
  let engine: Dynalite;
  let tables = 0;
  before(async () => {
    engine = await startDynalite();
  });
  after(() => engine.close());

  function world(restores: Restores = {}, change: Partial<AdoptionWorld> = {}): AdoptionWorld {
    const real = adoptionWorld(engine.client);
    let now = noon + 4 * hourMs;
    return {
      ...real,
      table(name) {
        const table = real.table(name);
        const restore = restores[name];
        if (restore === undefined) return table;
        const describe = async (): Promise<DescribedTable | undefined> => {
          const described = await table.records.describe();
          const sourceArn = described?.tableArn.replace(name, restore.of);
          return described && { ...described, restored: { sourceArn, at: restore.at } };
        };
        return { ...table, records: { ...table.records, describe } };
      },
      now: () => now,
      wait: async (ms) => {
        now += ms;
      },
      say: () => {},
      ...change,
    };
  }

  function adopt(
    table: string,
    options: Partial<Omit<AdoptRestoreOptions, 'table'>> = {},
    on: AdoptionWorld = world(),
  ): Promise<string> {
    const all = { table, retireOriginal: false, originalStopped: false, dryRun: false, ...options };
    return adoptRestore(all, on).then(({ lines }) => lines.join('\n'));
  }

  /** An original with one connection, and copies of it. */
  async function made(copies: number, withId = true): Promise<[string, string, string]> {
    tables += 1;
    const original = `original-${tables}`;
    await createTable(engine.client, original);
    const { connections, records } = world().table(original);
    await connections.create(held);
    const described = (await records.describe()) ?? assert.fail();
    if (withId) await records.create(identityOf(described, noon, 'w'));
    const names = [1, 2].map((n) => `copy-${tables}-${n}`) as [string, string];
    for (const name of names.slice(0, copies)) await copyTable(engine.client, original, name);
    return [original, ...names];
  }

  async function inUse(...names: string[]): Promise<string[]> {
    const states = await Promise.all(
      names.map(async (name) => {
        const { records } = world().table(name);
        const described = await records.describe();
        return described !== undefined && (await records.read())?.tableId === described.tableId;
      }),
    );
    return names.filter((_, index) => states[index]);
  }

  async function remove(name: string): Promise<void> {
    await engine.client.send(new DeleteTableCommand({ TableName: name }));
    while ((await world().table(name).records.describe()) !== undefined);
  }

  const died = () => Promise.reject(new Error('died'));
  const connectionOf = async (table: string, { id }: Connection) =>
    (await world().table(table).connections.read(id)) ?? assert.fail();

  it('is the original where somebody goes back to it while another adopts the copy', async () => {
    const [original, copy] = await made(1);
    const crossing = world({}, { wait: async () => void (await adopt(original)) });
    await assert.rejects(adopt(copy, { retireOriginal: true }, crossing), /was changed at the same time/);
    assert.deepEqual(await inUse(original, copy), [original]);
  });

  it('is the copy where its adoption goes on while somebody goes back', async () => {
    const [original, copy] = await made(1);
    await assert.rejects(adopt(copy, { retireOriginal: true }, world({}, { wait: died })), /died/);
    const crossing = world();
    const onOriginal = crossing.table(original);
    async function* pages() {
      await adopt(copy);
      yield* onOriginal.pages();
    }
    const table = (name: string) => (name === original ? { ...onOriginal, pages } : crossing.table(name));
    // Whoever goes back dismissed the copy before: the adoption reads that, and retires the original anew.
    await assert.rejects(adopt(original, {}, { ...crossing, table }), /was changed at the same time/);
    assert.deepEqual(await inUse(original, copy), [copy]);
  });

  it('is no second copy while the first waits for its adoption', async () => {
    const [original, copy, other] = await made(2);
    await assert.rejects(adopt(copy, { retireOriginal: true }, world({}, { wait: died })), /died/);
    await assert.rejects(
      adopt(other, { retireOriginal: true }),
      new RegExp(`${original} gave its place to ${copy}, which nobody has adopted.*--table ${original}\\.$`),
    );
    await adopt(original);
    await adopt(other, { retireOriginal: true });
    assert.deepEqual(await inUse(original, copy, other), [other]);
  });

  it('is the one that took the name of the original, which is gone', async () => {
    const [original, copy, other] = await made(2);
    await remove(original);
    await copyTable(engine.client, copy, original);
    await adopt(original, { restoredTo: restoredAt });
    await assert.rejects(adopt(other, { restoredTo: restoredAt }), /is still there: .*--retire-original/);
    assert.deepEqual(await inUse(original, other), [original]);
    await adopt(other, { retireOriginal: true });
    assert.deepEqual(await inUse(original, other), [other]);
    await assert.rejects(adopt(copy), /is still there: .*--retire-original/, 'followed along both');
  });

  it('is the one between, of which another was restored', async () => {
    const [original, copy, other] = await made(2);
    await remove(original);
    await adopt(copy, { restoredTo: restoredAt });
    const restores = { [other]: { of: copy, at: restoredAt } };
    await assert.rejects(adopt(other, {}, world(restores)), /is still there: .*--retire-original/);
    assert.deepEqual(await inUse(copy, other), [copy]);
  });

  it('cannot be seen in another account: somebody must say that it is stopped', async () => {
    const [, copy] = await made(1);
    const { records } = world().table(copy);
    const item = (await records.read()) ?? assert.fail();
    const tableArn = item.tableArn.replace('000000000000', '111111111111');
    await records.replace(item, { ...item, tableArn, revision: item.revision + 1 });
    await assert.rejects(adopt(copy, { restoredTo: restoredAt }), /1{12}.*must stay as it is.*--original-stopped/);
    assert.deepEqual(await inUse(copy), []);
    await adopt(copy, { restoredTo: restoredAt, originalStopped: true });
    assert.deepEqual(await inUse(copy), [copy]);
  });

  it('is not asked of a table that DynamoDB says the copy was not restored from', async () => {
    const [original, copy, other] = await made(1, false);
    await createTable(engine.client, other);
    const on = world({ [copy]: { of: original, at: restoredAt } });
    const options = { original: other, retireOriginal: true };
    await assert.rejects(adopt(copy, options, on), new RegExp(`restored from .*/${original}, not from ${other}`));
    assert.equal(await world().table(other).records.read(), undefined);
  });

  it('is told from the moment of a restore though clocks differ by a second', async () => {
    const [original, copy] = await made(1);
    await remove(original);
    const restored = (at: number) => world({ [copy]: { of: original, at } });
    await assert.rejects(adopt(copy, {}, restored(noon - 5_000)), /correct --restored-to/);
    assert.match(await adopt(copy, {}, restored(noon - 1_000)), /1 were due since/);
  });

  it('keeps what an earlier release made and refreshed in a restored table, beside the table before it', async () => {
    const [original, copy] = await made(1, false);
    const madeSince = aConnection(2, {}, { grant: aGrant('new', { refreshedAt: noon + hourMs }) });
    await world().table(copy).connections.create(madeSince);
    const on = world({ [copy]: { of: original, at: restoredAt } });
    assert.match(await adopt(copy, { retireOriginal: true }, on), /2 hold their newest token/);
    assert.equal((await connectionOf(copy, madeSince)).status, 'active');
  });

  it('goes back to the original without loss where the copy had no id, or lacks what was made since', async () => {
    for (const withId of [true, false]) {
      const [original, copy] = await made(1, withId);
      const madeSince = aConnection(2, {}, { grant: aGrant('new'), createdAt: noon + hourMs });
      await world().table(original).connections.create(madeSince);
      const on = (change: Partial<AdoptionWorld> = {}) => world({ [copy]: { of: original, at: restoredAt } }, change);
      await assert.rejects(adopt(copy, { retireOriginal: true }, on({ wait: died })), /died/);
      assert.match(await adopt(original, {}, on()), /2 hold their newest token/);
      assert.deepEqual(await inUse(original, copy), [original]);
      const dry = await adopt(copy, { dryRun: true }, on());
      assert.match(dry, new RegExp(`Only in the original, made since; .*\\n {2}${madeSince.id}\n`));
      await adopt(copy, { retireOriginal: true }, on());
      assert.match(await adopt(original, { retireOriginal: true }, on()), /1 are not in the original/);
      assert.equal((await connectionOf(original, madeSince)).status, 'active');
    }
  });

  it('is disconnected in the original where the copy was asked to, before somebody went back', async () => {
    const [original, copy] = await made(1);
    await assert.rejects(adopt(copy, { retireOriginal: true }, world({}, { wait: died })), /died/);
    const { connections } = world().table(copy);
    const before = await connectionOf(copy, held);
    const disconnectedAt = noon + hourMs;
    const tombstone = { ...before, grant: undefined, status: 'disconnected', disconnectedAt, revision: 2 } as const;
    await connections.replace(before, tombstone);
    assert.match(await adopt(original), /Disconnected there since, and so disconnected here:\n {2}1/);
    const { status, duties } = await connectionOf(original, held);
    assert.deepEqual([status, Object.values(duties).map(({ kind }) => kind)], ['disconnected', ['revoke']]);
  });
});
