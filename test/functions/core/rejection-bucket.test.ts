import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { problems } from '../../../functions/core/problem.ts';
import {
  type RejectionBucket,
  refreshLimited,
  rejectionEveryMs,
  rejectionsAtOnce,
  take,
} from '../../../functions/core/rejection-bucket.ts';
import { noon } from '../../contract/items.ts';

/** @returns the bucket after `count` draws at one instant, all granted */
function drawn(count: number, bucket?: RejectionBucket, now = noon): RejectionBucket {
  let current = bucket;
  for (let n = 0; n < count; n += 1) {
    const draw = take(current, now);
    assert.ok(draw.kind === 'ok', `draw ${n + 1} of ${count}`);
    current = draw.bucket;
  }
  return current!;
}

test('a new connection takes sixty rejections at once and not one more', () => {
  const empty = drawn(60);
  assert.deepEqual(empty, { left: 0, at: noon });
  assert.deepEqual(take(empty, noon), { kind: 'limited', retryAfterSeconds: 60 });
});

test('an empty bucket gives one a minute, and says when', () => {
  const empty = drawn(60);
  assert.deepEqual(take(empty, noon + 59_999), { kind: 'limited', retryAfterSeconds: 1 });
  assert.deepEqual(take(empty, noon + 60_000), { kind: 'ok', bucket: { left: 0, at: noon + 60_000 } });
  assert.deepEqual(take(empty, noon + 90_000), { kind: 'ok', bucket: { left: 0, at: noon + 60_000 } });
});

test('the rest of a minute is not lost by drawing', () => {
  const later = take(drawn(60), noon + 90_000);
  assert.ok(later.kind === 'ok');
  assert.deepEqual(take(later.bucket, noon + 119_000), { kind: 'limited', retryAfterSeconds: 1 });
  assert.equal(take(later.bucket, noon + 120_000).kind, 'ok');
});

test('it fills up to sixty and no further', () => {
  const rested = drawn(60, drawn(60), noon + 7 * 24 * 3_600_000);
  assert.equal(take(rested, noon + 7 * 24 * 3_600_000).kind, 'limited');
});

test('a clock that went back neither gives nor takes', () => {
  const half = drawn(30);
  assert.deepEqual(take(half, noon - 3_600_000), { kind: 'ok', bucket: { left: 29, at: noon } });
});

test('in no stretch of time are more granted than sixty and one for each minute of it', () => {
  const waits = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(waits, fc.boolean(), (gaps, hasty) => {
      let bucket: RejectionBucket | undefined;
      let now = noon;
      let granted = 0;
      for (const gap of gaps) {
        now += hasty ? Math.floor(gap / 100) : gap;
        const draw = take(bucket, now);
        if (draw.kind === 'ok') {
          granted += 1;
          bucket = draw.bucket;
          assert.ok(bucket.left >= 0 && bucket.left < rejectionsAtOnce);
        } else {
          assert.ok(draw.retryAfterSeconds >= 1 && draw.retryAfterSeconds <= 60);
          assert.equal(take(bucket, now + draw.retryAfterSeconds * 1_000).kind, 'ok');
        }
        assert.ok(granted <= rejectionsAtOnce + (now - noon) / rejectionEveryMs);
      }
    }),
  );
});

test('who is limited reads why, and when to ask again', () => {
  const problem = refreshLimited('crm.00D.005', 42);
  assert.equal(problems[problem.code].status, 429);
  assert.equal(problem.retryAfterSeconds, 42);
  assert.match(problem.detail, /crm\.00D\.005.*60 times.*42 s/);
});
