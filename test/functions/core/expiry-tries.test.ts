import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { foreseeExpiry, tryBeforeIdleEnd } from '../../../functions/core/expiry-ahead.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import { next, type RefreshEvent } from '../../../functions/core/refresh-machine.ts';
import { aGrant, noon } from '../../contract/items.ts';
import { anExpiringConnection, dayMs, failed, hourMs, minuteMs, warnings } from './an-expiring-connection.ts';

describe('a try before the idle limit', () => {
  const day = { idleMs: dayMs };
  const failing = (nextRefreshAt: number, grant: Partial<Grant> = {}) => anExpiringConnection({ nextRefreshAt }, grant);

  it('comes at half the time that is left, where the next one would be later', () => {
    assert.equal(
      tryBeforeIdleEnd(failing(noon + 2 * dayMs), day, noon + 12 * hourMs).nextRefreshAt,
      noon + 18 * hourMs,
    );
    const soon = failing(noon + 18 * hourMs);
    assert.equal(tryBeforeIdleEnd(soon, day, noon + 12 * hourMs), soon);
  });

  it('is never nearer than a minute, and none is brought forward after the end', () => {
    const late = failing(noon + 2 * dayMs);
    assert.equal(tryBeforeIdleEnd(late, day, noon + dayMs - 2_000).nextRefreshAt, noon + dayMs - 2_000 + minuteMs);
    assert.equal(tryBeforeIdleEnd(late, day, noon + dayMs), late);
  });

  it('waits for a lease that lives', () => {
    const lease = { attempt: 'a', until: noon + 13 * hourMs };
    const claimed = failing(noon + 2 * dayMs, { lease, refreshedAt: noon - 11 * hourMs });
    assert.equal(tryBeforeIdleEnd(claimed, day, noon + 12 * hourMs).nextRefreshAt, lease.until);
  });

  it('is not for the dead, nor for one that is never looked at, nor without a limit', () => {
    const dead = failing(noon + 9 * dayMs, { lastFailure: failed('dead') });
    assert.equal(tryBeforeIdleEnd(dead, day, noon), dead);
    const never = anExpiringConnection({ nextRefreshAt: undefined });
    assert.equal(tryBeforeIdleEnd(never, day, noon), never);
    const free = failing(noon + 9 * dayMs);
    assert.equal(tryBeforeIdleEnd(free, {}, noon), free);
  });

  it('leaves a healthy keep-alive of any limit as it is planned: at half the limit, or within a day', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 * 400 }),
        fc.double({ min: 0.9, max: 1, noNaN: true }),
        (hours, share) => {
          const limits = { idleMs: hours * hourMs };
          const nextRefreshAt = noon + Math.floor(Math.min(dayMs, limits.idleMs / 2) * share);
          const one = failing(nextRefreshAt);
          assert.equal(tryBeforeIdleEnd(one, limits, noon), one);
          assert.equal(foreseeExpiry(one, limits, noon), one);
        },
      ),
    );
  });
});

describe('the refresh machine', () => {
  const request = {
    version: 1,
    connectionId: anExpiringConnection().id,
    generation: { grantId: 'g', refreshes: 0 },
    reason: 'due',
  } as const;
  const attempt = { id: 'a', generation: request.generation, loginUrl: 'https://login.salesforce.com' };
  const limits = { idleMs: 6 * hourMs };
  const now = noon + 5 * hourMs;
  const claimed = () => {
    const asked = next(
      anExpiringConnection({ nextRefreshAt: noon }),
      { type: 'asked', request, attemptId: 'a' },
      now,
      0,
      limits,
    );
    assert.ok(asked.kind === 'write');
    return asked.after;
  };
  const made = { ...aGrant('g'), refreshToken: 'newer', rotated: true, identityChanged: false };

  it('warns of nothing by a claim, whose outcome is not known yet', () => {
    assert.deepEqual(warnings(claimed()), []);
  });

  it('warns, and tries again in time, by a refusal, by silence, and not by a claim that was given back in time', () => {
    const refusal = { class: 'admin', error: 'inactive_org', description: '' } as const;
    const events: RefreshEvent[] = [
      { type: 'refused', attempt, refusal, alertId: 'x' },
      { type: 'unanswered', attempt, reason: 'timeout' },
    ];
    for (const event of events) {
      const after = next(claimed(), event, now, 0, limits);
      assert.ok(after.kind === 'write');
      assert.equal(warnings(after.after).length, 1, event.type);
      assert.ok(after.after.nextRefreshAt! <= noon + 5.5 * hourMs, event.type);
    }
    const back = next(claimed(), { type: 'not_sent', attemptId: 'a', nextRefreshAt: noon }, now, 0, limits);
    assert.ok(back.kind === 'write');
    assert.deepEqual([warnings(back.after), back.after.nextRefreshAt], [[], noon]);
  });

  it('plans a success, and what was rescued of one, at half the limit with its jitter', () => {
    for (const [fraction, at] of [
      [0, 3],
      [0.5, 2.85],
    ] as const) {
      const answered = next(claimed(), { type: 'answered', attempt, made }, now, fraction, limits);
      const rescued = next(claimed(), { type: 'rescued', attempt, made, attemptId: 'b' }, now, fraction, limits);
      for (const transition of [answered, rescued]) {
        assert.ok(transition.kind === 'write');
        assert.equal(transition.after.nextRefreshAt, now + at * hourMs);
        assert.deepEqual(warnings(transition.after), []);
      }
    }
  });
});
