import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideClaim, withdrawClaim } from '../../../functions/core/claim.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import type { RefreshRequest } from '../../../functions/core/ports.ts';
import { functionTimeNeededMs, httpTimeoutMs, leaseMs, leaseNeededMs } from '../../../functions/core/time-limits.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const request = (refreshes = 0, grantId = 'g'): RefreshRequest => ({
  version: 1,
  connectionId: aConnection(1).id,
  generation: { grantId, refreshes },
  reason: 'due',
});
const holding = (grant: Partial<Grant> = {}, connection: Partial<Connection> = {}): Connection =>
  aConnection(1, {}, { grant: aGrant('g', grant), nextRefreshAt: noon, ...connection });

function outcome(connection: Connection, now = noon, asked = request(), attemptId = 'a'): string {
  const decision = decideClaim(connection, asked, now, attemptId);
  return decision.kind === 'skip' ? decision.outcome : decision.kind;
}

test('the times fit into each other: request, function, lease', () => {
  assert.ok(httpTimeoutMs < functionTimeNeededMs && functionTimeNeededMs < leaseNeededMs && leaseNeededMs < leaseMs);
  assert.deepEqual([httpTimeoutMs, functionTimeNeededMs, leaseNeededMs, leaseMs], [40_000, 45_000, 60_000, 75_000]);
});

test('a due connection is claimed: an owner, a lease, an attempt, and a look at the lease’s end', () => {
  const before = holding({ refreshes: 2, attempts: [{ id: 'old', begunAt: noon - 99_000, refreshes: 2 }] });
  const decision = decideClaim(before, request(2), noon, 'a');
  assert.deepEqual(decision, {
    kind: 'claim',
    after: {
      ...before,
      nextRefreshAt: noon + 75_000,
      grant: {
        ...before.grant,
        lease: { attempt: 'a', until: noon + 75_000 },
        attempts: [
          { id: 'old', begunAt: noon - 99_000, refreshes: 2 },
          { id: 'a', begunAt: noon, refreshes: 2 },
        ],
      },
    },
  });
});

test('who comes a moment too early finds a live token and does nothing', () => {
  assert.equal(outcome(holding({}, { nextRefreshAt: noon + 1 })), 'not_needed');
  assert.equal(outcome(holding({}, { nextRefreshAt: undefined })), 'not_needed');
  assert.equal(outcome(holding({}, { nextRefreshAt: noon })), 'claim');
});

test('a stale or rejected token is refreshed before it is due', () => {
  const later = { nextRefreshAt: noon + 3_600_000 };
  assert.equal(outcome(holding({ expiresAt: noon }, later)), 'claim');
  assert.equal(outcome(holding({ rejectedRefreshes: 0 }, later)), 'claim');
});

test('a backoff is not cut short, not even for a stale token', () => {
  const later = { nextRefreshAt: noon + 1 };
  assert.equal(outcome(holding({ failures: 1, expiresAt: noon }, later)), 'backing_off');
  assert.equal(outcome(holding({ failures: 1, rejectedRefreshes: 0 }, later)), 'backing_off');
  assert.equal(
    outcome(holding({ failures: 1 }, { ...later, status: 'admin_action_required' })),
    'admin_action_required',
  );
  assert.equal(outcome(holding({ failures: 1, expiresAt: noon })), 'claim');
});

test('a live lease keeps others off to its last millisecond, whatever they ask', () => {
  const leased = holding(
    { lease: { attempt: 'other', until: noon + 10 }, expiresAt: noon },
    { nextRefreshAt: noon + 10 },
  );
  assert.equal(outcome(leased), 'in_flight');
  assert.equal(outcome(leased, noon + 9), 'in_flight');
  assert.equal(outcome(leased, noon, request(0, 'elsewhere')), 'in_flight');
  assert.equal(outcome(leased, noon + 10), 'claim');
});

test('the own claim is recognised, and only while grant, generation and lease stand as claimed', () => {
  const leased = holding({ lease: { attempt: 'a', until: noon + 10 } });
  assert.equal(outcome(leased), 'claimed');
  assert.equal(outcome(leased, noon, request(1)), 'in_flight');
  assert.equal(outcome(leased, noon, request(0, 'h')), 'in_flight');
  assert.equal(
    outcome({ ...leased, grant: { ...leased.grant!, lease: undefined }, nextRefreshAt: noon + 1 }),
    'not_needed',
  );
});

test('a message for an older generation or another grant does nothing', () => {
  assert.equal(outcome(holding({ refreshes: 1, expiresAt: noon }), noon, request(0)), 'not_needed');
  assert.equal(outcome(holding({ expiresAt: noon }), noon, request(1)), 'not_needed');
  assert.equal(outcome(holding({ expiresAt: noon }), noon, request(0, 'h')), 'not_needed');
});

test('a dead connection is tried again only when it is due, one without a grant never', () => {
  const dead = { status: 'reauthorization_required', nextRefreshAt: noon + 1 } as const;
  assert.equal(outcome(holding({}, dead)), 'reauthorization_required');
  assert.equal(outcome(holding({}, { ...dead, nextRefreshAt: undefined })), 'reauthorization_required');
  assert.equal(outcome(holding({}, { ...dead, nextRefreshAt: noon })), 'claim');
  assert.equal(outcome(holding({}, { status: 'disconnected', grant: undefined })), 'not_needed');
});

test('a claim applied to its own result is its own', () => {
  const decision = decideClaim(holding(), request(), noon, 'a');
  assert.ok(decision.kind === 'claim');
  assert.equal(outcome(decision.after), 'claimed');
  assert.equal(outcome(decision.after, noon, request(), 'b'), 'in_flight');
});

test('unsettled attempts outlive any number of claims: the oldest and the newest are kept', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), (claims) => {
      let connection = holding();
      let now = noon;
      for (let index = 0; index < claims; index += 1) {
        const decision = decideClaim(connection, request(), now, `a${index}`);
        assert.ok(decision.kind === 'claim');
        connection = decision.after;
        now += leaseMs;
      }
      const ids = connection.grant!.attempts.map(({ id }) => id);
      assert.equal(ids.length, Math.min(claims, 10));
      assert.equal(ids[0], 'a0');
      assert.equal(ids.at(-1), `a${claims - 1}`);
      assert.equal(new Set(ids).size, ids.length);
      if (claims > 10)
        assert.deepEqual(
          ids.slice(1),
          Array.from({ length: 9 }, (_, at) => `a${claims - 9 + at}`),
        );
    }),
  );
});

test('a withdrawn claim leaves no lease and no attempt of its own, but those before it', () => {
  const before = holding({ attempts: [{ id: 'old', begunAt: noon - 99_000, refreshes: 0 }] });
  const claim = decideClaim(before, request(), noon, 'a');
  assert.ok(claim.kind === 'claim');
  const after = withdrawClaim(claim.after, 'a', noon + 7);
  assert.deepEqual(after, { ...before, nextRefreshAt: noon + 7, grant: { ...before.grant, lease: undefined } });
  assert.equal(withdrawClaim(after!, 'a', noon), undefined);
});

test('nobody withdraws the claim of another', () => {
  assert.equal(withdrawClaim(holding({ lease: { attempt: 'other', until: noon + 10 } }), 'a', noon), undefined);
  assert.equal(withdrawClaim(holding(), 'a', noon), undefined);
  assert.equal(withdrawClaim(aConnection(1, {}, { grant: undefined }), 'a', noon), undefined);
});
