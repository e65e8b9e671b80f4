import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Item, indexWriteUnits, readUnits, sizeOf, writeUnits } from '../../../dev/cost/item-size.ts';

/** As a connection stands in the table, with what its indexes need. */
function connection(change: Item = {}): Item {
  return {
    pk: { S: 'C#crm.o.u' },
    sk: { S: 'C' },
    dueShard: { S: '03' },
    nextRefreshAt: { N: '1764000000000' },
    id: { S: 'crm.o.u' },
    orgId: { S: 'o' },
    generation: { S: 'g/1' },
    listApp: { S: 'crm' },
    listOrder: { S: 'o#u' },
    status: { S: 'active' },
    ...change,
  };
}

describe('the size of an item', () => {
  it('is its names and values, as DynamoDB counts them', () => {
    assert.equal(sizeOf({ pk: { S: 'abc' } }), 5);
    assert.equal(sizeOf({ n: { N: '1234' } }), 1 + 3);
    assert.equal(sizeOf({ b: { BOOL: true } }), 2);
    assert.equal(sizeOf({ l: { L: [{ S: 'ab' }] } }), 1 + 3 + 1 + 2);
    assert.equal(sizeOf({ m: { M: { k: { S: 'ü' } } } }), 1 + 3 + 1 + 1 + 2);
  });

  it('of a value that we never store is none', () => {
    assert.throws(() => sizeOf({ s: { SS: ['a'] } }), TypeError);
  });
});

describe('units', () => {
  it('of a read are begun four kilobytes, half where it is eventually consistent, and one of nothing', () => {
    assert.deepEqual([readUnits(0, true), readUnits(4_096, true), readUnits(4_097, true)], [1, 1, 2]);
    assert.deepEqual([readUnits(0, false), readUnits(4_097, false)], [0.5, 1]);
  });

  it('of a write are begun kilobytes of the larger of both, a deletion’s too', () => {
    const large = { pk: { S: 'x'.repeat(2_000) } };
    assert.deepEqual([writeUnits(undefined, { pk: { S: 'x' } }), writeUnits(large, { pk: { S: 'x' } })], [1, 2]);
    assert.equal(writeUnits(large, undefined), 2);
  });
});

describe('an index costs', () => {
  it('one write for an entry that comes or goes, in each index where it stands', () => {
    assert.equal(indexWriteUnits(undefined, connection()), 2);
    assert.equal(indexWriteUnits(connection(), undefined), 2);
    assert.equal(indexWriteUnits(undefined, { pk: { S: 'L#x' }, sk: { S: 'L' } }), 0);
  });

  it('two for an entry that moves: every change of the next refresh', () => {
    assert.equal(indexWriteUnits(connection(), connection({ nextRefreshAt: { N: '1764000000001' } })), 2);
  });

  it('one for a projected attribute, and nothing for one that is in no index', () => {
    assert.equal(indexWriteUnits(connection(), connection({ status: { S: 'disconnected' } })), 1);
    assert.equal(indexWriteUnits(connection(), connection({ grant: { S: 'anything' } })), 0);
  });
});
