import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ada,
  assertRefused,
  callLimits,
  connect,
  expiredToken,
  get,
  minuteMs,
  publicApp,
  refresh,
  simulate,
  tokensOf,
} from './client.ts';

/** A wait that ends when the test says so. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits: number[] = [];
  const wait = (ms: number) => {
    waits.push(ms);
    return promise;
  };
  return { wait, waits, open: resolve };
}

describe('a refresh', () => {
  it('answers a new access token and no refresh token while rotation is off', async () => {
    const { simulator } = simulate();
    const { access, refresh: token } = await connect(simulator);
    const { status, body } = await refresh(simulator, token);
    assert.equal(status, 200);
    assert.notEqual(body.access_token, access);
    assert.equal('refresh_token' in body, false);
    assert.equal(await callLimits(simulator, String(body.access_token)), 200);
    assert.equal(await callLimits(simulator, access), 200);
    assert.deepEqual(pick(simulator.books.grants()[0]), { refreshes: 1, useCount: 1 });
  });

  it('ends the earlier access token where the switch says so', async () => {
    const { simulator } = simulate({ switches: { refreshEndsOldAccessToken: true } });
    const { access, refresh: token } = await connect(simulator);
    const next = tokensOf(await refresh(simulator, token));
    assert.equal(await callLimits(simulator, access), 401);
    assert.equal(await callLimits(simulator, next.access), 200);
  });

  it('counts failed use too', async () => {
    const { simulator, clock } = simulate();
    const { refresh: token } = await connect(simulator);
    simulator.switches.busy = true;
    clock.advance(minuteMs);
    assertRefused(await refresh(simulator, token), 'invalid_grant', 'token request is already being processed');
    assert.deepEqual(pick(simulator.books.grants()[0]), { refreshes: 0, useCount: 1 });
    assert.equal(simulator.books.grants()[0]?.lastUsedAt, clock.ms);
  });

  it('is refused to another app, an unknown token and a deactivated user', async () => {
    const { simulator } = simulate();
    const { refresh: token } = await connect(simulator);
    const { refresh: foreign } = await connect(simulator, { clientId: publicApp.clientId });
    assertRefused(await refresh(simulator, foreign), ...expiredToken);
    assertRefused(await refresh(simulator, 'unknown'), ...expiredToken);
    assertRefused(
      await refresh(simulator, token, { client_secret: 'x' }),
      'invalid_client',
      'invalid client credentials',
    );
    simulator.deactivateUser(ada.id);
    assertRefused(await refresh(simulator, token), 'invalid_grant', 'inactive user');
    simulator.books.reactivateUser(ada.id);
    assert.equal((await refresh(simulator, token)).status, 200);
  });

  it('answers the same for a grant that an administrator revoked', async () => {
    const { simulator } = simulate();
    const { access, refresh: token } = await connect(simulator);
    assert.equal(simulator.revokeGrant('grant-1'), true);
    assert.equal(simulator.revokeGrant('grant-1'), false);
    assertRefused(await refresh(simulator, token), ...expiredToken);
    assert.equal(await callLimits(simulator, access), 401);
    assert.equal(simulator.books.grants()[0]?.endedBy, 'admin');
  });
});

describe('rotation', () => {
  it('gives a new refresh token, of which the next refresh gives another', async () => {
    const { simulator } = simulate({ switches: { rotation: true } });
    const first = await connect(simulator);
    const second = tokensOf(await refresh(simulator, first.refresh));
    const third = tokensOf(await refresh(simulator, second.refresh));
    assert.equal(new Set([first.refresh, second.refresh, third.refresh]).size, 3);
    assert.deepEqual(
      [first, second, third].map(({ refresh: token }) => simulator.books.isLiveRefreshToken(token)),
      [false, false, true],
    );
    assert.equal(simulator.books.grantOfRefreshToken(first.refresh)?.id, 'grant-1');
    assert.equal(simulator.books.grants().length, 1);
  });

  it('kills the grant with its access tokens on a replay', async () => {
    const { simulator } = simulate({ switches: { rotation: true } });
    const first = await connect(simulator);
    const second = tokensOf(await refresh(simulator, first.refresh));
    assertRefused(await refresh(simulator, first.refresh), ...expiredToken);
    assertRefused(await refresh(simulator, second.refresh), ...expiredToken);
    assert.equal(await callLimits(simulator, second.access), 401);
    assert.equal(simulator.books.grants()[0]?.endedBy, 'replay');
  });

  it('only refuses a replay where the switch says so', async () => {
    const { simulator } = simulate({ switches: { rotation: true, replay: 'reject' } });
    const first = await connect(simulator);
    const second = tokensOf(await refresh(simulator, first.refresh));
    assertRefused(await refresh(simulator, first.refresh), ...expiredToken);
    assert.equal(await callLimits(simulator, second.access), 200);
    assert.equal((await refresh(simulator, second.refresh)).status, 200);
  });
});

describe('two refreshes of one token at once', () => {
  it('refuse the second while the first is processed, and neither afterwards', async () => {
    const { wait, waits, open } = gate();
    const { simulator } = simulate({ wait });
    const { refresh: token } = await connect(simulator);
    simulator.switches.slowMs = 5_000;
    const winner = refresh(simulator, token);
    assertRefused(await refresh(simulator, token), 'invalid_grant', 'token request is already being processed');
    open();
    assert.equal((await winner).status, 200);
    assert.equal((await refresh(simulator, token)).status, 200);
    assert.deepEqual(waits, [5_000, 5_000]);
  });

  it('do not disturb the refresh of another token', async () => {
    const { wait, open } = gate();
    const { simulator } = simulate({ wait });
    const [one, other] = [await connect(simulator), await connect(simulator)];
    simulator.switches.slowMs = 1;
    const both = [refresh(simulator, one.refresh), refresh(simulator, other.refresh)];
    open();
    assert.deepEqual(
      (await Promise.all(both)).map(({ status }) => status),
      [200, 200],
    );
  });

  it('kill the grant under rotation where the switch says so', async () => {
    const { wait, open } = gate();
    const { simulator } = simulate({ wait, switches: { rotation: true, raceLoserKills: true } });
    const { refresh: token } = await connect(simulator);
    simulator.switches.slowMs = 1;
    const winner = refresh(simulator, token);
    assertRefused(await refresh(simulator, token), 'invalid_grant', 'token request is already being processed');
    open();
    assertRefused(await winner, ...expiredToken);
    assert.equal(simulator.books.liveGrants().length, 0);
  });
});

describe('a session', () => {
  it('ends after its idle time, and use extends it', async () => {
    const { simulator, clock } = simulate();
    const { access } = await connect(simulator);
    clock.advance(120 * minuteMs - 1);
    assert.equal(await callLimits(simulator, access), 200);
    clock.advance(120 * minuteMs - 1);
    assert.equal(await callLimits(simulator, access), 200);
    clock.advance(120 * minuteMs);
    const response = await get(simulator, '/services/data/v62.0/limits', access);
    assert.equal(response.status, 401);
    assert.deepEqual(await response.json(), [
      { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' },
    ]);
    assert.equal(simulator.books.isLiveAccessToken(access), false);
  });

  it('is as long as the switch says', async () => {
    const { simulator, clock } = simulate({ switches: { sessionMinutes: 15 } });
    const { access } = await connect(simulator);
    clock.advance(15 * minuteMs);
    assert.equal(await callLimits(simulator, access), 401);
  });

  it('can be ended alone, and its grant lives on', async () => {
    const { simulator } = simulate();
    const { access, refresh: token } = await connect(simulator);
    assert.equal(simulator.expireSession(access), true);
    assert.equal(simulator.expireSession(access), false);
    assert.equal(await callLimits(simulator, access), 401);
    assert.equal((await refresh(simulator, token)).status, 200);
  });

  it('does not exist without a token', async () => {
    const { simulator } = simulate();
    assert.equal((await get(simulator, '/services/data/v62.0/limits')).status, 401);
  });
});

function pick(grant: { refreshes: number; useCount: number } | undefined) {
  return { refreshes: grant?.refreshes, useCount: grant?.useCount };
}
