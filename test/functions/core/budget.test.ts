import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  budgetOf,
  isFilledByOrphans,
  isNear,
  isSpent,
  orphanCountsMs,
  underWayOf,
} from '../../../functions/core/budget.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Ledger, LedgerEntry } from '../../../functions/core/ledger.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const later = noon + 3_600_000;
const base = aConnection(1);
const active: Connection = { ...base, duties: {}, status: 'active', grant: aGrant('current') };
const orphan = (id: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id,
  sessionId: 's',
  begunAt: noon,
  ...more,
});
const ledger = (entries: LedgerEntry[], more: Partial<Ledger> = {}): Ledger => ({
  version: 1,
  revision: 1,
  writeId: 'w',
  id: active.id,
  entries,
  ...more,
});
const owing = (...ids: string[]): Connection => ({
  ...active,
  duties: Object.fromEntries(ids.map((id) => [`revoke.${id}`, revocationOf(aGrant(id), noon, noon, 'superseded')])),
});

test('the stored grant counts while it lives', () => {
  assert.equal(budgetOf(active, undefined, 5, later).stored, 1);
  assert.equal(budgetOf({ ...active, status: 'admin_action_required' }, undefined, 5, later).stored, 1);
  assert.equal(budgetOf({ ...active, status: 'reauthorization_required' }, undefined, 5, later).stored, 0);
  assert.equal(budgetOf({ ...active, grant: undefined }, undefined, 5, later).stored, 0);
  assert.equal(budgetOf(undefined, undefined, 5, later).stored, 0);
});

test('superseded grants count until they are revoked, each once', () => {
  assert.equal(budgetOf(owing('a', 'b'), ledger([orphan('a', { outcome: 'stored' })]), 5, later).owed, 2);
  const access = { ...revocationOf(aGrant('a'), noon, noon, 'superseded'), tokenPurpose: 'access' as const };
  assert.equal(
    budgetOf({ ...active, duties: { x: access } }, undefined, 5, later).owed,
    0,
    'it holds no refresh token',
  );
});

test('a refused grant counts until its session has revoked it', () => {
  const refused = orphan('r', { outcome: 'refused' });
  assert.equal(budgetOf(active, ledger([refused]), 5, later).owed, 1);
  assert.equal(budgetOf(active, ledger([{ ...refused, revokedAt: noon }]), 5, later).owed, 0);
});

test('orphans count for thirty days; what is under way, failed or stored is none', () => {
  assert.equal(budgetOf(active, ledger([orphan('a')]), 5, later).orphans, 1);
  assert.equal(budgetOf(active, ledger([orphan('a')]), 5, noon).orphans, 0);
  assert.equal(budgetOf(active, ledger([orphan('a')]), 5, noon + orphanCountsMs + 1).orphans, 0);
  const settled = (['failed', 'stored', 'refused'] as const).map((outcome) => orphan(outcome, { outcome }));
  assert.equal(budgetOf(active, ledger(settled), 5, later).orphans, 0);
});

test('a grant whose revocation was given up counts as an orphan', () => {
  const given = orphan('a', { outcome: 'stored', supersededAt: noon, givenUpAt: noon });
  assert.deepEqual(budgetOf(active, ledger([given]), 5, later), { limit: 5, stored: 1, owed: 0, orphans: 1 });
});

test('a grant that was given up counts from then on, however old it is, and though it was held when Salesforce was asked', () => {
  const givenUpAt = noon + 2 * orphanCountsMs;
  const old = orphan('a', { outcome: 'stored', supersededAt: givenUpAt - 7 * 86_400_000, givenUpAt });
  assert.equal(budgetOf(active, ledger([old]), 5, givenUpAt + orphanCountsMs).orphans, 1);
  assert.equal(budgetOf(active, ledger([old]), 5, givenUpAt + orphanCountsMs + 1).orphans, 0);
  const before = { at: givenUpAt - 1, listed: 2, held: 2 };
  assert.equal(budgetOf(active, ledger([old], { comparison: before }), 5, givenUpAt + 1).orphans, 1);
  const after = { at: givenUpAt, listed: 2, held: 1 };
  assert.equal(budgetOf(active, ledger([old], { comparison: after }), 5, givenUpAt + 1).orphans, 1, 'once');
});

test('what Salesforce listed since counts instead of what we believe', () => {
  const entries = [orphan('a'), orphan('b')];
  const none = ledger(entries, { comparison: { at: later, listed: 1, held: 1 } });
  assert.equal(budgetOf(active, none, 5, later).orphans, 0);
  const more = ledger(entries, { comparison: { at: later, listed: 4, held: 1 } });
  assert.equal(budgetOf(active, more, 5, later).orphans, 3);
  const older = ledger([orphan('c', { begunAt: later })], { comparison: { at: noon, listed: 1, held: 1 } });
  assert.equal(budgetOf(active, older, 5, later + 3_600_000).orphans, 1);
  const unasked = ledger(entries, { comparison: { at: later, note: 'may not be queried' } });
  assert.equal(budgetOf(active, unasked, 5, later).orphans, 2);
});

test('the budget is spent where one more would evict one', () => {
  assert.ok(!isSpent({ limit: 5, stored: 1, owed: 2, orphans: 1 }));
  assert.ok(isSpent({ limit: 5, stored: 1, owed: 3, orphans: 1 }));
  assert.ok(isSpent({ limit: 4, stored: 1, owed: 2, orphans: 1 }));
});

test('the limit is near where at most one more has room', () => {
  assert.ok(!isNear({ limit: 5, stored: 1, owed: 1, orphans: 1 }));
  assert.ok(isNear({ limit: 5, stored: 1, owed: 2, orphans: 1 }));
  assert.ok(isNear({ limit: 5, stored: 1, owed: 0, orphans: 5 }));
});

test('only what we cannot revoke fills it for good', () => {
  assert.ok(!isFilledByOrphans({ limit: 5, stored: 1, owed: 9, orphans: 3 }));
  assert.ok(isFilledByOrphans({ limit: 5, stored: 1, owed: 0, orphans: 4 }));
});

test('exchanges under way count before one more is asked for; settled ones and orphans do not count twice', () => {
  const entries = [orphan('a'), orphan('b'), orphan('c', { outcome: 'failed' })];
  assert.equal(underWayOf(ledger(entries), noon + 1_000), 2);
  assert.equal(underWayOf(ledger(entries), later), 0);
  assert.equal(underWayOf(undefined, later), 0);
  const budget = { limit: 5, stored: 1, owed: 1, orphans: 0 };
  assert.deepEqual([isSpent(budget, 2), isSpent(budget, 3)], [false, true]);
});

test('a grant that was refused because another user authorized counts to that user', () => {
  for (const reason of ['wrong_org', 'wrong_user']) {
    const refused = orphan('r', { outcome: 'refused', reason });
    assert.equal(budgetOf(active, ledger([refused]), 5, later).owed, 0);
    assert.equal(budgetOf(active, ledger([{ ...refused, givenUpAt: noon }]), 5, later).orphans, 0);
  }
});
