import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../functions/core/connection.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import {
  expiryAlertId,
  foreseeExpiry,
  noticeMsOf,
  tokenEndAt,
  tokenLimitsOf,
  tryBeforeIdleEnd,
  warningOf,
} from '../../../functions/core/expiry-ahead.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import { next, type RefreshEvent } from '../../../functions/core/refresh-machine.ts';
import { aConnection, aGrant, anAlertDuty, noon } from '../../contract/items.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const month = { idleMs: 30 * dayMs };

function connection(change: Partial<Connection> = {}, grant: Partial<Grant> = {}): Connection {
  return aConnection(1, {}, { nextRefreshAt: noon + hourMs, ...change, grant: aGrant('g', grant) });
}

const failed = (kind = 'transient') => ({ at: noon, class: kind, error: 'e', description: 'd' });
const warnings = ({ duties }: Connection) =>
  Object.values(duties).filter((duty) => duty.kind === 'alert' && duty.type === 'expiry_approaching') as AlertDuty[];
/** As once the duty is done. */
const published = (one: Connection): Connection => ({ ...one, duties: {} });

describe('the ends of a refresh token', () => {
  it('are so long after its last use, and so long after its authorization', () => {
    const one = connection({ authorizedAt: noon - dayMs });
    const limits = { idleMs: hourMs, lifetimeMs: 2 * dayMs };
    assert.equal(tokenEndAt(one, aGrant('g', { refreshedAt: noon }), 'idle', limits), noon + hourMs);
    assert.equal(tokenEndAt(one, aGrant('g'), 'lifetime', limits), noon + dayMs);
  });

  it('are not known without a limit, and there is none without a refresh token', () => {
    for (const end of ['idle', 'lifetime'] as const) {
      assert.equal(tokenEndAt(connection(), aGrant('g'), end, {}), undefined);
      const bare = aGrant('g', { refreshToken: undefined });
      assert.equal(tokenEndAt(connection(), bare, end, { idleMs: 1, lifetimeMs: 1 }), undefined);
    }
  });

  it('are told 48 hours before, or a quarter of the limit where that is less', () => {
    assert.deepEqual([hourMs, 2 * dayMs, 8 * dayMs - 4, 8 * dayMs, 90 * dayMs].map(noticeMsOf), [
      15 * minuteMs,
      12 * hourMs,
      2 * dayMs - 1,
      2 * dayMs,
      2 * dayMs,
    ]);
  });

  it('are stated by the configuration in days', () => {
    assert.deepEqual(tokenLimitsOf({ idleLimitDays: 0.25, lifetimeLimitDays: 90 }), {
      idleMs: 6 * hourMs,
      lifetimeMs: 90 * dayMs,
    });
    assert.deepEqual(tokenLimitsOf(undefined), { idleMs: undefined, lifetimeMs: undefined });
  });
});

describe('a warning of the idle limit', () => {
  const end = noon + 30 * dayMs;
  const noticeAt = end - 2 * dayMs;
  const failing = (nextRefreshAt: number) =>
    connection({ nextRefreshAt, status: 'admin_action_required' }, { failures: 30, lastFailure: failed('admin') });

  it('is owed by the look after which it would be too late, at its very instant', () => {
    assert.deepEqual(warnings(foreseeExpiry(failing(noticeAt - 1), month, noticeAt - dayMs)), []);
    const after = foreseeExpiry(failing(noticeAt), month, noticeAt - dayMs);
    const alertId = expiryAlertId(after.id, 'idle', end);
    assert.deepEqual(after.duties, {
      [`alert.${alertId}`]: {
        kind: 'alert',
        alertId,
        type: 'expiry_approaching',
        cause: 'refresh_token_idle_limit',
        since: noticeAt,
        dueAt: noticeAt,
        tries: 0,
      },
    });
    assert.deepEqual(after.grant?.warned, { idle: end });
  });

  it('is due at once where it is late, or nobody knows when it is looked at next', () => {
    const [late] = warnings(foreseeExpiry(failing(end), month, end - hourMs));
    assert.equal(late?.dueAt, end - hourMs);
    const [never] = warnings(foreseeExpiry({ ...failing(0), nextRefreshAt: undefined }, month, noon));
    assert.equal(never?.dueAt, noticeAt);
  });

  it('is owed once, also after it was published', () => {
    const first = foreseeExpiry(failing(noticeAt), month, noticeAt);
    assert.deepEqual(foreseeExpiry(first, month, noticeAt), first);
    for (const now of [noticeAt + hourMs, end, end + dayMs]) {
      assert.deepEqual(warnings(foreseeExpiry(published(first), month, now)), []);
    }
  });

  it('goes with the next success where it was not published, and the next one is owed again', () => {
    const first = foreseeExpiry(failing(noticeAt), month, noticeAt);
    const used: Connection = {
      ...first,
      status: 'active',
      nextRefreshAt: noticeAt + dayMs,
      duties: { ...first.duties, other: anAlertDuty(noon) },
      grant: { ...first.grant!, refreshedAt: noticeAt, failures: 0, lastFailure: undefined },
    };
    const after = foreseeExpiry(used, month, noticeAt);
    assert.deepEqual(Object.keys(after.duties), ['other']);
    assert.equal(after.grant?.warned, undefined);
    const again = foreseeExpiry({ ...after, nextRefreshAt: noticeAt + 28 * dayMs }, month, noticeAt + 27 * dayMs);
    assert.deepEqual(
      warnings(again).map(({ alertId }) => alertId),
      [expiryAlertId(again.id, 'idle', noticeAt + 30 * dayMs)],
    );
  });

  it('is that of the present limit: another one is another end, and none is none', () => {
    const first = foreseeExpiry(failing(noticeAt), month, noticeAt);
    const longer = foreseeExpiry(first, { idleMs: 31 * dayMs }, noticeAt);
    assert.deepEqual([warnings(longer), longer.grant?.warned], [[], undefined]);
    const none = foreseeExpiry(first, {}, noticeAt);
    assert.deepEqual([warnings(none), none.grant?.warned], [[], undefined]);
  });
});

describe('a dead connection', () => {
  const limits = { idleMs: 6 * hourMs, lifetimeMs: 6 * hourMs };
  const late = { nextRefreshAt: noon + 5 * hourMs };
  const seen = (one: Connection) => foreseeExpiry(one, limits, noon + 5 * hourMs);

  it('is not warned, nor one that was called dead once', () => {
    for (const change of [{ status: 'reauthorization_required' }, {}] as Partial<Connection>[]) {
      const after = seen(connection({ ...late, ...change }, { failures: 1, lastFailure: failed('dead') }));
      assert.deepEqual([warnings(after), after.grant?.warned], [[], undefined]);
    }
    assert.equal(warnings(seen(connection(late, { failures: 1, lastFailure: failed('unknown') }))).length, 2);
  });

  it('takes back what was not published, and is warned anew if Salesforce was wrong', () => {
    const owed = seen(connection(late, { failures: 1, lastFailure: failed() }));
    const lastFailure = failed('dead');
    const verdict = seen({ ...owed, status: 'reauthorization_required', grant: { ...owed.grant!, lastFailure } });
    assert.deepEqual([warnings(verdict), verdict.grant?.warned], [[], undefined]);
    const alive = { ...verdict, status: 'active', grant: { ...verdict.grant!, lastFailure: undefined } } as const;
    assert.equal(warnings(seen(alive)).length, 2);
  });

  it('keeps the mark of what was published: it is not told twice', () => {
    const told = published(seen(connection(late, { failures: 1, lastFailure: failed() })));
    const verdict = seen({ ...told, status: 'reauthorization_required' });
    assert.deepEqual(verdict.grant?.warned, told.grant?.warned);
  });
});

describe('a warning of the lifetime', () => {
  const limits = { lifetimeMs: 90 * dayMs };
  const end = noon + 90 * dayMs;

  it('is found by the latest look before it, however well the connection works', () => {
    const working = (now: number, grant: Partial<Grant> = {}) =>
      foreseeExpiry(connection({ nextRefreshAt: now + dayMs }, { ...grant, refreshedAt: now }), limits, now);
    assert.deepEqual(warnings(working(end - 3 * dayMs - 1)), []);
    const [warning] = warnings(working(end - 3 * dayMs));
    assert.deepEqual([warning?.dueAt, warning?.cause], [end - 2 * dayMs, 'refresh_token_lifetime_limit']);
    // No use resets it.
    assert.deepEqual(warnings(working(end - dayMs, { warned: { lifetime: end } })), []);
  });

  it('goes with the grant: the next one has its own end', () => {
    const owed = foreseeExpiry(connection({ nextRefreshAt: end }), limits, end - 2 * dayMs);
    assert.equal(warnings(owed).length, 1);
    const renewed = { ...owed, authorizedAt: end - dayMs, nextRefreshAt: end, grant: aGrant('newer') };
    assert.deepEqual(warnings(foreseeExpiry(renewed, limits, end - dayMs)), []);
  });
});

describe('what is left alone', () => {
  it('is a connection with nothing to warn of, as it is', () => {
    const one = connection();
    assert.equal(foreseeExpiry(one, month, noon), one);
    assert.equal(foreseeExpiry(one, {}, noon), one);
    const gone = aConnection(1, { status: 'disconnected' }, { grant: undefined });
    assert.equal(foreseeExpiry(gone, month, noon), gone);
  });
});

describe('a try before the idle limit', () => {
  const day = { idleMs: dayMs };
  const failing = (nextRefreshAt: number, grant: Partial<Grant> = {}) => connection({ nextRefreshAt }, grant);

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
    const never = connection({ nextRefreshAt: undefined });
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
    connectionId: connection().id,
    generation: { grantId: 'g', refreshes: 0 },
    reason: 'due',
  } as const;
  const attempt = { id: 'a', generation: request.generation, loginUrl: 'https://login.salesforce.com' };
  const limits = { idleMs: 6 * hourMs };
  const now = noon + 5 * hourMs;
  const claimed = () => {
    const asked = next(connection({ nextRefreshAt: noon }), { type: 'asked', request, attemptId: 'a' }, now, 0, limits);
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

describe('what a duty warns of', () => {
  const owed = foreseeExpiry(connection({ nextRefreshAt: noon + 40 * dayMs }), month, noon);
  const [duty] = warnings(owed) as [AlertDuty];

  it('is the end that it was owed for', () => {
    assert.deepEqual(warningOf(owed, duty), { end: 'idle', at: noon + 30 * dayMs });
  });

  it('is nothing once the token was used, replaced, disconnected or called dead', () => {
    const { grant } = owed;
    assert.equal(warningOf({ ...owed, grant: { ...grant!, warned: undefined } }, duty), undefined);
    assert.equal(warningOf({ ...owed, grant: { ...grant!, warned: { idle: noon } } }, duty), undefined);
    assert.equal(warningOf({ ...owed, grant: aGrant('newer') }, duty), undefined);
    assert.equal(warningOf({ ...owed, grant: undefined, status: 'disconnected' }, duty), undefined);
    assert.equal(warningOf({ ...owed, status: 'reauthorization_required' }, duty), undefined);
  });
});
