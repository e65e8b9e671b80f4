import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSystemClock } from '../../../functions/adapters/system-clock.ts';
import { createSystemRandom } from '../../../functions/adapters/system-random.ts';

describe("the system's randomness", () => {
  it('gives as many bytes as asked for, never the same', () => {
    const random = createSystemRandom();
    assert.equal(random.bytes(32).byteLength, 32);
    assert.notDeepEqual(random.bytes(32), random.bytes(32));
  });

  it('gives fractions from nought to below one, on both sides of the middle', () => {
    const random = createSystemRandom();
    const fractions = Array.from({ length: 1000 }, () => random.fraction());
    assert.ok(fractions.every((fraction) => fraction >= 0 && fraction < 1));
    // Each fails by chance once in 2^1000 runs.
    assert.ok(fractions.some((fraction) => fraction < 0.5));
    assert.ok(fractions.some((fraction) => fraction >= 0.5));
  });
});

describe("the system's clock", () => {
  it('tells milliseconds since the epoch, and waits', async () => {
    const clock = createSystemClock();
    const before = clock.now();
    await clock.wait(1);
    assert.ok(before > Date.UTC(2026, 0) && clock.now() >= before);
  });
});
