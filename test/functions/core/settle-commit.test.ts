import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { decideCommit } from '../../../functions/core/settle-commit.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';
import { attempt, claimed, dutyAfter, made, own, superseded } from '../../support/claimed-connection.ts';

test('a commit puts all of the new tokens onto the claimed generation and makes the next', () => {
  const before = claimed({
    ownKeys: { session: 's', access: 'x', refresh: 'y' },
    failures: 3,
    lastFailure: { at: 1, class: 'busy', error: 'e', description: 'd' },
    deadSince: 1,
    rejectedRefreshes: 4,
    readRefreshes: 4,
    session: { lengthMs: 7_200_000, source: 'introspection' },
  });
  const decision = decideCommit(before, attempt, made, noon + 1, 0);
  assert.ok(decision.kind === 'commit');
  const { rotated: _rotated, identityChanged: _identity, ...tokens } = made;
  assert.deepEqual(decision.after, {
    ...before,
    status: 'active',
    cause: undefined,
    nextRefreshAt: noon + 5_400_000,
    grant: {
      ...before.grant,
      ...tokens,
      refreshes: 5,
      madeBy: 'a',
      refreshedAt: noon + 1,
      ownKeys: undefined,
      failures: 0,
      lastFailure: undefined,
      deadSince: undefined,
      death: undefined,
      rejectedRefreshes: undefined,
      rotates: true,
      identityChanged: undefined,
      lease: undefined,
      attempts: [],
    },
  });
});

test('a rotation that was seen once is remembered', () => {
  const plain = { ...made, rotated: false, refreshToken: 'sealed-refresh' };
  const first = decideCommit(claimed(), attempt, plain, noon, 0);
  assert.equal(first.kind === 'commit' && first.after.grant?.rotates, false);
  const second = decideCommit(claimed({ rotates: true }), attempt, plain, noon, 0);
  assert.equal(second.kind === 'commit' && second.after.grant?.rotates, true);
});

test('a connection that was not read is looked at once a day', () => {
  const idle = decideCommit(claimed({ readRefreshes: 3 }), attempt, made, noon, 0);
  assert.equal(idle.kind === 'commit' && idle.after.nextRefreshAt, noon + 24 * 3_600_000);
});

test('a commit whose answer was lost recognises itself', () => {
  const decision = decideCommit(claimed(), attempt, made, noon, 0);
  assert.ok(decision.kind === 'commit');
  assert.deepEqual(decideCommit(decision.after, attempt, made, noon, 0), { kind: 'committed' });
});

test('an answer for a generation that has passed is stale', () => {
  assert.deepEqual(decideCommit(claimed({ refreshes: 5 }), attempt, made, noon, 0), { kind: 'stale' });
  assert.deepEqual(decideCommit(claimed({ refreshes: 3 }), attempt, made, noon, 0), { kind: 'stale' });
});

test('a commit leaves the lease and the attempt of another alone', () => {
  const lease = { attempt: 'b', until: noon + 99_000 };
  const other = { id: 'b', begunAt: noon, refreshes: 4 };
  const decision = decideCommit(claimed({ lease, attempts: [own, other] }), attempt, made, noon, 0);
  assert.ok(decision.kind === 'commit');
  assert.deepEqual(decision.after.grant?.lease, lease);
  assert.deepEqual(decision.after.grant?.attempts, [other]);
});

test('the answer of another user is kept for its token and alerted once', () => {
  const first = decideCommit(claimed(), attempt, { ...made, identityChanged: true }, noon, 0);
  assert.ok(first.kind === 'commit');
  const { status, cause, duties, grant } = first.after;
  assert.deepEqual([status, cause, grant?.refreshToken], ['admin_action_required', 'identity_changed', 'new-refresh']);
  const alert = { kind: 'alert', type: 'admin_action_required', cause: 'identity_changed', alertId: 'a' };
  assert.deepEqual(duties, { 'alert.a': { ...alert, since: noon, dueAt: noon, tries: 0 } });
  const again = decideCommit({ ...claimed(), status, cause }, attempt, { ...made, identityChanged: true }, noon, 0);
  assert.ok(again.kind === 'commit');
  assert.deepEqual(again.after.duties, {});
  assert.equal(again.after.cause, 'identity_changed');
});

test('a rejected token that comes again stays rejected, and is asked for ever later', () => {
  const rejected = { rejectedRefreshes: 4, accessTokenSha256: made.accessTokenSha256 };
  for (const failures of [0, 1, 2]) {
    const decision = decideCommit(claimed({ ...rejected, failures }), attempt, made, noon, 0.9);
    assert.ok(decision.kind === 'commit');
    const { grant, nextRefreshAt } = decision.after;
    assert.deepEqual([grant?.rejectedRefreshes, grant?.failures], [5, failures + 1]);
    assert.equal(nextRefreshAt, noon + 9_000 * 2 ** failures);
  }
  const other = decideCommit(claimed({ ...rejected, accessTokenSha256: 'another' }), attempt, made, noon, 0.9);
  assert.ok(other.kind === 'commit');
  assert.deepEqual([other.after.grant?.rejectedRefreshes, other.after.grant?.failures], [undefined, 0]);
});

test('whoever was told of a trouble is told when a refresh ends it, and nobody else', () => {
  for (const status of ['admin_action_required', 'reauthorization_required'] as const) {
    const decision = decideCommit(claimed({}, { status, cause: 'because' }), attempt, made, noon, 0);
    assert.ok(decision.kind === 'commit');
    assert.deepEqual([decision.after.status, decision.after.cause], ['active', undefined]);
    const alert = { kind: 'alert', type: 'connection_recovered', cause: 'because', alertId: 'a' };
    assert.deepEqual(decision.after.duties, { 'alert.a': { ...alert, since: noon, dueAt: noon, tries: 0 } });
  }
  const calm = decideCommit(claimed(), attempt, made, noon, 0);
  assert.deepEqual(calm.kind === 'commit' && calm.after.duties, {});
});

test('a rejected token that comes again ends the trouble all the same: what nobody was told is told no more', () => {
  const rejected = { rejectedRefreshes: 4, accessTokenSha256: made.accessTokenSha256 };
  const failing = (tries: number) => {
    const duty = {
      kind: 'alert',
      type: 'admin_action_required',
      cause: 'because',
      alertId: 'x',
      since: noon,
      dueAt: noon,
    };
    const duties = { 'alert.x': { ...duty, tries } } as Connection['duties'];
    return claimed(rejected, { status: 'admin_action_required', cause: 'because', duties });
  };
  const untold = decideCommit(failing(0), attempt, made, noon, 0);
  assert.deepEqual(untold.kind === 'commit' && [untold.after.status, untold.after.duties], ['active', {}]);
  const told = decideCommit(failing(1), attempt, made, noon, 0);
  assert.ok(told.kind === 'commit');
  const [alert, ...others] = Object.values(told.after.duties);
  assert.ok(alert?.kind === 'alert' && alert.type === 'connection_recovered');
  assert.deepEqual([others, told.after.grant?.lastFailure?.error], [[], 'token_repeated']);
});

test('an answer whose grant was superseded brings its duty up to date and ends its lease there', () => {
  for (const connection of [superseded(), { ...superseded(), status: 'disconnected' as const, grant: undefined }]) {
    const decision = decideCommit(connection, attempt, made, noon + 5, 0);
    assert.ok(decision.kind === 'superseded');
    const duty = dutyAfter(decision.after);
    assert.deepEqual([duty.token, duty.refreshes, duty.tokenPurpose], ['new-refresh', 5, 'refresh']);
    assert.deepEqual([duty.lease?.until, duty.attempts, duty.ownKeys], [undefined, [], undefined]);
    assert.deepEqual(decision.after.grant, connection.grant);
    assert.equal(decideCommit(decision.after, attempt, made, noon + 5, 0).kind, 'stale');
  }
});

test('an answer without a rotated token settles its attempt and leaves the duty its token', () => {
  const decision = decideCommit(superseded(), attempt, { ...made, rotated: false }, noon, 0);
  assert.ok(decision.kind === 'superseded');
  const duty = dutyAfter(decision.after);
  assert.deepEqual(
    [duty.token, duty.refreshes, duty.lease?.until, duty.attempts],
    ['sealed-refresh', 4, undefined, []],
  );
});

test('a token in a duty is never replaced by an older one', () => {
  const newer = superseded({ refreshes: 6, token: 'newer-refresh', attempts: [own] });
  const decision = decideCommit(newer, attempt, made, noon, 0);
  assert.ok(decision.kind === 'superseded');
  assert.deepEqual([dutyAfter(decision.after).token, dutyAfter(decision.after).refreshes], ['newer-refresh', 6]);
  const settled = superseded({ refreshes: 5, token: 'newer-refresh', attempts: [], lease: undefined });
  assert.equal(decideCommit(settled, attempt, made, noon, 0).kind, 'stale');
});

test('a rotated token of a grant that is nowhere is owed its revocation at once', () => {
  const nowhere = aConnection(1, {}, { grant: aGrant('newer') });
  const decision = decideCommit(nowhere, attempt, made, noon, 0);
  assert.ok(decision.kind === 'superseded');
  assert.deepEqual(dutyAfter(decision.after), {
    kind: 'revoke',
    grantId: 'g',
    refreshes: 5,
    token: 'new-refresh',
    tokenPurpose: 'refresh',
    ownKeys: undefined,
    loginUrl: 'https://login.salesforce.com',
    lease: undefined,
    attempts: [],
    reason: 'superseded',
    since: noon,
    dueAt: noon,
    tries: 0,
  });
  assert.equal(decideCommit(nowhere, attempt, { ...made, rotated: false }, noon, 0).kind, 'stale');
});
