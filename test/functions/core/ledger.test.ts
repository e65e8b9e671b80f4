import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  entriesAtMost,
  isSettledForGood,
  type Ledger,
  type LedgerEntry,
  outcomeOf,
  settled,
  withAttempt,
  withAuthorization,
  withComparison,
  withoutEntries,
  withRevocation,
} from '../../../functions/core/ledger.ts';
import { exchangeLostMs } from '../../../functions/core/time-limits.ts';
import { noon } from '../../contract/items.ts';

const id = 'crm.o.u';
const attempt = (name: string, begunAt = noon, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id: name,
  sessionId: `session-${name}`,
  begunAt,
  ...more,
});
const ledger = (...entries: LedgerEntry[]): Ledger => ({ version: 1, revision: 3, writeId: 'w', id, entries });
const stored = (name: string, authorizedAt: number) => ({
  id: name,
  begunAt: authorizedAt - 1,
  authorizedAt,
  outcome: 'stored' as const,
  fingerprint: '0123456789abcdef',
});

test('an attempt that is never settled is an orphan once nobody can settle it any more', () => {
  const open = attempt('a');
  assert.equal(outcomeOf(open, noon + exchangeLostMs), 'exchanging');
  assert.equal(outcomeOf(open, noon + exchangeLostMs + 1), 'orphaned');
  assert.equal(outcomeOf({ ...open, outcome: 'failed' }, noon + exchangeLostMs + 1), 'failed');
});

test('an attempt is entered once', () => {
  const first = withAttempt(undefined, id, attempt('a'));
  assert.deepEqual(first?.entries, [attempt('a')]);
  assert.equal(withAttempt(first, id, attempt('a', noon + 1)), undefined);
  assert.deepEqual(
    withAttempt(first, id, attempt('b', noon - 1))?.entries.map((one) => one.id),
    ['b', 'a'],
  );
});

test('a settlement keeps what was known, and enters an attempt that is not there', () => {
  const end = { id: 'a', sessionId: 's', begunAt: noon, outcome: 'refused' as const, reason: 'wrong_org' };
  const after = settled(ledger(attempt('a', noon, { fingerprint: 'f' })), id, { ...end, fingerprint: undefined });
  assert.deepEqual(after.entries, [{ ...end, fingerprint: 'f' }]);
  assert.deepEqual(settled(undefined, id, end).entries, [end]);
});

test('of all that were stored only the newest authorization is not superseded, whichever was written first', () => {
  const older = withAuthorization(undefined, id, stored('a', noon), 's', [], noon + 5);
  assert.equal(older.entries[0]?.supersededAt, undefined);
  const newer = withAuthorization(older, id, stored('b', noon + 10), 's', [], noon + 20);
  assert.deepEqual(
    newer.entries.map((one) => [one.id, one.supersededAt]),
    [
      ['a', noon + 20],
      ['b', undefined],
    ],
  );
  const late = withAuthorization(newer, id, stored('c', noon + 5), 's', [], noon + 30);
  assert.deepEqual(
    late.entries.filter((one) => one.supersededAt === undefined).map((one) => one.id),
    ['b'],
  );
  assert.deepEqual(withAuthorization(late, id, stored('c', noon + 5), 's', [], noon + 40).entries, late.entries);
});

test('one that came later than a newer one is refused, and supersedes nothing', () => {
  const first = withAuthorization(undefined, id, stored('b', noon + 10), 's', [], noon + 20);
  const after = withAuthorization(first, id, { ...stored('a', noon), outcome: 'refused' }, 's', [], noon + 30);
  assert.deepEqual(
    after.entries.map((one) => [one.id, one.outcome, one.reason, one.supersededAt]),
    [
      ['a', 'refused', 'older_authorization', undefined],
      ['b', 'stored', undefined, undefined],
    ],
  );
});

test('attempts of nobody known join those of the user who came back, once', () => {
  const strangers = [attempt('x', noon - 100), attempt('b', noon + 9)];
  const first = withAuthorization(undefined, id, stored('b', noon + 10), 's', strangers, noon + 20);
  assert.deepEqual(
    first.entries.map((one) => one.id),
    ['x', 'b'],
  );
  const again = withAuthorization(first, id, stored('b', noon + 10), 's', strangers, noon + 20);
  assert.deepEqual(again.entries, first.entries);
  const left = withoutEntries(ledger(...strangers, attempt('y')), new Set(['x', 'b']));
  assert.deepEqual(
    left?.entries.map((one) => one.id),
    ['y'],
  );
  assert.equal(withoutEntries(ledger(attempt('y')), new Set(['x'])), undefined);
});

test('only what nobody will say more about may move', () => {
  const late = noon + exchangeLostMs + 1;
  assert.equal(isSettledForGood(attempt('a'), noon), false);
  assert.equal(isSettledForGood(attempt('a'), late), true);
  assert.equal(isSettledForGood(attempt('a', noon, { outcome: 'failed' }), noon), true);
  assert.equal(isSettledForGood(attempt('a', noon, { outcome: 'refused' }), late), false);
  assert.equal(isSettledForGood(attempt('a', noon, { outcome: 'refused', revokedAt: noon }), noon), true);
  assert.equal(isSettledForGood(attempt('a', noon, { outcome: 'stored' }), late), false);
});

test('a revocation is noted once, and only of a grant that is there', () => {
  const held = ledger(attempt('a', noon, { outcome: 'stored' }));
  const revoked = withRevocation(held, 'a', 'revokedAt', noon + 1);
  assert.equal(revoked?.entries[0]?.revokedAt, noon + 1);
  assert.equal(withRevocation(revoked, 'a', 'revokedAt', noon + 2), undefined);
  assert.equal(withRevocation(held, 'b', 'revokedAt', noon), undefined);
  assert.equal(withRevocation(undefined, 'a', 'givenUpAt', noon), undefined);
});

test('the ledger is bounded: what is over goes first, then the oldest', () => {
  let full: Ledger | undefined;
  for (let index = 0; index < entriesAtMost; index += 1) {
    const over: Partial<LedgerEntry> = index === 7 ? { outcome: 'failed' } : {};
    full = withAttempt(full, id, attempt(`a${index}`, noon + index, over));
  }
  const once = withAttempt(full, id, attempt('b', noon + 100));
  assert.equal(once?.entries.length, entriesAtMost);
  assert.ok(!once?.entries.some((one) => one.id === 'a7'));
  assert.ok(once?.entries.some((one) => one.id === 'a0'));
  const twice = withAttempt(once, id, attempt('c', noon + 200));
  assert.ok(!twice?.entries.some((one) => one.id === 'a0'));
  assert.ok(twice?.entries.some((one) => one.id === 'c'));
});

test('of what is in the way, only that goes before its turn whose grant cannot live any more', () => {
  const ends: [Partial<LedgerEntry>, boolean][] = [
    [{ outcome: 'failed' }, true],
    [{ outcome: 'refused', revokedAt: noon }, true],
    [{ outcome: 'stored', supersededAt: noon, revokedAt: noon }, true],
    [{ outcome: 'stored' }, false],
    [{ outcome: 'stored', supersededAt: noon }, false],
    [{ outcome: 'refused' }, false],
    [{ outcome: 'refused', givenUpAt: noon }, false],
    [{}, false],
  ];
  for (const [end, isOver] of ends) {
    const all = Array.from({ length: entriesAtMost }, (_, n) => attempt(`a${n}`, noon + n, n === 7 ? end : {}));
    const after = withAttempt(ledger(...all), id, attempt('b', noon + 100));
    const gone = all.filter((one) => !after?.entries.includes(one)).map((one) => one.id);
    assert.deepEqual(gone, [isOver ? 'a7' : 'a0'], JSON.stringify(end));
  }
});

test('what Salesforce lists stands beside the entries and changes none', () => {
  const held = ledger(attempt('a'));
  const comparison = { at: noon, listed: 3, held: 1 };
  assert.deepEqual(withComparison(held, id, comparison), { ...held, comparison });
  assert.deepEqual(withComparison(undefined, id, comparison).entries, []);
});
