import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  acme,
  ada,
  allow,
  assertRefused,
  authorizeUrl,
  challengeOf,
  minuteMs,
  origin,
  post,
  publicApp,
  secretApp,
  simulate,
  startOfTests,
} from './client.ts';

const path = '/services/oauth2/token';

describe('the exchange of a code', () => {
  it('answers the fields of Salesforce, and never expires_in', async () => {
    const { simulator } = simulate();
    const { status, body } = await post(simulator, path, allow(simulator));
    assert.equal(status, 200);
    const { access_token, refresh_token, signature, ...rest } = body;
    assert.deepEqual(rest, {
      scope: 'api refresh_token',
      instance_url: origin,
      id: `${origin}/id/${acme.id}/${ada.id}`,
      token_type: 'Bearer',
      issued_at: String(startOfTests),
    });
    assert.match(String(access_token), new RegExp(`^${acme.id.slice(0, 15)}!`));
    assert.equal(acme.id.length, 18);
    assert.ok(simulator.books.isLiveAccessToken(String(access_token)));
    assert.ok(simulator.books.isLiveRefreshToken(String(refresh_token)));
    assert.equal(typeof signature, 'string');
  });

  it('signs id and issued_at with the client secret', async () => {
    const { simulator } = simulate();
    const { body } = await post(simulator, path, allow(simulator));
    assert.equal(body.signature, signature(secretApp.clientSecret, body));
  });

  it('signs wrongly or not at all where the switches say so', async () => {
    const { simulator } = simulate({ switches: { wrongSignature: true } });
    const wrong = await post(simulator, path, allow(simulator));
    assert.notEqual(wrong.body.signature, signature(secretApp.clientSecret, wrong.body));
    assert.equal(Buffer.from(String(wrong.body.signature), 'base64').length, 32);
    simulator.switches.omitSignature = true;
    assert.equal((await post(simulator, path, allow(simulator))).body.signature, undefined);
  });

  it('names foreign hosts where the switches say so', async () => {
    const switches = { foreignInstanceUrl: 'https://salesforce.com.evil.example', foreignIdHost: 'evil.example' };
    const { simulator } = simulate({ switches });
    const { body } = await post(simulator, path, allow(simulator));
    assert.equal(body.instance_url, 'https://salesforce.com.evil.example');
    assert.equal(body.id, `https://evil.example/id/${acme.id}/${ada.id}`);
  });

  it('gives no refresh token, and counts no grant, without its scope', async () => {
    const { simulator } = simulate();
    const { body } = await post(simulator, path, allow(simulator, { scope: 'api' }));
    assert.equal(body.refresh_token, undefined);
    assert.equal(simulator.books.grants().length, 1);
    assert.equal(simulator.books.liveGrants().length, 0);
  });

  it('serves a public client without a secret, unsigned, and refuses one that sends a secret', async () => {
    const { simulator } = simulate();
    const form = allow(simulator, { clientId: publicApp.clientId });
    assertRefused(
      await post(simulator, path, { ...form, client_secret: 'x' }),
      'invalid_client',
      'invalid client credentials',
    );
    const { status, body } = await post(simulator, path, form);
    assert.equal(status, 200);
    assert.equal(body.signature, undefined);
  });

  it('takes a code once', async () => {
    const { simulator } = simulate();
    const form = allow(simulator);
    assert.equal((await post(simulator, path, form)).status, 200);
    assertRefused(await post(simulator, path, form), 'invalid_grant', 'expired authorization code');
    assert.equal(simulator.books.liveGrants().length, 1);
  });

  it('takes a code until 15 minutes have passed', async () => {
    const { simulator, clock } = simulate();
    const [inTime, late] = [allow(simulator), allow(simulator)];
    clock.advance(15 * minuteMs - 1);
    assert.equal((await post(simulator, path, inTime)).status, 200);
    clock.advance(1);
    assertRefused(await post(simulator, path, late), 'invalid_grant', 'expired authorization code');
  });

  it('accepts Basic credentials', async () => {
    const { simulator } = simulate();
    const { client_id, client_secret, ...form } = allow(simulator) as Record<string, string>;
    const authorization = `Basic ${btoa(`${client_id}:${client_secret}`)}`;
    const body = new URLSearchParams(form);
    const response = await simulator.fetch(
      new Request(origin + path, { method: 'POST', body, headers: { authorization } }),
    );
    assert.equal(response.status, 200);
  });

  for (const [title, changes, error, description] of [
    ['an unknown code', { code: 'aPrxnothing==' }, 'invalid_grant', 'invalid authorization code'],
    [
      'another redirect URI',
      { redirect_uri: 'http://127.0.0.1:1/' },
      'redirect_uri_mismatch',
      'redirect_uri must match configuration',
    ],
    ['another verifier', { code_verifier: 'w'.repeat(43) }, 'invalid_grant', 'invalid code verifier'],
    ['no verifier', { code_verifier: '' }, 'invalid_grant', 'invalid code verifier'],
    ['a wrong secret', { client_secret: 'wrong' }, 'invalid_client', 'invalid client credentials'],
    ['an unknown client', { client_id: 'other' }, 'invalid_client_id', 'client identifier invalid'],
    ['a scope', { scope: 'api' }, 'invalid_request', 'scope parameter not supported'],
    ['another grant type', { grant_type: 'password' }, 'unsupported_grant_type', 'grant type not supported'],
  ] as const) {
    it(`refuses ${title}, and leaves the code good`, async () => {
      const { simulator } = simulate();
      const form = allow(simulator);
      assertRefused(await post(simulator, path, { ...form, ...changes }), error, description);
      assert.equal(simulator.books.grants().length, 0);
      assert.equal((await post(simulator, path, form)).status, 200);
    });
  }

  it('refuses a code that is still percent-encoded', async () => {
    const { simulator } = simulate();
    const form = allow(simulator);
    const encoded = { ...form, code: encodeURIComponent(form.code) };
    assertRefused(await post(simulator, path, encoded), 'invalid_grant', 'invalid authorization code');
  });

  it('refuses a code of another client', async () => {
    const { simulator } = simulate();
    const { code } = allow(simulator);
    const form = { ...allow(simulator, { clientId: publicApp.clientId }), code };
    assertRefused(await post(simulator, path, form), 'invalid_grant', 'invalid authorization code');
  });

  it('refuses a verifier with a tilde, though its challenge fits', async () => {
    const { simulator } = simulate();
    const verifier = `~${'v'.repeat(43)}`;
    const url = authorizeUrl({ code_challenge: challengeOf(verifier) });
    const location = new URL(simulator.authorize(url, { username: ada.username, decision: 'allow' }));
    const form = { ...allow(simulator), code: location.searchParams.get('code') ?? '', code_verifier: verifier };
    assertRefused(await post(simulator, path, form), 'invalid_grant', 'invalid code verifier');
  });

  it('must be posted', async () => {
    const { simulator } = simulate();
    const response = await simulator.fetch(new Request(origin + path));
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), { error: 'invalid_request', error_description: 'must use HTTP POST' });
  });
});

function signature(secret: string, { id, issued_at }: Record<string, unknown>): string {
  return createHmac('sha256', secret).update(`${id}${issued_at}`).digest('base64');
}
