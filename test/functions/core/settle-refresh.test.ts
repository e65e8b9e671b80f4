import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { RevokeDuty } from '../../../functions/core/duty.ts';
import type { FailureClass } from '../../../functions/core/failure-class.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import {
  decideCommit,
  decideNoAnswer,
  decideRefusal,
  type NewTokens,
  revokeDutyId,
  type SentAttempt,
} from '../../../functions/core/settle-refresh.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const attempt: SentAttempt = {
  id: 'a',
  generation: { grantId: 'g', refreshes: 4 },
  loginUrl: 'https://login.salesforce.com',
};
const own = { id: 'a', begunAt: noon, refreshes: 4 };
const made: NewTokens = {
  accessToken: 'new-access',
  accessTokenSha256: 'cd'.repeat(32),
  refreshToken: 'new-refresh',
  issuedAt: noon,
  expiresAt: noon + 7_200_000,
  refreshAfter: noon + 5_400_000,
  instanceUrl: 'https://new.my.salesforce.com',
  rotated: true,
  identityChanged: false,
};

function claimed(grant: Partial<Grant> = {}, connection: Partial<Connection> = {}): Connection {
  const lease = { attempt: 'a', until: noon + 75_000 };
  const held = aGrant('g', { refreshes: 4, lease, attempts: [own], ...grant });
  return aConnection(1, {}, { grant: held, nextRefreshAt: noon + 75_000, ...connection });
}

function superseded(duty: Partial<RevokeDuty> = {}): Connection {
  const of = claimed().grant!;
  const open = { ...revocationOf(of, noon, noon + 900_000, 'superseded'), ...duty };
  return aConnection(1, {}, { grant: aGrant('newer'), duties: { [revokeDutyId('g')]: open } });
}

function dutyAfter(connection: Connection | undefined): RevokeDuty {
  const duty = connection?.duties[revokeDutyId('g')];
  assert.ok(duty?.kind === 'revoke');
  return duty;
}

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
      rejectedRefreshes: undefined,
      rotates: true,
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

test('an answer whose grant was superseded brings its duty up to date and ends its lease there', () => {
  for (const connection of [superseded(), { ...superseded(), status: 'disconnected' as const, grant: undefined }]) {
    const decision = decideCommit(connection, attempt, made, noon + 5, 0);
    assert.ok(decision.kind === 'superseded');
    const duty = dutyAfter(decision.after);
    assert.deepEqual([duty.token, duty.refreshes, duty.tokenPurpose], ['new-refresh', 5, 'refresh']);
    assert.deepEqual([duty.leaseUntil, duty.attempts, duty.ownKeys], [undefined, [], undefined]);
    assert.deepEqual(decision.after.grant, connection.grant);
    assert.equal(decideCommit(decision.after, attempt, made, noon + 5, 0).kind, 'stale');
  }
});

test('an answer without a rotated token settles its attempt and leaves the duty its token', () => {
  const decision = decideCommit(superseded(), attempt, { ...made, rotated: false }, noon, 0);
  assert.ok(decision.kind === 'superseded');
  const duty = dutyAfter(decision.after);
  assert.deepEqual([duty.token, duty.refreshes, duty.leaseUntil, duty.attempts], ['sealed-refresh', 4, undefined, []]);
});

test('a token in a duty is never replaced by an older one', () => {
  const newer = superseded({ refreshes: 6, token: 'newer-refresh', attempts: [own] });
  const decision = decideCommit(newer, attempt, made, noon, 0);
  assert.ok(decision.kind === 'superseded');
  assert.deepEqual([dutyAfter(decision.after).token, dutyAfter(decision.after).refreshes], ['newer-refresh', 6]);
  const settled = superseded({ refreshes: 5, token: 'newer-refresh', attempts: [], leaseUntil: undefined });
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
    leaseUntil: undefined,
    attempts: [],
    reason: 'superseded',
    since: noon,
    dueAt: noon,
    tries: 0,
  });
  assert.equal(decideCommit(nowhere, attempt, { ...made, rotated: false }, noon, 0).kind, 'stale');
});

const refusal = (failureClass: FailureClass, error = 'some_error', description = 'some description') => ({
  class: failureClass,
  error,
  description,
});
const refuse = (connection: Connection, failureClass: FailureClass, now = noon, fraction = 0.5) =>
  decideRefusal(connection, attempt, refusal(failureClass), now, fraction, 'alert-id');

const gentle: FailureClass[] = ['operator', 'transient', 'busy', 'bug', 'unknown'];
for (const failureClass of gentle) {
  test(`${failureClass} settles its attempt, keeps the token, and backs off`, () => {
    const before = claimed({ failures: 2 });
    const after = refuse(before, failureClass);
    const lastFailure = { at: noon, class: failureClass, error: 'some_error', description: 'some description' };
    assert.deepEqual(after, {
      ...before,
      nextRefreshAt: noon + 20_000,
      grant: { ...before.grant, lease: undefined, attempts: [], failures: 3, lastFailure },
    });
  });

  test(`${failureClass} never leads to a new authorization, however often it comes`, () => {
    const dying = claimed({ failures: 10_000, deadSince: noon - 86_400_000 });
    const after = refuse(dying, failureClass, noon, 0.999);
    assert.equal(after?.status, 'active');
    assert.ok((after?.nextRefreshAt ?? 0) <= noon + 3_600_000);
    assert.deepEqual(after?.duties, {});
  });
}

test('dead once is recorded and looked at again after five seconds', () => {
  const before = claimed();
  const after = refuse(before, 'dead');
  assert.equal(after?.status, 'active');
  assert.equal(after?.grant?.deadSince, noon);
  assert.equal(after?.nextRefreshAt, noon + 5_000);
  assert.equal(after?.grant?.lease, undefined);
  assert.deepEqual(after?.duties, {});
});

test('dead twice within five seconds is dead once', () => {
  for (const passed of [-1_000, 0, 4_999]) {
    const after = refuse(claimed({ deadSince: noon }), 'dead', noon + passed);
    assert.deepEqual([after?.status, after?.grant?.deadSince, after?.nextRefreshAt], ['active', noon, noon + 5_000]);
  }
});

test('dead twice, five seconds apart, is a verdict: it is announced, and the token is kept', () => {
  const after = refuse(claimed({ deadSince: noon }), 'dead', noon + 5_000);
  assert.equal(after?.status, 'reauthorization_required');
  assert.equal(after?.cause, 'revoked_or_unknown');
  assert.equal(after?.nextRefreshAt, undefined);
  assert.equal(after?.grant?.refreshToken, 'sealed-refresh');
  const duty = { kind: 'alert', type: 'reauthorization_required', cause: 'revoked_or_unknown', alertId: 'alert-id' };
  assert.deepEqual(after?.duties, {
    'alert.alert-id': { ...duty, since: noon + 5_000, dueAt: noon + 5_000, tries: 0 },
  });
});

function causeOf(grant: Partial<Grant>, description = 'expired access/refresh token'): string | undefined {
  const dying = claimed({ deadSince: noon - 10_000, ...grant });
  return decideRefusal(dying, attempt, refusal('dead', 'invalid_grant', description), noon, 0, 'x')?.cause;
}

test('a death after a lost response of a rotating grant is named so', () => {
  const lost = { id: 'lost', begunAt: noon - 99_000, refreshes: 4 };
  assert.equal(causeOf({ rotates: true, attempts: [lost, own] }), 'lost_response');
  assert.equal(causeOf({ rotates: true, attempts: [own] }), 'revoked_or_unknown');
  assert.equal(causeOf({ rotates: false, attempts: [lost, own] }), 'revoked_or_unknown');
  assert.equal(causeOf({ rotates: true, attempts: [{ ...lost, refreshes: 3 }, own] }), 'revoked_or_unknown');
});

test('a grant that was never refreshed may rotate for all we know', () => {
  const first: SentAttempt = { ...attempt, generation: { grantId: 'g', refreshes: 0 } };
  const lost = { id: 'lost', begunAt: noon - 99_000, refreshes: 0 };
  const dying = claimed({ refreshes: 0, deadSince: noon - 10_000, attempts: [lost, { ...own, refreshes: 0 }] });
  assert.equal(decideRefusal(dying, first, refusal('dead'), noon, 0, 'x')?.cause, 'lost_response');
});

test('a user who was deactivated or changed the password is named so', () => {
  assert.equal(causeOf({}, ' Authentication Failure'), 'user_deactivated_or_password_changed');
});

test('admin asks the administrator once, tries hourly for a day and then daily', () => {
  const before = claimed({ failures: 0 });
  const after = decideRefusal(
    before,
    attempt,
    refusal('admin', 'invalid_grant', 'IP restricted!'),
    noon,
    0.5,
    'alert-id',
  );
  assert.deepEqual([after?.status, after?.cause], ['admin_action_required', 'ip_restricted']);
  assert.equal(after?.nextRefreshAt, noon + 3_600_000);
  assert.equal(after?.grant?.refreshToken, 'sealed-refresh');
  assert.equal(Object.keys(after?.duties ?? {}).join(), 'alert.alert-id');
  const again = decideRefusal(
    claimed({ failures: 23 }, { status: 'admin_action_required' }),
    attempt,
    refusal('admin', 'app_blocked'),
    noon,
    0.5,
    'x',
  );
  assert.deepEqual([again?.cause, again?.duties, again?.nextRefreshAt], ['app_blocked', {}, noon + 3_600_000]);
  const daily = refuse(claimed({ failures: 24 }, { status: 'admin_action_required' }), 'admin');
  assert.equal(daily?.nextRefreshAt, noon + 24 * 3_600_000);
});

test('a refusal that was recorded is not recorded again', () => {
  for (const failureClass of [...gentle, 'dead', 'admin'] as const) {
    const after = refuse(claimed({ deadSince: noon - 10_000 }), failureClass);
    assert.equal(refuse(after!, failureClass), undefined, failureClass);
  }
});

test('a refusal whose lease is another’s, or whose generation has passed, changes nothing', () => {
  assert.equal(refuse(claimed({ lease: { attempt: 'b', until: noon + 75_000 } }), 'dead'), undefined);
  assert.equal(refuse(claimed({ lease: undefined }), 'dead'), undefined);
  assert.equal(refuse(claimed({ refreshes: 5 }), 'dead'), undefined);
  assert.equal(refuse(aConnection(1, {}, { grant: undefined }), 'dead'), undefined);
});

test('a refusal that finds its grant superseded settles its attempt in the duty', () => {
  const duty = dutyAfter(refuse(superseded(), 'dead'));
  assert.deepEqual([duty.attempts, duty.leaseUntil, duty.token], [[], undefined, 'sealed-refresh']);
  assert.equal(refuse(aConnection(1, {}, { grant: aGrant('newer') }), 'dead'), undefined);
});

test('silence leaves lease, attempt and status, and is looked at no sooner than the lease’s end', () => {
  const before = claimed({ failures: 0 });
  const after = decideNoAnswer(before, attempt, 'timeout', noon + 40_000, 0.1);
  const lastFailure = { at: noon + 40_000, class: 'transient', error: 'no_answer', description: 'timeout' };
  assert.deepEqual(after, {
    ...before,
    nextRefreshAt: noon + 75_000,
    grant: { ...before.grant, failures: 1, lastFailure },
  });
  const late = decideNoAnswer(claimed({ failures: 30 }), attempt, 'timeout', noon + 40_000, 0.999);
  assert.equal(late?.nextRefreshAt, noon + 40_000 + Math.floor(3_600_000 * 0.999));
});

test('silence is recorded for the lease’s owner alone', () => {
  assert.equal(decideNoAnswer(claimed({ lease: { attempt: 'b', until: noon } }), attempt, 'x', noon, 0), undefined);
  assert.equal(decideNoAnswer(claimed({ refreshes: 5 }), attempt, 'x', noon, 0), undefined);
  assert.equal(decideNoAnswer(superseded(), attempt, 'x', noon, 0), undefined);
  assert.equal(decideNoAnswer(aConnection(1, {}, { grant: undefined }), attempt, 'x', noon, 0), undefined);
});
