import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costOf, prices, pricesAsOf } from '../../../dev/cost/prices.ts';

test('a quantity costs its share of what its price is for', () => {
  assert.equal(costOf('apiRequest', 2_500_000), 2.5);
  assert.equal(costOf('kmsRequest', 10_000), 0.03);
  assert.equal(costOf('dynamoWrite', 0), 0);
});

test('what is no quantity is refused', () => {
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => costOf('apiRequest', wrong), /number from 0; got/);
  }
});

test('each price says what it is for, its date and where AWS publishes it', () => {
  assert.match(pricesAsOf, /^\d{4}-\d\d-\d\d$/);
  for (const { usd, per, unit, source } of Object.values(prices)) {
    assert.ok(usd > 0 && per >= 1 && unit.length > 0);
    assert.match(source, /^https:\/\/aws\.amazon\.com\/.*pricing\//);
  }
});
