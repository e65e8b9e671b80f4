import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantiles } from '../../../dev/neighbours/compare.ts';

test('quantiles are those of the nearest rank, whatever the order', () => {
  const took = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(quantiles(took), { p50: 50, p95: 95, max: 100 });
  assert.deepEqual(quantiles([7]), { p50: 7, p95: 7, max: 7 });
});

test('of nothing there are none', () => {
  assert.throws(() => quantiles([]), RangeError);
});
