import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  changesBetween,
  updateExpression,
  withAttributes,
} from '../../../../functions/adapters/dynamodb/update-expression.ts';

const known = new Set(['a', 'b', 'c']);

describe('changesBetween', () => {
  it('sets what is new or different, by value and not by identity', () => {
    const before = { a: 1, b: { deep: [1, { x: 'y' }] }, c: 'same' };
    const after = { a: 2, b: { deep: [1, { x: 'z' }] }, c: 'same', d: 'new' };
    assert.deepEqual(changesBetween(before, after, known), { set: { a: 2, b: after.b, d: 'new' }, remove: [] });
  });

  it('says nothing of an equal copy', () => {
    const item = { a: 1, b: { deep: [1, { x: 'y' }] }, c: undefined };
    assert.deepEqual(changesBetween(item, structuredClone(item), known), { set: {}, remove: [] });
  });

  it('removes what became undefined, known or not', () => {
    const changes = changesBetween({ a: 1, other: 2 }, { a: undefined, other: undefined }, known);
    assert.deepEqual(changes, { set: {}, remove: ['a', 'other'] });
  });

  it('removes what is left out only where it is known', () => {
    assert.deepEqual(changesBetween({ a: 1, other: 2 }, {}, known), { set: {}, remove: ['a'] });
  });

  it('does not remove what was not there', () => {
    assert.deepEqual(changesBetween({ a: undefined }, { a: undefined, b: undefined }, known), { set: {}, remove: [] });
  });

  it('keeps false values: null, 0, empty text and false are values', () => {
    const after = { a: 0, b: '', c: false, d: null };
    assert.deepEqual(changesBetween({ a: 1, b: 'x', c: true, d: 1 }, after, known), { set: after, remove: [] });
  });

  it('makes the after of any before, with what is unknown kept', () => {
    const item = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'x', 'y'),
      fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(item, item, (before, after) => {
        const { set, remove } = changesBetween(before, after, known);
        const result = defined({ ...before, ...Object.fromEntries(remove.map((name) => [name, undefined])), ...set });
        const kept = Object.entries(before).filter(([name]) => !known.has(name) && !Object.hasOwn(after, name));
        assert.deepEqual(result, defined({ ...Object.fromEntries(kept), ...after }));
        assert.ok(remove.every((name) => !Object.hasOwn(set, name)));
      }),
    );
  });
});

describe('withAttributes', () => {
  it('adds what is defined to the sets, and the rest to the removals, once', () => {
    const changes = withAttributes({ set: { a: 1 }, remove: ['b'] }, { dueShard: 'd#01', b: undefined, c: undefined });
    assert.deepEqual(changes, { set: { a: 1, dueShard: 'd#01' }, remove: ['b', 'c'] });
  });
});

describe('updateExpression', () => {
  it('sets, removes and rests on the revision that was seen', () => {
    const expression = updateExpression({ set: { revision: 8, status: 'active' }, remove: ['cause', 'grant'] }, 7);
    assert.deepEqual(expression, {
      UpdateExpression: 'SET #s0 = :s0, #s1 = :s1 REMOVE #r0, #r1',
      ConditionExpression: '#revision = :seen',
      ExpressionAttributeNames: {
        '#revision': 'revision',
        '#s0': 'revision',
        '#s1': 'status',
        '#r0': 'cause',
        '#r1': 'grant',
      },
      ExpressionAttributeValues: { ':seen': 7, ':s0': 8, ':s1': 'active' },
    });
  });

  it('has no empty clause', () => {
    assert.equal(updateExpression({ set: { revision: 2 }, remove: [] }, 1).UpdateExpression, 'SET #s0 = :s0');
    assert.equal(updateExpression({ set: {}, remove: ['a'] }, 1).UpdateExpression, 'REMOVE #r0');
  });
});

function defined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}
