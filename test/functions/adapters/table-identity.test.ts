import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMemoryTableRecords } from '../../../dev/memory/memory-table-records.ts';
import { createTableIdentity } from '../../../functions/adapters/table-identity.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import { adoptionId, identityOf, restoredDetail, retirementId } from '../../../functions/core/table-identity.ts';
import { createSteppedClock } from '../../support/stepped-clock.ts';

const minuteMs = 60_000;

function world(options: { creates?: boolean } = {}) {
  const clock = createSteppedClock();
  const records = createMemoryTableRecords('own');
  const counts = { describe: 0, read: 0 };
  const down = { describe: false, read: false };
  const counted = <Name extends 'describe' | 'read'>(name: Name) =>
    (async () => {
      counts[name] += 1;
      if (down[name]) throw new StoreUnavailableError('down');
      return records[name]();
    }) as (typeof records)[Name];
  const port = createTableIdentity({
    ...options,
    clock,
    records: {
      ...records,
      describe: counted('describe'),
      read: counted('read'),
      create: (item) => records.create(item),
    },
  });
  const pass = (ms: number) => clock.pass(ms);
  return { clock, records, counts, down, port, pass };
}

const other = { tableId: 'other', tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/other' };

describe('the identity of a table', () => {
  it('is written where there is none, and asked for once by all who begin at once', async () => {
    const { records, counts, port } = world();
    const states = await Promise.all([port.state(), port.state(), port.state()]);
    assert.deepEqual(states, [{ kind: 'own' }, { kind: 'own' }, { kind: 'own' }]);
    assert.equal(records.item?.tableId, 'own');
    assert.deepEqual(counts, { describe: 1, read: 1 });
  });

  it('is left to others by who may not write it', async () => {
    const { records, port } = world({ creates: false });
    assert.deepEqual(await port.state(), { kind: 'own' });
    assert.equal(records.item, undefined);
  });

  it('is another’s in a copy', async () => {
    const { records, port } = world();
    records.item = identityOf(other, 0, 'w');
    const names = { tableName: 'own', storedName: 'other' };
    assert.deepEqual(await port.state(), { kind: 'restored', tableId: 'own', storedId: 'other', ...names });
  });

  it('is another’s in a table that gave its place away, which is told as what it is', async () => {
    const { records, port } = world();
    records.item = identityOf(other, 0, retirementId('other'));
    const state = await port.state();
    const names = { tableName: 'own', storedName: 'other' };
    assert.deepEqual(state, { kind: 'restored', tableId: 'own', storedId: 'other', retired: true, ...names });
    assert.match(state.kind === 'restored' ? restoredDetail(state) : '', /gave its place to table other/);
  });

  it('tells since when a table has another’s place, and of no other that it has', async () => {
    const adopted = world();
    const own = { tableId: 'own', tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/own' };
    adopted.records.item = identityOf(own, 7, adoptionId('own'));
    assert.deepEqual(await adopted.port.state(), { kind: 'own', adoptedAt: 7 });
    const first = world();
    first.records.item = identityOf(own, 7, 'own');
    assert.deepEqual(await first.port.state(), { kind: 'own' });
  });

  it('is not taken for granted in a restored table whose items an earlier release wrote', async () => {
    const { records, port } = world();
    records.described = { ...other, tableId: 'own', restored: {} };
    assert.deepEqual(await port.state(), { kind: 'restored', tableId: 'own', tableName: 'other' });
    assert.equal(records.item, undefined);
  });

  it('is that of whoever wrote it first', async () => {
    const { records, port } = world();
    const { create } = records;
    records.create = async (item) => {
      await create(identityOf(other, 0, 'w'));
      return create(item);
    };
    assert.equal((await port.state()).kind, 'restored');
  });

  it('is believed for two minutes, and no longer', async () => {
    const { records, counts, port, pass } = world();
    await port.state();
    records.item = identityOf(other, 0, 'w');
    await pass(2 * minuteMs - 1);
    assert.equal((await port.state()).kind, 'own');
    assert.equal(counts.describe, 1);
    await pass(1);
    assert.equal((await port.state()).kind, 'restored', 'it was retired');
  });

  it('is looked at again soon where the table is a copy', async () => {
    const { records, port, pass } = world();
    records.item = identityOf(other, 0, 'w');
    assert.equal((await port.state()).kind, 'restored');
    records.item = identityOf({ ...other, tableId: 'own' }, 0, 'w');
    await pass(minuteMs);
    assert.equal((await port.state()).kind, 'own');
  });

  it('is not known while a table of the name is deleted and restored, nor believed afterwards', async () => {
    const { records, port, pass } = world();
    await port.state();
    await pass(2 * minuteMs);
    records.described = undefined;
    await assert.rejects(port.state(), StoreUnavailableError);
    records.described = { ...other, tableId: 'restored' };
    assert.deepEqual(await port.state(), {
      kind: 'restored',
      tableId: 'restored',
      tableName: 'other',
      storedId: 'own',
      storedName: 'own',
    });
  });

  it('outlives a quarter of an hour in which only DescribeTable fails; a cold start believes nothing', async () => {
    const { records, down, port, pass } = world();
    await port.state();
    down.describe = true;
    await pass(10 * minuteMs);
    assert.equal((await port.state()).kind, 'own');
    records.item = identityOf(other, 0, 'w');
    await pass(2 * minuteMs);
    assert.equal((await port.state()).kind, 'restored', 'the item is read all the same');
    records.item = identityOf({ ...other, tableId: 'own' }, 0, 'w');
    await pass(3 * minuteMs);
    await assert.rejects(port.state(), StoreUnavailableError);
    const cold = world();
    cold.down.describe = true;
    await assert.rejects(cold.port.state(), StoreUnavailableError);
  });

  it('is not known where the item cannot be read', async () => {
    const { down, port, pass } = world();
    await port.state();
    down.read = true;
    await pass(2 * minuteMs);
    await assert.rejects(port.state(), StoreUnavailableError);
  });
});
