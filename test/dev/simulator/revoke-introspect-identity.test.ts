import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  acme,
  ada,
  assertRefused,
  callLimits,
  connect,
  get,
  grace,
  minuteMs,
  origin,
  post,
  publicApp,
  refresh,
  secretApp,
  simulate,
  startOfTests,
} from './client.ts';

const revokePath = '/services/oauth2/revoke';

describe('revocation', () => {
  it('of a refresh token ends its grant and access tokens, and no other grant', async () => {
    const { simulator } = simulate();
    const [one, other] = [await connect(simulator), await connect(simulator)];
    assert.deepEqual(await post(simulator, revokePath, { token: one.refresh }), { status: 200, body: {} });
    assert.equal(await callLimits(simulator, one.access), 401);
    assert.equal(simulator.books.grantOfRefreshToken(one.refresh)?.endedBy, 'revoked');
    assert.equal(await callLimits(simulator, other.access), 200);
    assert.equal((await refresh(simulator, other.refresh)).status, 200);
  });

  it('of an access token ends that session alone', async () => {
    const { simulator } = simulate();
    const { access, refresh: token } = await connect(simulator);
    assert.equal((await post(simulator, revokePath, { token: access })).status, 200);
    assert.equal(await callLimits(simulator, access), 401);
    assert.equal((await refresh(simulator, token)).status, 200);
  });

  it('of a dead, a rotated-out or no token is refused, and ends nothing', async () => {
    const { simulator } = simulate({ switches: { rotation: true } });
    const { refresh: token } = await connect(simulator);
    const next = String((await refresh(simulator, token)).body.refresh_token);
    assertRefused(await post(simulator, revokePath, { token }), 'invalid_token', 'invalid token');
    assert.ok(simulator.books.isLiveRefreshToken(next));
    await post(simulator, revokePath, { token: next });
    assertRefused(await post(simulator, revokePath, { token: next }), 'invalid_token', 'invalid token');
    assertRefused(await post(simulator, revokePath, {}), 'unsupported_token_type', 'this token type is not supported');
  });

  it('may be refused with a form-encoded body', async () => {
    const { simulator } = simulate({ switches: { formEncodedRevokeErrors: true } });
    const body = new URLSearchParams({ token: 'unknown' });
    const response = await simulator.fetch(new Request(origin + revokePath, { method: 'POST', body }));
    assert.equal(response.status, 400);
    assert.match(response.headers.get('content-type') ?? '', /x-www-form-urlencoded/);
    assert.equal(new URLSearchParams(await response.text()).get('error'), 'invalid_token');
  });
});

describe('introspection', () => {
  const credentials = { client_id: secretApp.clientId, client_secret: secretApp.clientSecret };
  const introspect = (simulator: Parameters<typeof post>[0], token: string, changes: Record<string, string> = {}) =>
    post(simulator, '/services/oauth2/introspect', { ...credentials, token, ...changes });

  it('tells in seconds until when a session lives', async () => {
    const { simulator } = simulate({ switches: { sessionMinutes: 30 } });
    const { access } = await connect(simulator);
    const { body } = await introspect(simulator, access);
    assert.deepEqual(body, {
      active: true,
      scope: 'api refresh_token',
      client_id: secretApp.clientId,
      username: ada.username,
      sub: `${origin}/id/${acme.id}/${ada.id}`,
      token_type: 'access_token',
      iat: startOfTests / 1000,
      nbf: startOfTests / 1000,
      exp: startOfTests / 1000 + 30 * 60,
    });
  });

  it('extends no session, and calls a dead, an unknown and a foreign token inactive', async () => {
    const { simulator, clock } = simulate();
    const { access } = await connect(simulator);
    const foreign = await connect(simulator, { clientId: publicApp.clientId });
    assert.deepEqual((await introspect(simulator, foreign.access)).body, { active: false });
    assert.deepEqual((await introspect(simulator, 'unknown')).body, { active: false });
    clock.advance(119 * minuteMs);
    assert.equal((await introspect(simulator, access)).body.active, true);
    clock.advance(minuteMs);
    assert.deepEqual((await introspect(simulator, access)).body, { active: false });
  });

  it('knows refresh tokens', async () => {
    const { simulator } = simulate();
    const { refresh: token } = await connect(simulator);
    const { body } = await introspect(simulator, token);
    assert.equal(body.token_type, 'refresh_token');
    assert.equal('exp' in body, false);
  });

  it('needs the client’s credentials and a token', async () => {
    const { simulator } = simulate();
    const { access } = await connect(simulator);
    const wrong = await introspect(simulator, access, { client_secret: 'x' });
    assertRefused(wrong, 'invalid_client', 'invalid client credentials');
    assertRefused(await introspect(simulator, ''), 'invalid_request', 'missing required parameter: token');
  });

  it('can be off, or deny a live token', async () => {
    const { simulator } = simulate({ switches: { introspection: 'off' } });
    const { access } = await connect(simulator);
    assertRefused(await introspect(simulator, access), 'invalid_request', 'introspection is not enabled for this app');
    simulator.switches.introspection = 'inactive';
    assert.deepEqual((await introspect(simulator, access)).body, { active: false });
    assert.equal(await callLimits(simulator, access), 200);
  });
});

describe('the identity URL', () => {
  const path = `/id/${acme.id}/${ada.id}`;

  it('tells who the token’s user is', async () => {
    const { simulator } = simulate();
    const { access } = await connect(simulator);
    const response = await get(simulator, path, access);
    assert.equal(response.status, 200);
    const { user_id, organization_id, username, active } = (await response.json()) as Record<string, unknown>;
    assert.deepEqual(
      { user_id, organization_id, username, active },
      { user_id: ada.id, organization_id: acme.id, username: ada.username, active: true },
    );
  });

  it('tells nothing without a live token, or about somebody else', async () => {
    const { simulator } = simulate();
    const { access } = await connect(simulator);
    const answers = [
      await get(simulator, path),
      await get(simulator, path, 'unknown'),
      await get(simulator, `/id/${acme.id}/${grace.id}`, access),
      await get(simulator, `/id/00D000000000000AAA/${ada.id}`, access),
    ];
    const told = await Promise.all(answers.map(async (response) => [response.status, await response.text()]));
    assert.deepEqual(told, [
      [403, 'Missing_OAuth_Token'],
      [403, 'Bad_OAuth_Token'],
      [404, 'Bad_Id'],
      [403, 'Wrong_Org'],
    ]);
  });
});
