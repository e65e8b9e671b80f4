import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RefreshReport } from '../../../functions/core/ports.ts';
import { dueRefresh } from '../../support/due-refresh.ts';
import { stored } from '../../support/memory-ports.ts';
import { busy, dead, json, lostAfter, lostBefore, refused, type Turn, timedOut } from '../../support/token-server.ts';

test('a death is confirmed by a claim of its own, five seconds later', async () => {
  const { ports, atSalesforce, refresh } = await dueRefresh();
  atSalesforce.alive = false;
  assert.equal((await refresh()).outcome, 'reauthorization_required');
  const { requests } = ports.server;
  assert.equal(requests.length, 2);
  assert.ok((requests[1]?.at ?? 0) - (requests[0]?.at ?? 0) >= 5_000);
  const { status, cause, duties, nextRefreshAt, revision } = await stored(ports);
  assert.deepEqual([status, cause], ['reauthorization_required', 'revoked_or_unknown']);
  assert.equal(nextRefreshAt, (requests[1]?.at ?? 0) + 3_600_000, 'tried again after an hour');
  assert.equal(revision, 5, 'two claims and two refusals');
  assert.equal(Object.values(duties).filter(({ kind }) => kind === 'alert').length, 1);
});

test('a death that is not confirmed was none', async () => {
  const { ports, refresh } = await dueRefresh();
  ports.server.next('refresh', dead);
  assert.equal((await refresh()).outcome, 'refreshed');
  const { status, grant } = await stored(ports);
  assert.deepEqual([status, grant.deadSince, grant.failures], ['active', undefined, 0]);
});

test('a death with too little time to confirm is left to a later claim', async () => {
  const { ports, atSalesforce, refreshConnection, request } = await dueRefresh();
  atSalesforce.alive = false;
  const first = await ports.clock.run(refreshConnection(request(), () => 50_999));
  assert.equal(first.outcome, 'backing_off');
  assert.equal(ports.server.count('refresh'), 1);
  assert.equal((await stored(ports)).status, 'active');
  ports.clock.advance(5_000);
  assert.equal((await ports.clock.run(refreshConnection(request(), () => 50_999))).outcome, 'reauthorization_required');
});

const kept: [string, Turn, RefreshReport['outcome']][] = [
  ['busy', busy, 'backing_off'],
  ['an unknown code', refused('brand_new', 'whatever'), 'backing_off'],
  ['a rate limit', refused('rate_limit_exceeded', 'login rate exceeded', 429), 'backing_off'],
  ['our own misconfiguration', refused('invalid_client', 'invalid client credentials'), 'app_misconfigured'],
  ['an administrator’s matter', refused('invalid_grant', 'ip restricted'), 'admin_action_required'],
  ['a code’s error', refused('invalid_grant', 'expired authorization code'), 'backing_off'],
];
for (const [what, turn, outcome] of kept) {
  test(`${what} keeps the token and ends the lease`, async () => {
    const { ports, connection, refresh } = await dueRefresh();
    ports.server.next('refresh', turn);
    assert.equal((await refresh()).outcome, outcome);
    const { grant, nextRefreshAt, status } = await stored(ports);
    assert.notEqual(status, 'reauthorization_required');
    assert.deepEqual([grant.refreshToken, grant.lease, grant.attempts], [connection.grant.refreshToken, undefined, []]);
    assert.ok((nextRefreshAt ?? 0) > ports.clock.now());
    assert.equal((await refresh()).outcome === 'refreshed', false, 'a backoff was cut short');
    assert.equal(ports.server.count('refresh'), 1);
    ports.clock.advance(3_600_000);
    assert.equal((await refresh()).outcome, 'refreshed');
  });
}

const silent: [string, Turn][] = [
  ['a timeout', () => timedOut],
  ['an HTML page', () => ({ ...(json(503, {}) as Extract<ReturnType<typeof json>, { kind: 'answer' }>), status: 503 })],
  ['a 502 with JSON', refused('invalid_grant', 'expired access/refresh token', 502)],
];
for (const [what, turn] of silent) {
  test(`${what} ends neither lease nor attempt: nothing is sent until the lease has passed`, async () => {
    const { ports, refresh } = await dueRefresh();
    ports.server.next('refresh', turn);
    assert.equal((await refresh()).outcome, 'no_answer');
    const { grant } = await stored(ports);
    assert.equal(grant.attempts.length, 1);
    assert.equal(grant.lease?.attempt, grant.attempts[0]?.id);
    ports.clock.advance((grant.lease?.until ?? 0) - ports.clock.now() - 1);
    assert.equal((await refresh()).outcome, 'in_flight');
    assert.equal(ports.server.count('refresh'), 1);
    ports.clock.advance(3_600_000);
    assert.equal((await refresh()).outcome, 'refreshed');
    assert.deepEqual((await stored(ports)).grant.attempts, []);
  });
}

test('a response that was lost under rotation is found out and named', async () => {
  const { ports, refresh } = await dueRefresh({}, { grant: { rotates: true } });
  ports.server.rotation = true;
  ports.server.next('refresh', lostAfter);
  assert.equal((await refresh()).outcome, 'no_answer');
  ports.clock.advance(3_600_000);
  assert.equal((await refresh()).outcome, 'reauthorization_required');
  assert.equal((await stored(ports)).cause, 'lost_response');
});

test('a request that was lost on its way costs nothing', async () => {
  const { ports, refresh } = await dueRefresh({}, { grant: { rotates: true } });
  ports.server.rotation = true;
  ports.server.next('refresh', lostBefore);
  await refresh();
  ports.clock.advance(3_600_000);
  assert.equal((await refresh()).outcome, 'refreshed');
});
