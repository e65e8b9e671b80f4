import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LoginWindow, nextLoginAt, withLogin } from '../../../functions/core/login-window.ts';

const hourMs = 3_600_000;
const start = Date.UTC(2026, 10, 21, 12);
const usableOf = (loginsPerHour: number) => Math.floor(loginsPerHour * 0.9);

/** Logs in at each of these instants, or when the window lets it where that is later. */
function sentAt(loginsPerHour: number, wanted: readonly number[]): { sent: number[]; window: LoginWindow | undefined } {
  let window: LoginWindow | undefined;
  let now = start;
  const sent: number[] = [];
  for (const at of wanted) {
    now = Math.max(now, at);
    for (let waits = 0; nextLoginAt(window, loginsPerHour, now) > now; waits += 1) {
      assert.ok(waits < 20, 'the wait ends');
      now = nextLoginAt(window, loginsPerHour, now);
    }
    window = withLogin(window, now);
    sent.push(now);
  }
  return { sent, window };
}

/** The most in any 60 minutes, wherever they begin. */
function mostInAnHour(sent: readonly number[]): number {
  let from = 0;
  return sent.reduce((most, at, index) => {
    while ((sent[from] ?? at) <= at - hourMs) from += 1;
    return Math.max(most, index - from + 1);
  }, 0);
}

const eagerly = (count: number) => Array.from({ length: count }, () => start);

test('in no 60 minutes is more sent than nine tenths of the limit, wherever they begin', () => {
  const minutes = (min: number, max: number) => fc.integer({ min: min * 60_000, max: max * 60_000 });
  const step = fc.record({
    gapMs: fc.oneof(fc.nat(2_000), minutes(1, 15), minutes(45, 75), minutes(0, 150)),
    burst: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 60 })),
  });
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 60 }), fc.array(step, { maxLength: 12 }), (limit, steps) => {
      let at = start;
      const wanted = steps.flatMap(({ gapMs, burst }) => {
        at += gapMs;
        return Array.from({ length: burst }, () => at);
      });
      assert.ok(mostInAnHour(sentAt(limit, wanted).sent) <= usableOf(limit));
    }),
    { numRuns: 1_000 },
  );
});

test('who keeps asking gets a burst at once, then even steps, and never stands still for long', () => {
  for (const limit of [10, 37, 3_600]) {
    const usable = usableOf(limit);
    const { sent } = sentAt(limit, eagerly(usable * 3));
    const burst = sent.filter((at) => at === start).length;
    assert.ok(Math.abs(burst - usable / 2) <= 1, `${burst} of ${usable} at once`);
    assert.ok(mostInAnHour(sent) <= usable);
    const pauses = sent.slice(1).map((at, index) => at - (sent[index] ?? 0));
    const longest = Math.max(...pauses);
    assert.ok(
      longest <= (70 * 60_000) / (usable / 2) + 1,
      `the longest pause is ${longest} ms with a limit of ${limit}`,
    );
    const inThirdHour = sent.filter((at) => at >= start + 2 * hourMs && at < start + 3 * hourMs).length;
    assert.ok(inThirdHour >= Math.floor(usable * 0.4), `${inThirdHour} in the third hour`);
  }
});

test('a burst at the end of an hour counts for the next: the hour slides', () => {
  const late = start + 55 * 60_000;
  const burst = Array.from({ length: 16 }, () => late);
  const { sent, window } = sentAt(40, [start, ...burst]);
  assert.deepEqual(sent, [start, ...burst]);
  // An hour after the first login, the burst is five minutes old.
  const { sent: later } = sentAt(40, [start, ...burst, ...Array.from({ length: 19 }, () => start + hourMs + 60_000)]);
  assert.ok(later.filter((at) => at <= start + hourMs + 60_000).length < 17 + 19);
  assert.ok(mostInAnHour(later) <= 36);
  assert.ok(window !== undefined);
});

test('a calm user is never held up', () => {
  const calm = Array.from({ length: 200 }, (_, index) => start + index * 90 * 60_000);
  assert.deepEqual(sentAt(10, calm).sent, calm);
});

test('after an hour of rest all is free again', () => {
  const { window } = sentAt(10, eagerly(9));
  const rested = (window?.lastAt ?? 0) + 80 * 60_000;
  assert.equal(nextLoginAt(window, 10, rested), rested);
  const anew = withLogin(window, rested);
  assert.deepEqual([anew.count, anew.earlier], [1, undefined]);
});

test('what was sent an hour ago leaves the count, ten minutes at a time', () => {
  // Eighteen at once, and eighteen when half an hour has passed: the usable share of 40.
  const full = [...eagerly(18), ...Array.from({ length: 18 }, () => start + 1_800_000)].reduce<LoginWindow | undefined>(
    (window, at) => withLogin(window, at),
    undefined,
  );
  const next = nextLoginAt(full, 40, start + 1_800_000);
  assert.equal(next, start + 70 * 60_000);
  assert.equal(nextLoginAt(full, 40, next), next);
  assert.ok(nextLoginAt(full, 40, next - 1) > next - 1);
});

test('a lower limit counts at once, what was sent stays counted', () => {
  const { window } = sentAt(3_600, eagerly(100));
  assert.equal(nextLoginAt(window, 3_600, start), start);
  const at = nextLoginAt(window, 10, start);
  assert.ok(at >= start + hourMs && at <= start + 70 * 60_000);
});

test('a clock that ran ahead, and a window of an earlier release, keep nobody out for longer than is counted', () => {
  const ahead = withLogin({ since: start + 10 * hourMs, count: 500 }, start + 10 * hourMs);
  assert.ok(nextLoginAt(ahead, 100, start) <= start + 70 * 60_000);
  assert.equal(nextLoginAt({ since: start - 2 * hourMs, count: 3_240 }, 3_600, start), start);
  assert.equal(nextLoginAt({ since: start - 1_000, count: 3 }, 3_600, start), start);
});

test('it stays small, whatever happens', () => {
  const steps = Array.from({ length: 500 }, (_, index) => start + index * 61_000);
  let window: LoginWindow | undefined;
  for (const at of steps) {
    window = withLogin(window, at);
    assert.ok((window.earlier?.length ?? 0) <= 6);
    assert.notEqual(window.earlier?.at(-1), 0);
  }
  assert.ok(JSON.stringify(window).length < 120);
  assert.deepEqual(withLogin(undefined, start), { since: start, count: 1, lastAt: start });
});

test('where an app has no limit at all, one login is let through', () => {
  assert.equal(nextLoginAt(undefined, 1, start), start);
  assert.ok(nextLoginAt(withLogin(undefined, start), 1, start) > start);
});
