import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs, isServable, nextRefreshAfterSuccess, sessionTimes } from '../../../functions/core/cadence.ts';
import { aGrant, noon } from '../../contract/items.ts';

const hour = 3_600_000;
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a session of two hours is refreshed after ninety minutes', () => {
  const times = { expiresAt: noon + 2 * hour, refreshAfter: noon + 1.5 * hour };
  assert.deepEqual(sessionTimes(noon, 2 * hour, noon + 500), times);
});

test('a token that should have ended before it came counts from when it came', () => {
  const late = noon + 2 * hour;
  assert.deepEqual(sessionTimes(noon, 2 * hour, late), { expiresAt: late + 2 * hour, refreshAfter: late + 1.5 * hour });
  assert.equal(sessionTimes(noon, 2 * hour, late - 120_000).expiresAt, late);
});

test('no success is followed by a look within its first minute', () => {
  const grant = { refreshedAt: noon, refreshAfter: noon - hour };
  assert.equal(nextRefreshAfterSuccess(grant, true, 0.5), noon + 60_000);
});

test('a connection in use is refreshed at three quarters of its session, up to a tenth earlier', () => {
  const grant = { refreshedAt: noon, refreshAfter: noon + 1.5 * hour };
  assert.equal(nextRefreshAfterSuccess(grant, true, 0), noon + 1.5 * hour);
  assert.equal(nextRefreshAfterSuccess(grant, true, 0.5), noon + 1.5 * hour - 0.075 * hour);
  fc.assert(
    fc.property(fraction, (value) => {
      const next = nextRefreshAfterSuccess(grant, true, value);
      assert.ok(next <= noon + 1.5 * hour && next >= noon + 1.35 * hour);
    }),
  );
});

test('an idle connection is refreshed once a day, up to a tenth earlier', () => {
  const grant = { refreshedAt: noon, refreshAfter: noon + 1.5 * hour };
  assert.equal(nextRefreshAfterSuccess(grant, false, 0), noon + 24 * hour);
  fc.assert(
    fc.property(fraction, (value) => {
      const next = nextRefreshAfterSuccess(grant, false, value);
      assert.ok(next <= noon + 24 * hour && next >= noon + 21.6 * hour);
    }),
  );
});

test('where the refresh token may idle for less than two days, half of that is sooner than a day', () => {
  const grant = { refreshedAt: noon, refreshAfter: noon + 18 * hour };
  assert.equal(nextRefreshAfterSuccess(grant, false, 0, 24 * hour), noon + 12 * hour);
  assert.equal(nextRefreshAfterSuccess(grant, false, 0.5, 24 * hour), noon + 11.4 * hour);
  assert.equal(nextRefreshAfterSuccess(grant, false, 0, 48 * hour), noon + 24 * hour);
  assert.equal(nextRefreshAfterSuccess(grant, false, 0, 30 * 24 * hour), noon + 24 * hour);
  assert.equal(nextRefreshAfterSuccess(grant, true, 0, 24 * hour), noon + 12 * hour, 'in use, of a long session');
  assert.equal(nextRefreshAfterSuccess(grant, true, 0, 48 * hour), noon + 18 * hour);
});

test('a backoff lies between a second and an hour, whatever failed how often', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fraction, (failures, value) => {
      const ms = backoffMs(failures, value);
      assert.ok(Number.isInteger(ms) && ms >= 1_000 && ms <= hour, String(ms));
    }),
  );
});

test('a backoff doubles its ceiling with each failure and draws from all of it', () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => backoffMs(failures, 0.5)),
    [5_000, 10_000, 20_000, 40_000],
  );
  assert.equal(backoffMs(1, 0), 1_000);
  assert.equal(backoffMs(9, 0.999), Math.floor(5_000 * 2 ** 9 * 0.999));
  assert.equal(backoffMs(10, 0.5), hour / 2);
  assert.equal(backoffMs(10_000, 0.5), hour / 2);
});

test('a token is handed out while it lives for more than a minute', () => {
  const grant = aGrant('g', { expiresAt: noon + hour });
  assert.equal(isServable(grant, noon + hour - 60_001), true);
  assert.equal(isServable(grant, noon + hour - 60_000), false);
  assert.equal(isServable(grant, noon + 2 * hour), false);
});

test('a rejected token is not handed out, its successor is', () => {
  assert.equal(isServable(aGrant('g', { refreshes: 3, rejectedRefreshes: 3 }), noon), false);
  assert.equal(isServable(aGrant('g', { refreshes: 4, rejectedRefreshes: 3 }), noon), true);
});
