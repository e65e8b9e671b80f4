import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeExpiryAlert } from '../../../functions/core/compose-expiry-alert.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import { inWords } from '../../../functions/core/duration-words.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import { foreseeExpiry } from '../../../functions/core/expiry-ahead.ts';
import type { Failure, Grant } from '../../../functions/core/grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function warned(end: 'idle' | 'lifetime', grant: Partial<Grant> = {}) {
  const limits = end === 'idle' ? { idleMs: 30 * dayMs } : { lifetimeMs: 90 * dayMs };
  const bare = aConnection(1, {}, { grant: aGrant('g', { refreshes: 7, ...grant }) });
  const connection = foreseeExpiry(bare, limits, noon);
  const [duty] = Object.values(connection.duties) as AlertDuty[];
  return { connection, duty: duty!, alert: composeExpiryAlert(connection, duty!)! };
}

const failure = (kind: string, error: string, description = ''): Failure => ({
  at: noon + 27 * dayMs,
  class: kind,
  error,
  description,
});

test('the idle limit is told with what was last well, what failed since, the limit and its instant', () => {
  const lastFailure = failure('admin', 'inactive_org', 'the org is locked');
  const { alert, connection } = warned('idle', { failures: 41, lastFailure });
  assert.deepEqual(
    [alert.id, alert.type, alert.severity, alert.cause],
    [`${connection.id}.idle.${noon + 30 * dayMs}`, 'expiry_approaching', 'warning', 'refresh_token_idle_limit'],
  );
  assert.deepEqual([alert.app, alert.org_id, alert.connection_ids], ['crm', connection.orgId, [connection.id]]);
  assert.equal(alert.opened_at, '2026-12-19T12:00:00.000Z');
  assert.match(alert.summary, /refreshes fail.*That is at 2026-12-21T12:00:00\.000Z\.$/);
  assert.deepEqual(alert.evidence, [
    'The last refresh that succeeded was at 2026-11-21T12:00:00.000Z; the configuration states a limit of 30 days (apps.crm.idleLimitDays).',
    'Since then 41 in a row failed, the last at 2026-12-18T12:00:00.000Z: inactive_org: the org is locked.',
  ]);
  assert.deepEqual(alert.counts, { connections: 1, hours_left: 48 });
});

test('what is to be mended is what the failure says, and nothing is to be authorized yet', () => {
  const remedies = [
    [failure('admin', 'inactive_org'), /^Reactivate the org/],
    [failure('operator', 'invalid_client'), /Secrets Manager/],
    [failure('transient', 'no_answer', 'timeout'), /^It is tried again by itself.*status\.salesforce\.com/],
    [failure('busy', 'invalid_grant', 'token request is already being processed'), /^It is tried again by itself/],
    [failure('unknown', 'never_heard_of'), /Salesforce Help/],
    [undefined, /app_misconfigured/],
  ] as const;
  for (const [lastFailure, remedy] of remedies) {
    const { alert } = warned('idle', { failures: 3, lastFailure });
    assert.match(alert.remedy, remedy);
    assert.match(alert.remedy, /Nothing is to be authorized yet/);
  }
});

test('a token that was never refreshed, or whose refresh waits for its app, is told so', () => {
  const { alert } = warned('idle', { refreshes: 0 });
  assert.match(alert.evidence[0] ?? '', /^It was authorized at .*, and not refreshed since;/);
  assert.match(alert.evidence[1] ?? '', /^Since then no refresh was sent/);
});

test('the lifetime is told to whoever can ask the user to authorize again', () => {
  const { alert, connection } = warned('lifetime');
  assert.deepEqual(
    [alert.id, alert.cause],
    [`${connection.id}.lifetime.${noon + 90 * dayMs}`, 'refresh_token_lifetime_limit'],
  );
  assert.deepEqual(alert.evidence, [
    'It was authorized at 2026-11-21T12:00:00.000Z; the configuration states a limit of 90 days (apps.crm.lifetimeLimitDays).',
  ]);
  assert.match(alert.remedy, /POST \/connect-sessions with reauthorize/);
  const failing = warned('lifetime', { failures: 1, lastFailure: failure('unknown', 'odd') }).alert;
  assert.match(failing.evidence[1] ?? '', /odd\.$/);
});

test('nothing is told of a token that was used or replaced meanwhile, or is dead', () => {
  const { connection, duty } = warned('idle');
  const gone: readonly Connection[] = [
    { ...connection, grant: { ...connection.grant!, warned: undefined } },
    { ...connection, grant: aGrant('newer') },
    { ...connection, status: 'reauthorization_required' },
    { ...connection, status: 'disconnected', grant: undefined },
  ];
  for (const one of gone) assert.equal(composeExpiryAlert(one, duty), undefined);
});

test('a time is told in hours below three days, and in days from then on', () => {
  assert.deepEqual([-1, 0, hourMs - 1, hourMs, 47 * hourMs, 72 * hourMs - 1, 72 * hourMs, 30 * dayMs].map(inWords), [
    '0 hours',
    '0 hours',
    '0 hours',
    '1 hour',
    '47 hours',
    '71 hours',
    '3 days',
    '30 days',
  ]);
});
