import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { FailureClass } from '../../../functions/core/error-table.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import type { SentAttempt } from '../../../functions/core/sent-attempt.ts';
import { decideNoAnswer } from '../../../functions/core/settle-no-answer.ts';
import { decideRefusal } from '../../../functions/core/settle-refusal.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';
import { attempt, claimed, dutyAfter, own, superseded } from '../../support/claimed-connection.ts';

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
  assert.equal(after?.failingSince, noon);
  assert.deepEqual(Object.keys(after?.duties ?? {}), [`count.${noon}`], 'nobody is told, the org is looked at');
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
  assert.equal(after?.nextRefreshAt, noon + 5_000 + 3_600_000);
  assert.equal(after?.grant?.refreshToken, 'sealed-refresh');
  const duty = { kind: 'alert', type: 'reauthorization_required', cause: 'revoked_or_unknown', alertId: 'alert-id' };
  assert.deepEqual(after?.duties['alert.alert-id'], {
    ...duty,
    since: noon + 5_000,
    dueAt: noon + 125_000,
    tries: 0,
  });
});

test('a dead grant is tried again after an hour, a day and three days, and announced once', () => {
  const hour = 3_600_000;
  const delays: (number | undefined)[] = [];
  let dying = claimed({ deadSince: noon });
  for (const at of [noon + 5_000, noon + hour, noon + 24 * hour, noon + 72 * hour]) {
    const after = refuse(dying, 'dead', at);
    assert.ok(after?.grant);
    delays.push(after.nextRefreshAt === undefined ? undefined : after.nextRefreshAt - (noon + 5_000));
    assert.equal(after.status, 'reauthorization_required');
    assert.equal(Object.values(after.duties).filter((duty) => duty.kind === 'alert').length, 1);
    const lease = { attempt: attempt.id, until: at + 75_000 };
    dying = { ...after, grant: { ...after.grant, lease } };
  }
  assert.deepEqual(delays, [hour, 24 * hour, 72 * hour, undefined]);
});

test('an administrator’s answer on a dead connection changes no verdict', () => {
  const dead = {
    ...claimed({ deadSince: noon, death: { at: noon, tries: 0 } }),
    status: 'reauthorization_required',
  } as const;
  const after = refuse(dead, 'admin', noon + 3_600_000);
  assert.equal(after?.status, 'reauthorization_required');
  assert.deepEqual(after?.duties, {});
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

test('what the windows showed at a death is kept when the dead token is tried again', () => {
  const death = { at: noon, tries: 0, org: { failed: 3, tried: 4 }, fleet: { failed: 1, tried: 2 } };
  const before: Connection = { ...claimed({ deadSince: noon, death }), status: 'reauthorization_required' };
  assert.deepEqual(refuse(before, 'dead', noon + 3_600_000)?.grant?.death, { ...death, tries: 1 });
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
  assert.equal(Object.keys(after?.duties ?? {}).join(), `count.${noon},alert.alert-id`);
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
  assert.deepEqual([duty.attempts, duty.lease?.until, duty.token], [[], undefined, 'sealed-refresh']);
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
