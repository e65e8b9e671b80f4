import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createMemoryTableRecords } from '../../../../dev/memory/memory-table-records.ts';
import { createTableRecords } from '../../../../functions/adapters/dynamodb/table-records.ts';
import { identityOf, type TableRecords } from '../../../../functions/core/table-identity.ts';
import { createTable, startTestStore, type TestStore } from '../../../support/dynalite.ts';

describe('the records of a table', () => {
  let engine: TestStore;
  before(async () => {
    engine = await startTestStore();
  });
  after(() => engine.close());

  const twins: Readonly<Record<string, () => TableRecords>> = {
    dynalite: () => createTableRecords(engine.client, engine.tableName),
    'the twin in memory': () => createMemoryTableRecords(),
  };
  for (const [name, open] of Object.entries(twins)) {
    it(`are put if absent, and replaced only as they were read, on ${name}`, async () => {
      const records = open();
      const described = await records.describe();
      assert.ok(described);
      assert.deepEqual(await records.describe(), described);
      assert.equal(await records.read(), undefined);
      const item = identityOf(described, 1, 'first');
      assert.equal(await records.create(item), 'written');
      assert.equal(await records.create({ ...item, tableId: 'late' }), 'conflict');
      assert.deepEqual(await records.read(), item);
      const next = { ...item, revision: 2, tableId: 'next' };
      assert.equal(await records.replace(item, next), 'written');
      assert.equal(await records.replace(item, { ...next, tableId: 'late' }), 'conflict');
      assert.deepEqual(await records.read(), next);
    });
  }

  it('say where there is no table', async () => {
    assert.equal(await createTableRecords(engine.client, 'nowhere').describe(), undefined);
  });

  it('tell tables apart by their making where an engine gives no id, and name what a restore was made of', async () => {
    const described = (table: object) => {
      const client = { send: async () => ({ Table: { TableArn: 'arn', TableStatus: 'ACTIVE', ...table } }) };
      return createTableRecords(client as never, 'table').describe();
    };
    const made = (at: number) => described({ CreationDateTime: new Date(at) });
    assert.equal((await made(1))?.tableId, 'arn@1970-01-01T00:00:00.001Z');
    assert.notEqual((await made(1))?.tableId, (await made(2))?.tableId);
    assert.equal(await described({ TableStatus: 'CREATING' }), undefined);
    assert.equal(await described({ TableStatus: 'DELETING' }), undefined);
    const RestoreSummary = { SourceTableArn: 'source', RestoreDateTime: new Date(7), RestoreInProgress: false };
    const restored = { sourceArn: 'source', at: 7 };
    assert.deepEqual(await described({ TableId: 'id', RestoreSummary }), { tableId: 'id', tableArn: 'arn', restored });
  });

  it('differ from those of another table of the engine', async () => {
    const { client } = engine;
    await createTable(client, 'another');
    const [one, two] = [createTableRecords(client, engine.tableName), createTableRecords(client, 'another')];
    assert.notEqual((await one.describe())?.tableId, (await two.describe())?.tableId);
  });
});
