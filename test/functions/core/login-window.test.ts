import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  joinedWindows,
  type LoginWindow,
  nextLoginAt,
  windowAt,
  withLogin,
} from '../../../functions/core/login-window.ts';
import { noon } from '../../contract/items.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** The instants at which somebody logs in who wants to after each of these pauses, and waits where it must. */
function loginsAfter(pauses: readonly number[], loginsPerHour: number): number[] {
  const instants: number[] = [];
  let window: LoginWindow | undefined;
  let now = noon;
  for (const pause of pauses) {
    now = Math.max(now + pause, nextLoginAt(window, loginsPerHour, now + pause));
    window = withLogin(window, now);
    instants.push(now);
  }
  return instants;
}

/** The most that fell into any sixty minutes, both ends included. */
function mostInAnHour(instants: readonly number[]): number {
  let first = 0;
  return instants.reduce((most, instant, index) => {
    while (instant - (instants[first] ?? 0) > hourMs) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}

const limits = fc.integer({ min: 10, max: 60 });
const pauses = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: minuteMs }), fc.integer({ min: 0, max: 2 * hourMs })),
  { maxLength: 300 },
);

test('in any sixty minutes there are never more logins than nine tenths of what Salesforce takes', () => {
  fc.assert(
    fc.property(limits, pauses, (limit, some) => {
      const most = mostInAnHour(loginsAfter(some, limit));
      assert.ok(most <= Math.floor(limit * 0.9), `${most} of ${limit}`);
    }),
    { numRuns: 500 },
  );
});

test('neither are there for somebody who always wants to, whatever the limit', () => {
  for (const limit of [10, 11, 100, 3_600]) {
    const most = mostInAnHour(loginsAfter(Array(limit * 5).fill(0), limit));
    assert.ok(most <= Math.floor(limit * 0.9), `${most} of ${limit}`);
    assert.ok(most >= Math.floor(limit * 0.4), `and it is not starved: ${most} of ${limit}`);
  }
});

test('a burst across the end of an hour is no way around it', () => {
  const patient = [0, ...Array(1_000).fill(hourMs - 1), ...Array(50).fill(0)];
  assert.ok(mostInAnHour(loginsAfter(patient, 20)) <= 18);
});

test('the first quarter of an hour’s share is free, at any pace', () => {
  fc.assert(
    fc.property(limits, (limit) => {
      let window: LoginWindow | undefined;
      for (let count = 0; count < Math.floor((limit * 0.9) / 4); count += 1) {
        assert.equal(nextLoginAt(window, limit, noon), noon, `login ${count + 1} of ${limit}`);
        window = withLogin(window, noon);
      }
    }),
  );
});

test('what comes then waits for its step, later ones longer, none longer than the hour', () => {
  let window: LoginWindow | undefined;
  const waits = Array.from({ length: 5 }, () => {
    const at = nextLoginAt(window, 10, noon);
    window = withLogin(window, noon);
    return (at - noon) / minuteMs;
  });
  assert.deepEqual(waits, [0, 0, 20, 40, 60]);
});

test('who comes later than its step waits for nothing', () => {
  const window = { since: noon, count: 2 };
  assert.equal(nextLoginAt(window, 10, noon + 20 * minuteMs - 1), noon + 20 * minuteMs);
  assert.equal(nextLoginAt(window, 10, noon + 25 * minuteMs), noon + 25 * minuteMs);
});

test('after an hour a new one begins, not a millisecond sooner', () => {
  const window = { since: noon, count: 7 };
  assert.deepEqual(windowAt(window, noon + hourMs - 1), window);
  assert.deepEqual(windowAt(window, noon + hourMs), { since: noon + hourMs, count: 0 });
  assert.deepEqual(windowAt(undefined, noon), { since: noon, count: 0 });
  assert.deepEqual(withLogin(window, noon + hourMs), { since: noon + hourMs, count: 1 });
  assert.deepEqual(withLogin(window, noon + 1), { since: noon, count: 8 });
});

test('two counts of one user are one, until the later of their hours ends; an hour that is over counts no more', () => {
  const other = { since: noon + minuteMs, count: 2 };
  assert.deepEqual(joinedWindows({ since: noon, count: 3 }, other, noon + minuteMs), {
    since: noon + minuteMs,
    count: 5,
  });
  assert.deepEqual(joinedWindows({ since: noon + 2 * minuteMs, count: 3 }, other, noon + 2 * minuteMs), {
    since: noon + 2 * minuteMs,
    count: 5,
  });
  assert.deepEqual(joinedWindows({ since: noon, count: 3 }, other, noon + hourMs), other);
  assert.deepEqual(joinedWindows(undefined, other, noon + minuteMs), other);
});

test('one login is always left, however few are taken', () => {
  assert.equal(nextLoginAt(undefined, 1, noon), noon);
  assert.equal(nextLoginAt({ since: noon, count: 1 }, 1, noon), noon + hourMs);
});
