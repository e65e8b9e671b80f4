import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hangs,
  inFrontAtFirst,
  inFrontAtMost,
  isFull,
  isInFront,
  leavingStep,
  noReaders,
  othersWaitMs,
  periodOf,
  ticketOf,
} from '../../../functions/core/waiting-readers.ts';

const ticket = (number: number, turnedAwayBefore = 0) => ({ number, turnedAwayBefore });

test('so many are in front, and the next moves up when one of them leaves, however it does', () => {
  const served = inFrontAtMost;
  const full = { ...noReaders, served };
  assert.equal(isInFront(ticket(served + inFrontAtMost), full), true);
  assert.equal(isInFront(ticket(served + inFrontAtMost + 1), full), false);
  assert.equal(isInFront(ticket(served + inFrontAtMost + 1), { ...full, served: served + 1 }), true);
  assert.equal(isInFront(ticket(served + inFrontAtMost + 1), { ...full, gaveUp: 1 }), true);
  assert.equal(isInFront(ticket(served + inFrontAtMost + 2), { ...full, gaveUp: 1 }), false);
});

test('a few are in front until somebody is served, and one more for each that is', () => {
  assert.equal(isInFront(ticket(inFrontAtFirst), noReaders), true);
  assert.equal(isInFront(ticket(inFrontAtFirst + 1), noReaders), false);
  const gaveUp = { ...noReaders, gaveUp: 3 };
  assert.deepEqual(
    [isInFront(ticket(inFrontAtFirst + 3), gaveUp), isInFront(ticket(inFrontAtFirst + 4), gaveUp)],
    [true, false],
  );
  const served = { ...noReaders, served: 3 };
  assert.deepEqual(
    [isInFront(ticket(inFrontAtFirst + 6), served), isInFront(ticket(inFrontAtFirst + 7), served)],
    [true, false],
  );
});

test('those who were turned away stand before nobody, and move nobody up', () => {
  const counts = { ...noReaders, entered: inFrontAtFirst + 9, turnedAway: 8 };
  assert.deepEqual(ticketOf(counts), ticket(inFrontAtFirst + 9, 8));
  assert.equal(isInFront(ticketOf(counts), counts), false);
  assert.equal(isInFront(ticketOf({ ...counts, turnedAway: 9 }), counts), true);
  assert.equal(isInFront(ticket(inFrontAtFirst + 1), counts), false, 'they came after this one');
});

test('no more wait than are told, but never fewer than stand in front', () => {
  const counts = { ...noReaders, entered: 100 };
  assert.deepEqual([isFull(ticket(50), counts, 50), isFull(ticket(51), counts, 50)], [false, true]);
  assert.deepEqual(
    [isFull(ticket(inFrontAtMost), counts, 1), isFull(ticket(inFrontAtMost + 1), counts, 1)],
    [false, true],
  );
  assert.equal(isFull(ticket(51), { ...counts, served: 1 }, 50), false);
});

test('an org hangs for ten seconds after somebody waited for nothing, and not for a reader that was served', () => {
  const left = { served: false, waitedMs: othersWaitMs };
  assert.deepEqual(leavingStep(left, 1_000), { kind: 'gave_up', hangsUntil: 11_000 });
  assert.deepEqual(leavingStep({ ...left, served: true }, 1_000), { kind: 'served' });
  assert.deepEqual(leavingStep({ ...left, waitedMs: othersWaitMs - 1 }, 1_000), { kind: 'gave_up' });
  const counts = { ...noReaders, hangsUntil: 11_000 };
  assert.deepEqual([hangs(counts, 10_999), hangs(counts, 11_000), hangs(noReaders, 1_000)], [true, false, false]);
});

test('who was told at once to come again says that the org hangs only where it was told so for that', () => {
  const left = { served: false, waitedMs: 0 };
  const hung = leavingStep({ ...left, turnedAway: 'hangs' }, 1_000);
  assert.deepEqual(hung, { kind: 'turned_away', hangsUntil: 11_000 });
  assert.deepEqual(leavingStep({ ...left, turnedAway: 'full' }, 1_000), { kind: 'turned_away' });
});

test('counts begin anew with each minute', () => {
  assert.equal(periodOf(59_999), 0);
  assert.equal(periodOf(60_000), 1);
});
