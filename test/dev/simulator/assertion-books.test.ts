import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Simulator } from '../../../dev/simulator/simulator.ts';
import { assertionOf, sendAssertion } from './certified-key.ts';
import {
  acme,
  ada,
  assertRefused,
  callLimits,
  connect,
  grace,
  minuteMs,
  origin,
  post,
  secretApp,
  simulate,
  startOfTests,
} from './client.ts';
import { accessOf, app, apps, key, simulateJwt } from './jwt-simulator.ts';

describe('an access token of an assertion', () => {
  it('is a new one each time, or the same one while it lives where the switch says so', async () => {
    const { simulator, clock, ask } = simulateJwt();
    const first = await accessOf(ask());
    const second = await accessOf(ask());
    assert.notEqual(second, first);
    simulator.switches.sameTokenAgain = true;
    clock.advance(119 * minuteMs);
    assert.equal(await accessOf(ask()), second);
    // Being given again did not lengthen its life.
    clock.advance(minuteMs);
    assert.equal(await callLimits(simulator, second), 401);
    assert.notEqual(await accessOf(ask()), second);
  });

  it('ends for all its holders when it is revoked, and the next assertion brings another', async () => {
    const { simulator, ask } = simulateJwt({ switches: { sameTokenAgain: true } });
    const token = await accessOf(ask());
    assert.equal(await accessOf(ask()), token);
    assert.equal((await post(simulator, '/services/oauth2/revoke', { token })).status, 200);
    assert.equal(await callLimits(simulator, token), 401);
    assert.equal(simulator.books.revocations()[0]?.revoked, 'access_token');
    const next = await accessOf(ask());
    assert.notEqual(next, token);
    assert.equal(await callLimits(simulator, next), 200);
  });

  it('is revoked alone, where each login has its own', async () => {
    const { simulator, ask } = simulateJwt();
    const [one, other] = [await accessOf(ask()), await accessOf(ask())];
    await post(simulator, '/services/oauth2/revoke', { token: one });
    assert.deepEqual([await callLimits(simulator, one), await callLimits(simulator, other)], [401, 200]);
  });

  it('ends with its user, and with what an administrator revokes', async () => {
    const { simulator, ask } = simulateJwt();
    const first = await accessOf(ask());
    assert.equal(simulator.revokeGrant('grant-1'), true);
    assert.equal(await callLimits(simulator, first), 401);
    const second = await accessOf(ask());
    assert.equal(simulator.books.grants().at(-1)?.id, 'grant-2');
    simulator.deactivateUser(ada.id);
    assert.equal(await callLimits(simulator, second), 401);
  });
});

describe('the books of assertions', () => {
  it('have one entry per app and user, which is no authorization and no live grant', async () => {
    const { simulator, clock, ask } = simulateJwt();
    await accessOf(ask());
    clock.advance(minuteMs);
    await accessOf(ask());
    assert.deepEqual(simulator.books.grants(), [
      {
        id: 'grant-1',
        clientId: app.clientId,
        orgId: acme.id,
        userId: ada.id,
        scopes: ['api'],
        flow: 'jwt_bearer',
        createdAt: startOfTests,
        lastUsedAt: startOfTests + minuteMs,
        useCount: 2,
        refreshes: 1,
      },
    ]);
    assert.deepEqual(simulator.books.liveGrants(), []);
    assert.equal(simulator.books.authorizations(), 0);
    assert.equal(simulator.books.hasLiveSession('grant-1'), true);
    clock.advance(120 * minuteMs);
    assert.equal(simulator.books.hasLiveSession('grant-1'), false);
  });

  it('evict none of the user’s grants, and are evicted by none', async () => {
    const both = { ...app, clientId: secretApp.clientId, redirectUris: secretApp.redirectUris };
    const { simulator, clock } = simulate({ apps: [both] });
    const asBoth = () => sendAssertion(simulator, assertionOf(key, clock.ms, { claims: { iss: both.clientId } }));
    const access = await accessOf(asBoth());
    for (let count = 0; count < 5; count += 1) await connect(simulator);
    await accessOf(asBoth());
    assert.equal(simulator.books.liveGrants().length, 5);
    assert.equal(await callLimits(simulator, access), 200);
    await connect(simulator);
    assert.equal(simulator.books.evictions().length, 1);
  });

  it('name the grant type, and hold neither assertion nor token', async () => {
    const { simulator, clock } = simulateJwt({ switches: { sameTokenAgain: true } });
    const assertion = assertionOf(key, clock.ms);
    const access = await accessOf(sendAssertion(simulator, assertion));
    const [logged] = simulator.books.requests({ grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer' });
    assert.deepEqual([logged?.outcome, logged?.clientId, logged?.grantId], ['ok', app.clientId, 'grant-1']);
    const text = JSON.stringify([simulator.snapshot(), simulator.books.summary()]);
    for (const secret of [assertion, access]) assert.equal(text.includes(secret), false);
  });

  it('are brought back by a snapshot, with logins, locks and what was set for the app', async () => {
    const { simulator, clock, ask } = simulateJwt({ switches: { loginsPerHour: 1 } });
    const access = await accessOf(ask());
    simulator.lockUser(grace.id);
    simulator.changeApp(app.clientId, { preauthorized: 'all' });
    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    const resumed = new Simulator({ origin, now: clock.now, apps, state });
    assert.deepEqual(resumed.snapshot(), simulator.snapshot());
    assert.equal(await callLimits(resumed, access), 200);
    const asResumed = (sub: string) => sendAssertion(resumed, assertionOf(key, clock.ms, { claims: { sub } }));
    assertRefused(await asResumed(ada.username), 'rate_limit_exceeded', 'login rate exceeded');
    assertRefused(await asResumed(grace.username), 'invalid_grant', 'authentication failure');
  });
});
