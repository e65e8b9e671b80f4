import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSwitches } from '../../../dev/simulator/switches.ts';
import { assertRefused, connect, expiredToken, minuteMs, publicApp, refresh, secretApp, simulate } from './client.ts';

const hourMs = 60 * minuteMs;

describe('the refresh token policy', () => {
  it('zero refuses the very first refresh, and no access token before it', async () => {
    const { simulator } = simulate({ switches: { refreshTokenPolicy: 'zero' } });
    const { access, refresh: token } = await connect(simulator);
    assert.ok(simulator.books.isLiveAccessToken(access));
    assertRefused(await refresh(simulator, token), ...expiredToken);
    assert.equal(simulator.books.grants()[0]?.endedBy, 'expired');
    simulator.switches.refreshTokenPolicy = 'until_revoked';
    assertRefused(await refresh(simulator, token), ...expiredToken);
  });

  it('until revoked refuses none, however old', async () => {
    const { simulator, clock } = simulate();
    const { refresh: token } = await connect(simulator);
    clock.advance(10_000 * hourMs);
    assert.equal((await refresh(simulator, token)).status, 200);
  });

  it('ends a token that idled too long, and each use resets the clock', async () => {
    const { simulator, clock } = simulate({ switches: { refreshIdleMinutes: 120 } });
    const { refresh: token } = await connect(simulator);
    for (let uses = 0; uses < 3; uses += 1) {
      clock.advance(2 * hourMs - 1);
      assert.equal((await refresh(simulator, token)).status, 200);
    }
    clock.advance(2 * hourMs);
    assertRefused(await refresh(simulator, token), ...expiredToken);
    assert.equal(simulator.books.grants()[0]?.endedBy, 'expired');
  });

  it('ends a token at the end of its lifetime, however much it is used', async () => {
    const { simulator, clock } = simulate({ switches: { refreshLifetimeMinutes: 180 } });
    const { refresh: token } = await connect(simulator);
    clock.advance(2 * hourMs);
    assert.equal((await refresh(simulator, token)).status, 200);
    clock.advance(hourMs - 1);
    assert.equal((await refresh(simulator, token)).status, 200);
    clock.advance(1);
    assertRefused(await refresh(simulator, token), ...expiredToken);
  });

  it('is set by the console in whole minutes', () => {
    assert.equal(parseSwitches({ refreshIdleMinutes: 43_200, refreshTokenPolicy: 'zero' }).ok, true);
    assert.equal(parseSwitches({ refreshIdleMinutes: -1 }).ok, false);
    assert.equal(parseSwitches({ refreshTokenPolicy: 'never' }).ok, false);
  });
});

describe('the revocation of an app', () => {
  it('ends its grants in every org, and no other app’s', async () => {
    const { simulator } = simulate();
    const { refresh: one } = await connect(simulator);
    const { refresh: other } = await connect(simulator, { username: 'alan@globex.example' });
    const { refresh: foreign } = await connect(simulator, { clientId: publicApp.clientId });
    assert.equal(simulator.revokeApp(secretApp.clientId), 2);
    assertRefused(await refresh(simulator, one), ...expiredToken);
    assertRefused(await refresh(simulator, other), ...expiredToken);
    assert.ok(simulator.books.isLiveRefreshToken(foreign));
    assert.equal(simulator.revokeApp(secretApp.clientId), 0);
  });

  it('names the apps that there are where it knows none of that name', () => {
    const { simulator } = simulate();
    assert.throws(() => simulator.revokeApp('nobody'), /no app "nobody"; it has local-client/);
  });

  it('is a route of the console', async () => {
    const { simulator } = simulate();
    await connect(simulator);
    const send = (client_id: string) =>
      simulator.fetch(
        new Request('http://127.0.0.1:4999/simulator/revoke-app', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ client_id }),
        }),
      );
    assert.equal((await send('nobody')).status, 404);
    assert.equal((await send(secretApp.clientId)).status, 200);
    assert.equal(simulator.books.liveGrants().length, 0);
  });
});
