import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { counted, mayCount, touchFailed, touchUnanswered, withWatchDuty } from '../../../functions/core/touch-watch.ts';
import type { Watch } from '../../../functions/core/watch.ts';
import { noon, orgId } from '../../contract/items.ts';
import { anOrgWatch, minuteMs, windowMs } from '../../support/org-connections.ts';

const org = { app: 'crm', orgId: orgId(1) };
const touch = (watch: Watch | undefined, failingSince = noon, now = noon) =>
  touchFailed(watch, org, failingSince, windowMs, now);
/** As the first failure leaves it, its wave pulled. */
const touched = (): Watch => {
  const { after } = touch(undefined);
  return { ...after!, pull: { ...after!.pull!, waves: 1 } };
};

describe('a failure tells its org’s watch', () => {
  it('the first makes it, begins the first wave and owes the next look', () => {
    const { after, wave, judges } = touch(undefined);
    assert.deepEqual([after?.id, after?.failedAt, after?.activeAt], [`crm.${orgId(1)}`, noon, noon]);
    assert.deepEqual([wave?.size, after?.pull], [10, { since: noon, at: noon, waves: 0 }]);
    assert.equal(after?.duties.watch?.dueAt, noon + 50_000);
    assert.equal(judges, true);
  });

  it('another of the same seconds writes nothing, and counts all the same', () => {
    assert.deepEqual(touch(touched(), noon + 14_999, noon + 14_999), { judges: true });
  });

  it('one a quarter of a minute later is news', () => {
    const { after } = touch(touched(), noon + 15_000, noon + 15_000);
    assert.equal(after?.failedAt, noon + 15_000);
  });

  it('owes the look where it had ended, however fresh the news', () => {
    assert.ok(touch({ ...touched(), duties: {} }, noon + 1, noon + 1).after?.duties.watch);
  });

  it('that is swept late moves nothing back', () => {
    const { after } = touch({ ...touched(), duties: {} }, noon - minuteMs, noon + minuteMs);
    assert.equal(after?.failedAt, noon);
  });

  it('takes over the first wave of a process that died in it', () => {
    const dying = touch(undefined).after;
    assert.equal(touch(dying, noon + 49_999, noon + 49_999).wave, undefined);
    assert.equal(touch(dying, noon + 50_000, noon + 50_000).wave?.size, 10);
  });

  it('begins no other wave within the window, and one after it', () => {
    assert.equal(touch(touched(), noon + windowMs - 1, noon + windowMs - 1).wave, undefined);
    assert.equal(touch(touched(), noon + windowMs, noon + windowMs).wave?.size, 10);
  });

  it('leaves counting to the minute’s look while an incident is open', () => {
    const incident = { id: 'i' } as NonNullable<Watch['incident']>;
    assert.equal(touch({ ...touched(), incident }).judges, false);
  });

  it('of a large org that was counted just now leaves it to the next look', () => {
    const large = { ...touched(), looked: 1_000, judgedAt: noon };
    assert.equal(touch(large, noon + 1, noon + 19_999).judges, false);
    const later = touch(large, noon + 1, noon + 20_000);
    assert.deepEqual([later.judges, later.after?.judgedAt], [true, noon + 20_000]);
  });
});

it('small orgs are counted at each failure, and keep no record of it', () => {
  assert.equal(mayCount({ judgedAt: noon, looked: 100 }, noon), true);
  assert.equal(mayCount({ judgedAt: noon, looked: 101 }, noon + 2_019), false);
  assert.equal(mayCount({ judgedAt: noon, looked: 101 }, noon + 2_020), true);
  const small = anOrgWatch();
  assert.equal(counted(small, 100, noon), small);
  assert.deepEqual([counted(small, 101, noon).looked, counted(small, 101, noon).judgedAt], [101, noon]);
});

it('that Salesforce does not answer is written once in five minutes', () => {
  const first = touchUnanswered(undefined, org, noon);
  assert.equal(first?.unansweredAt, noon);
  assert.equal(touchUnanswered(first, org, noon + 5 * minuteMs - 1), undefined);
  assert.equal(touchUnanswered(first, org, noon + 5 * minuteMs)?.unansweredAt, noon + 5 * minuteMs);
});

it('news renews the look, and puts it off no further', () => {
  const duties = withWatchDuty({}, noon);
  assert.deepEqual(withWatchDuty(duties, noon + 30_000).watch, { ...duties.watch, since: noon + 30_000 });
});
