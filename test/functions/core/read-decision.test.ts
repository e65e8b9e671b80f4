import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import { decideRead, decideReadMark, decideRejection, refreshPending } from '../../../functions/core/read-decision.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const hour = 3_600_000;
const failure = { at: noon, class: 'transient', error: 'server_error', description: 'down' };
const holding = (grant: Partial<Grant> = {}, change: Partial<Connection> = {}): Connection =>
  aConnection(1, {}, { grant: aGrant('g', { refreshes: 2, ...grant }), nextRefreshAt: noon + hour, ...change });
const stale: Partial<Grant> = { expiresAt: noon };

function read(connection: Connection, now = noon): string {
  const decision = decideRead(connection, now);
  return decision.kind === 'problem' ? decision.problem.code : decision.kind;
}

test('a live token is served, whatever its refresh is doing', () => {
  assert.equal(read(holding()), 'serve');
  assert.equal(read(holding({ lease: { attempt: 'a', until: noon + 1 } })), 'serve');
  assert.equal(read(holding({ failures: 5, lastFailure: failure })), 'serve');
  assert.equal(read(holding({}, { status: 'admin_action_required', cause: 'ip_restricted' })), 'serve');
});

test('the token of another user is not served', () => {
  // Whatever cause the connection has by now: the token is still another's.
  const changed = holding({ identityChanged: true }, { status: 'admin_action_required', cause: 'ip_restricted' });
  assert.equal(read(changed), 'admin_action_required');
  const decision = decideRead(changed, noon);
  assert.match(decision.kind === 'problem' ? JSON.stringify(decision.problem.members) : '', /identity_changed/);
});

test('a stale or rejected token asks for a refresh of its generation', () => {
  const generation = { grantId: 'g', refreshes: 2 };
  const request = { version: 1, connectionId: holding().id, generation };
  assert.deepEqual(decideRead(holding(stale), noon), { kind: 'refresh', request: { ...request, reason: 'stale' } });
  const rejected = holding({ rejectedRefreshes: 2 });
  assert.deepEqual(decideRead(rejected, noon), { kind: 'refresh', request: { ...request, reason: 'rejected' } });
});

test('who finds a refresh in flight waits for its owner’s token', () => {
  const attempts = [{ id: 'a', begunAt: noon, refreshes: 2 }];
  const leased = { ...stale, lease: { attempt: 'a', until: noon + 1 }, attempts };
  assert.equal(read(holding(leased)), 'wait');
  assert.equal(read(holding(leased), noon + 1), 'refresh');
  assert.equal(read(holding({ ...leased, failures: 1, lastFailure: { ...failure, at: noon - 1 } })), 'wait');
});

test('nobody waits for an owner who got no answer', () => {
  const attempts = [{ id: 'a', begunAt: noon - 40_000, refreshes: 2 }];
  const lease = { attempt: 'a', until: noon + 35_000 };
  const lastFailure = { ...failure, error: 'no_answer' };
  const silent = { ...stale, lease, attempts, failures: 1, lastFailure };
  assert.equal(read(holding(silent)), 'serve', 'the old one may still live');
  assert.equal(read(holding({ ...silent, issuedAt: noon - 24 * hour })), 'refresh_pending');
  const before = { ...lastFailure, at: noon - 50_000 };
  assert.equal(read(holding({ ...stale, lease, attempts, failures: 1, lastFailure: before })), 'wait');
});

test('a backoff is answered at once, and asked again when it is over', () => {
  const failing = { ...stale, issuedAt: noon - 24 * hour, failures: 1, lastFailure: failure };
  assert.equal(read(holding(failing)), 'refresh_pending');
  assert.equal(read(holding(failing, { nextRefreshAt: noon })), 'refresh');
  assert.equal(read(holding(failing, { nextRefreshAt: undefined })), 'refresh_pending');
});

test('an administrator’s matter is a problem until its next try is due', () => {
  const locked = { status: 'admin_action_required', cause: 'ip_restricted' } as const;
  const failing = {
    ...stale,
    failures: 1,
    lastFailure: { ...failure, error: 'invalid_grant', description: 'ip restricted' },
  };
  const decision = decideRead(holding(failing, locked), noon);
  assert.ok(decision.kind === 'problem');
  assert.equal(decision.problem.code, 'admin_action_required');
  assert.equal(decision.problem.members?.cause, 'ip_restricted');
  assert.ok(String(decision.problem.members?.remedy).length > 0);
  assert.match(decision.problem.detail, /invalid_grant: ip restricted/);
  assert.equal(read(holding(failing, { ...locked, nextRefreshAt: noon })), 'refresh');
});

test('a dead or disconnected connection serves nothing, not even a token that still lives', () => {
  const dead = decideRead(
    holding({ lastFailure: failure }, { status: 'reauthorization_required', cause: 'lost_response' }),
    noon,
  );
  assert.ok(dead.kind === 'problem');
  assert.equal(dead.problem.code, 'reauthorization_required');
  assert.equal(dead.problem.members?.cause, 'lost_response');
  assert.equal(read(holding({}, { status: 'disconnected' })), 'disconnected');
  assert.equal(read(holding({}, { grant: undefined })), 'disconnected');
});

test('a pending refresh says when to ask again, within an hour', () => {
  const after = (nextRefreshAt: number | undefined) =>
    refreshPending(holding({}, { nextRefreshAt }), aGrant('g'), noon).retryAfterSeconds;
  assert.deepEqual([after(noon + 1), after(noon + 1_001), after(noon - 9), after(undefined)], [1, 2, 1, 1]);
  assert.equal(after(noon + 2 * hour), 3_600);
  assert.match(refreshPending(holding(), aGrant('g', { lastFailure: failure }), noon).detail, /server_error: down/);
});

test('a reading is marked once for each generation, and wakes an idle connection’s cadence', () => {
  const idle = holding({}, { nextRefreshAt: noon + 24 * hour });
  const marked = decideReadMark(idle);
  assert.deepEqual(marked, {
    ...idle,
    nextRefreshAt: idle.grant!.refreshAfter,
    grant: { ...idle.grant, readRefreshes: 2 },
  });
  assert.equal(decideReadMark(marked!), undefined);
  assert.ok(decideReadMark(holding({ readRefreshes: 1 })));
  assert.equal(decideReadMark(aConnection(1, {}, { grant: undefined })), undefined);
  assert.equal(decideReadMark(holding())?.nextRefreshAt, noon + hour);
});

test('a mark moves no schedule of a backoff, a lease or a rest', () => {
  const far = noon + 24 * hour;
  for (const [grant, nextRefreshAt] of [
    [{ failures: 1 }, far],
    [{ lease: { attempt: 'a', until: noon } }, far],
    [{}, undefined],
  ] as const) {
    assert.equal(decideReadMark(holding(grant, { nextRefreshAt }))?.nextRefreshAt, nextRefreshAt);
  }
});

test('a rejection counts for the stored token only, once', () => {
  const hash = aGrant('g').accessTokenSha256;
  const rejected = decideRejection(holding(), hash, noon);
  assert.ok(rejected.kind === 'reject');
  assert.equal(rejected.after.grant?.rejectedRefreshes, 2);
  assert.equal(read(rejected.after), 'refresh');
  assert.equal(decideRejection(rejected.after, hash, noon).kind, 'known');
  assert.equal(decideRejection(holding(), 'ff'.repeat(32), noon).kind, 'known');
  assert.equal(decideRejection(aConnection(1, {}, { grant: undefined }), hash, noon).kind, 'known');
});

test('rejections draw on the connection’s bucket, and an empty one marks nothing', () => {
  const hash = aGrant('g').accessTokenSha256;
  const first = decideRejection(holding(), hash, noon);
  assert.equal(first.kind === 'reject' && first.after.rejections?.left, 59);
  const limited = decideRejection(holding({}, { rejections: { left: 0, at: noon } }), hash, noon + 1_000);
  assert.ok(limited.kind === 'limited');
  assert.equal(limited.problem.code, 'refresh_limited');
  assert.equal(limited.problem.retryAfterSeconds, 59);
});

test('while Salesforce fails, a token that may still live is served as stale, and no other', () => {
  const failing = { ...stale, issuedAt: noon - 3 * hour, failures: 1, lastFailure: failure };
  const decision = decideRead(holding(failing), noon);
  assert.equal(decision.kind === 'serve' && decision.stale, true);
  const fresh = decideRead(holding(), noon);
  assert.equal(fresh.kind === 'serve' && fresh.stale, false);
  for (const change of [
    { rejectedRefreshes: 2 },
    { identityChanged: true },
    { issuedAt: noon - 24 * hour + 60_000 },
    { lastFailure: { ...failure, class: 'operator' } },
    { lastFailure: { ...failure, class: 'dead' } },
  ]) {
    assert.equal(read(holding({ ...failing, ...change })), 'refresh_pending', JSON.stringify(change));
  }
});
