import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Introduction } from '../../../functions/core/introduction.ts';
import { decideIntroduction, endIntroduction } from '../../../functions/core/introduction-step.ts';
import { leaseMs } from '../../../functions/core/time-limits.ts';
import { noon } from '../../contract/items.ts';

const loginsPerHour = 3_600;
const decide = (current: Introduction | undefined, attempt = 'a', now = noon, limit = loginsPerHour) =>
  decideIntroduction(current, 'i', attempt, limit, now);

function asked(attempt = 'a', now = noon, current?: Introduction): Introduction {
  const decision = decide(current, attempt, now);
  assert.ok(decision.kind === 'ask');
  return { ...decision.after, revision: 1, writeId: `${attempt}.begin` };
}

describe('the beginning of an introduction', () => {
  test('the first one asks, under a lease, and counts a login', () => {
    const after = asked();
    assert.deepEqual(after.lease, { attempt: 'a', until: noon + leaseMs });
    assert.deepEqual(after.logins, { since: noon, count: 1 });
    assert.equal(after.id, 'i');
  });

  test('another one waits for it while the lease lives, and asks once it has ended', () => {
    const first = asked();
    assert.deepEqual(decide(first, 'b', noon + leaseMs - 1), { kind: 'wait', attempt: 'a' });
    const second = asked('b', noon + leaseMs, first);
    assert.deepEqual(second.lease, { attempt: 'b', until: noon + 2 * leaseMs });
    assert.equal(second.logins?.count, 2, 'the dead one may have asked');
  });

  test('the same one asks already: its write was applied and the answer lost', () => {
    assert.deepEqual(decide(asked(), 'a'), { kind: 'asking' });
    assert.notDeepEqual(decide(asked(), 'b'), { kind: 'asking' });
  });

  test('the hour’s logins are counted over all who ask, and the next one is put off', () => {
    let current: Introduction | undefined;
    for (const attempt of ['a', 'b']) {
      const decision = decide(current, attempt, noon, 10);
      assert.ok(decision.kind === 'ask', attempt);
      current = { ...decision.after, lease: undefined };
    }
    assert.deepEqual(decide(current, 'c', noon, 10), { kind: 'paced', until: noon + 20 * 60_000 });
    assert.equal(decide(current, 'c', noon + 20 * 60_000, 10).kind, 'ask');
    assert.equal(decide(current, 'c', noon, 3_600).kind, 'ask', 'a higher limit takes it');
  });
});

test('what its connection has seen of the hour puts the next one off too', () => {
  const decide = (logins: { since: number; count: number }) =>
    decideIntroduction(undefined, 'i', 'a', 10, noon, { logins });
  assert.deepEqual(decide({ since: noon, count: 4 }), { kind: 'paced', until: noon + 60 * 60_000 });
  assert.equal(decide({ since: noon, count: 1 }).kind, 'ask');
  assert.equal(decide({ since: noon - 60 * 60_000, count: 4 }).kind, 'ask', 'that hour is over');
  const known = decide({ since: noon, count: 1 });
  assert.ok(known.kind === 'ask');
  assert.equal(known.after.logins, undefined, 'the connection counts it');
});

describe('the end of an introduction', () => {
  test('names the connection, gives the lease back and forgets the failure before', () => {
    const failedBefore = { at: noon, attempt: 'z', code: 'x', detail: 'd' };
    const ended = endIntroduction({ ...asked(), lastFailure: failedBefore }, 'a', { connectionId: 'c' }, noon + 1);
    assert.equal(ended?.connectionId, 'c');
    assert.deepEqual([ended?.lease, ended?.lastFailure], [undefined, undefined]);
    assert.equal(ended?.logins, undefined, 'the connection counts them by now');
  });

  test('says why nothing was found, and keeps what an earlier one had found', () => {
    const how = { code: 'admin_action_required', detail: 'No.', members: { remedy: 'Approve the user.' } };
    const ended = endIntroduction({ ...asked(), connectionId: 'c' }, 'a', how, noon + 1);
    assert.deepEqual(ended?.lastFailure, { at: noon + 1, attempt: 'a', ...how });
    assert.deepEqual([ended?.lease, ended?.connectionId], [undefined, 'c']);
  });

  test('is not that of somebody whose lease was taken over', () => {
    const second = asked('b', noon + leaseMs, asked());
    assert.equal(endIntroduction(second, 'a', { connectionId: 'c' }, noon + leaseMs + 1), undefined);
    assert.equal(endIntroduction({ ...second, lease: undefined }, 'b', { connectionId: 'c' }, noon), undefined);
  });
});
