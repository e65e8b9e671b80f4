/** How many of an org's connections fail, of how many that say something of now. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { tallyOrg } from '../../../functions/core/org-tally.ts';

const minuteMs = 60_000;
const windowMs = 15 * minuteMs;
const now = Date.UTC(2026, 10, 21, 12);

function connections(count: number, minutesAgo: number, fails: boolean): Connection[] {
  const at = now - minutesAgo * minuteMs;
  return Array.from({ length: count }, (_, index) => {
    const grant = { refreshedAt: fails ? now - 60 * minuteMs : at };
    const id = `crm.${minutesAgo}.${fails}.${index}`;
    return { id, status: 'active', grant, ...(fails ? { failingSince: at } : {}) } as unknown as Connection;
  });
}

test('what failed before the last incident was over makes no other', () => {
  const failed = connections(4, 5, true);
  assert.equal(tallyOrg(failed, windowMs, now).failed, 4);
  const { failed: anew, failing, tried } = tallyOrg(failed, windowMs, now, now - 2 * minuteMs);
  assert.deepEqual([anew, failing.length, tried], [0, 0, 0]);
});

test('what fails after it counts', () => {
  const all = [...connections(4, 5, true), ...connections(3, 1, true)];
  assert.equal(tallyOrg(all, windowMs, now, now - 2 * minuteMs).failed, 3);
});

test('where most of those tried since the first failure fail, those refreshed before do not count', () => {
  const before = connections(300, 8, false);
  const dead = [...before, ...connections(10, 3, true), ...connections(4, 2, false)];
  const { failed, tried, size } = tallyOrg(dead, windowMs, now);
  assert.deepEqual({ failed, tried, size }, { failed: 10, tried: 14, size: 314 });
});

test('where few were tried since, or most of them work, all of the window count', () => {
  const before = connections(300, 8, false);
  assert.equal(tallyOrg([...before, ...connections(9, 3, true)], windowMs, now).tried, 309);
  const alive = [...before, ...connections(7, 3, true), ...connections(7, 2, false)];
  assert.equal(tallyOrg(alive, windowMs, now).tried, 314);
});
