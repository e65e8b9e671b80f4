import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hangs,
  inFrontAtMost,
  isInFront,
  leavingStep,
  noReaders,
  periodOf,
} from '../../../functions/core/waiting-readers.ts';

test('so many are in front, and the next moves up when one of them leaves, however it does', () => {
  const full = { ...noReaders, entered: inFrontAtMost + 1 };
  assert.equal(isInFront(inFrontAtMost, full), true);
  assert.equal(isInFront(inFrontAtMost + 1, full), false);
  assert.equal(isInFront(inFrontAtMost + 1, { ...full, served: 1 }), true);
  assert.equal(isInFront(inFrontAtMost + 1, { ...full, gaveUp: 1 }), true);
  assert.equal(isInFront(inFrontAtMost + 2, { ...full, gaveUp: 1 }), false);
});

test('an org hangs for ten seconds after somebody waited for nothing, and not for a reader that was served', () => {
  const step = leavingStep(false, 1_000);
  assert.deepEqual(step, { kind: 'gave_up', hangsUntil: 11_000 });
  assert.deepEqual(leavingStep(true, 1_000), { kind: 'served' });
  const counts = { ...noReaders, hangsUntil: 11_000 };
  assert.deepEqual([hangs(counts, 10_999), hangs(counts, 11_000), hangs(noReaders, 1_000)], [true, false, false]);
});

test('counts begin anew with each minute', () => {
  assert.equal(periodOf(59_999), 0);
  assert.equal(periodOf(60_000), 1);
});
