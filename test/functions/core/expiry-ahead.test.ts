import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import {
  expiryAlertId,
  foreseeExpiry,
  noticeMsOf,
  tokenEndAt,
  tokenLimitsOf,
  warningOf,
} from '../../../functions/core/expiry-ahead.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import { aConnection, aGrant, anAlertDuty, noon } from '../../contract/items.ts';
import { anExpiringConnection, dayMs, failed, hourMs, minuteMs, warnings } from './an-expiring-connection.ts';

const month = { idleMs: 30 * dayMs };
/** As once the duty is done. */
const published = (one: Connection): Connection => ({ ...one, duties: {} });

describe('the ends of a refresh token', () => {
  it('are so long after its last use, and so long after its authorization', () => {
    const one = anExpiringConnection({ authorizedAt: noon - dayMs });
    const limits = { idleMs: hourMs, lifetimeMs: 2 * dayMs };
    assert.equal(tokenEndAt(one, aGrant('g', { refreshedAt: noon }), 'idle', limits), noon + hourMs);
    assert.equal(tokenEndAt(one, aGrant('g'), 'lifetime', limits), noon + dayMs);
  });

  it('are not known without a limit, and there is none without a refresh token', () => {
    for (const end of ['idle', 'lifetime'] as const) {
      assert.equal(tokenEndAt(anExpiringConnection(), aGrant('g'), end, {}), undefined);
      const bare = aGrant('g', { refreshToken: undefined });
      assert.equal(tokenEndAt(anExpiringConnection(), bare, end, { idleMs: 1, lifetimeMs: 1 }), undefined);
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
    anExpiringConnection(
      { nextRefreshAt, status: 'admin_action_required' },
      { failures: 30, lastFailure: failed('admin') },
    );

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
      const after = seen(anExpiringConnection({ ...late, ...change }, { failures: 1, lastFailure: failed('dead') }));
      assert.deepEqual([warnings(after), after.grant?.warned], [[], undefined]);
    }
    assert.equal(warnings(seen(anExpiringConnection(late, { failures: 1, lastFailure: failed('unknown') }))).length, 2);
  });

  it('takes back what was not published, and is warned anew if Salesforce was wrong', () => {
    const owed = seen(anExpiringConnection(late, { failures: 1, lastFailure: failed() }));
    const lastFailure = failed('dead');
    const verdict = seen({ ...owed, status: 'reauthorization_required', grant: { ...owed.grant!, lastFailure } });
    assert.deepEqual([warnings(verdict), verdict.grant?.warned], [[], undefined]);
    const alive = { ...verdict, status: 'active', grant: { ...verdict.grant!, lastFailure: undefined } } as const;
    assert.equal(warnings(seen(alive)).length, 2);
  });

  it('keeps the mark of what was published: it is not told twice', () => {
    const told = published(seen(anExpiringConnection(late, { failures: 1, lastFailure: failed() })));
    const verdict = seen({ ...told, status: 'reauthorization_required' });
    assert.deepEqual(verdict.grant?.warned, told.grant?.warned);
  });
});

describe('a warning of the lifetime', () => {
  const limits = { lifetimeMs: 90 * dayMs };
  const end = noon + 90 * dayMs;

  it('is found by the latest look before it, however well the connection works', () => {
    const working = (now: number, grant: Partial<Grant> = {}) =>
      foreseeExpiry(anExpiringConnection({ nextRefreshAt: now + dayMs }, { ...grant, refreshedAt: now }), limits, now);
    assert.deepEqual(warnings(working(end - 3 * dayMs - 1)), []);
    const [warning] = warnings(working(end - 3 * dayMs));
    assert.deepEqual([warning?.dueAt, warning?.cause], [end - 2 * dayMs, 'refresh_token_lifetime_limit']);
    // No use resets it.
    assert.deepEqual(warnings(working(end - dayMs, { warned: { lifetime: end } })), []);
  });

  it('goes with the grant: the next one has its own end', () => {
    const owed = foreseeExpiry(anExpiringConnection({ nextRefreshAt: end }), limits, end - 2 * dayMs);
    assert.equal(warnings(owed).length, 1);
    const renewed = { ...owed, authorizedAt: end - dayMs, nextRefreshAt: end, grant: aGrant('newer') };
    assert.deepEqual(warnings(foreseeExpiry(renewed, limits, end - dayMs)), []);
  });
});

describe('what is left alone', () => {
  it('is a connection with nothing to warn of, as it is', () => {
    const one = anExpiringConnection();
    assert.equal(foreseeExpiry(one, month, noon), one);
    assert.equal(foreseeExpiry(one, {}, noon), one);
    const gone = aConnection(1, { status: 'disconnected' }, { grant: undefined });
    assert.equal(foreseeExpiry(gone, month, noon), gone);
  });
});

describe('what a duty warns of', () => {
  const owed = foreseeExpiry(anExpiringConnection({ nextRefreshAt: noon + 40 * dayMs }), month, noon);
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
