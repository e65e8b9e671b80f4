import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ledger, LedgerEntry } from '../../../functions/core/ledger.ts';
import { presentGrants } from '../../../functions/core/present-grants.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const at = (ms: number) => new Date(noon + ms).toISOString();
const entry = (id: string, change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id,
  sessionId: 'secret-session',
  begunAt: noon,
  ...change,
});
const ledger = (entries: LedgerEntry[], change: Partial<Ledger> = {}): Ledger => ({
  version: 1,
  revision: 1,
  writeId: 'w',
  id: 'c',
  entries,
  ...change,
});
const connection = aConnection(
  1,
  {},
  {
    authorizedAt: noon + 2_000,
    grant: aGrant('new', { refreshes: 7 }),
    duties: { 'revoke.old': revocationOf(aGrant('old', { refreshes: 3 }), noon, noon + 900_000, 'superseded') },
  },
);
const show = (held: Ledger | undefined, of = connection, now = noon, limit: number | undefined = 5) =>
  presentGrants(of, { ledger: held, limit, now }) as { grants: Record<string, unknown>[] } & Record<string, unknown>;

test('grants are shown newest first, with what the ledger and the connection know of each', () => {
  const { grants } = show(
    ledger([
      entry('older', { outcome: 'refused', reason: 'older_authorization', settledAt: noon, revokedAt: noon + 1 }),
      entry('old', {
        begunAt: noon + 1_000,
        outcome: 'stored',
        authorizedAt: noon,
        settledAt: noon,
        fingerprint: '0123456789abcdef',
        supersededAt: noon + 2,
      }),
      entry('new', { begunAt: noon + 2_000, outcome: 'stored', settledAt: noon + 3, fingerprint: 'f'.repeat(16) }),
    ]),
  );
  assert.deepEqual(grants, [
    {
      id: 'new',
      outcome: 'stored',
      current: true,
      begun_at: at(2_000),
      authorized_at: at(2_000),
      settled_at: at(3),
      fingerprint: 'f'.repeat(16),
      refreshes: 7,
    },
    {
      id: 'old',
      outcome: 'stored',
      current: false,
      begun_at: at(1_000),
      authorized_at: at(0),
      settled_at: at(0),
      fingerprint: '0123456789abcdef',
      superseded_at: at(2),
      revocation_due_at: at(900_000),
    },
    {
      id: 'older',
      outcome: 'refused',
      current: false,
      begun_at: at(0),
      settled_at: at(0),
      reason: 'older_authorization',
      revoked_at: at(1),
    },
  ]);
  assert.doesNotMatch(JSON.stringify(grants), /secret|sealed/);
});

test('an attempt that was never settled is under way, and an orphan after a while', () => {
  const held = ledger([entry('a')]);
  const outcomeAt = (now: number) => show(held, connection, now).grants.find(({ id }) => id === 'a')?.outcome;
  assert.deepEqual([outcomeAt(noon), outcomeAt(noon + 3_600_000)], ['exchanging', 'orphaned']);
});

test('a revocation that was given up says when', () => {
  const given = ledger([entry('a', { outcome: 'refused', givenUpAt: noon + 5 })]);
  assert.equal(show(given).grants.find(({ id }) => id === 'a')?.revocation_given_up_at, at(5));
});

test('what the ledger of an earlier release lacks is shown from the connection', () => {
  assert.deepEqual(show(undefined).grants, [
    {
      id: 'new',
      outcome: 'stored',
      current: true,
      begun_at: at(2_000),
      authorized_at: at(2_000),
      refreshes: 7,
    },
    {
      id: 'old',
      outcome: 'stored',
      current: false,
      begun_at: at(0),
      superseded_at: at(0),
      revocation_due_at: at(900_000),
    },
  ]);
  const duties = { r: revocationOf(aGrant('r'), noon, noon, 'older_authorization') };
  const [refused] = show(undefined, aConnection(1, {}, { grant: undefined, duties })).grants;
  assert.deepEqual([refused?.id, refused?.outcome, refused?.superseded_at], ['r', 'refused', undefined]);
});

test('the stored grant is current, also before the ledger has heard of it', () => {
  const [current] = show(ledger([entry('new', { begunAt: noon + 9_000 })])).grants;
  assert.deepEqual(current, {
    id: 'new',
    outcome: 'stored',
    current: true,
    begun_at: at(9_000),
    authorized_at: at(2_000),
    refreshes: 7,
  });
});

test('the budget counts stored, owed and orphans, and is absent without a limit', () => {
  const held = ledger([entry('a')]);
  assert.deepEqual(show(held, connection, noon + 3_600_000, 4).grant_budget, { limit: 4, believed: 3 });
  assert.deepEqual(show(held, connection, noon, 4).grant_budget, { limit: 4, believed: 2 });
  assert.equal('grant_budget' in presentGrants(connection, { ledger: held, limit: undefined, now: noon }), false);
});

test('Salesforce’s own list is shown beside it, in words and numbers, or why it could not be', () => {
  const compared = (comparison: Ledger['comparison']) => show(ledger([], { comparison })).grants_at_salesforce;
  assert.deepEqual(compared({ at: noon, listed: 3, held: 1 }), {
    compared_at: at(0),
    summary: 'Salesforce lists two grants of this user that we do not hold.',
    listed: 3,
    held: 1,
    not_held: 2,
  });
  assert.deepEqual(compared({ at: noon, listed: 0, held: 1 }), {
    compared_at: at(0),
    summary: 'We hold one grant of this user that Salesforce does not list.',
    listed: 0,
    held: 1,
    not_held: 0,
  });
  assert.deepEqual(compared({ at: noon, note: 'INVALID_TYPE' }), {
    compared_at: at(0),
    summary: "Salesforce's own list of this user's grants could not be read: INVALID_TYPE.",
    note: 'INVALID_TYPE',
  });
  assert.equal(compared(undefined), undefined);
});
