import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { assertionOf, sendAssertion } from './certified-key.ts';
import { acme, ada, assertRefused, callLimits, grace, minuteMs, origin, secretApp, startOfTests } from './client.ts';
import { accessOf, app, key, otherKey, simulateJwt } from './jwt-simulator.ts';

describe('an assertion', () => {
  it('becomes an access token of its user, and no refresh token', async () => {
    const { simulator, ask } = simulateJwt();
    const { status, body } = await ask();
    assert.equal(status, 200);
    const { access_token: access, signature, ...rest } = body;
    const id = `${origin}/id/${acme.id}/${ada.id}`;
    assert.deepEqual(rest, {
      scope: 'api',
      instance_url: origin,
      id,
      token_type: 'Bearer',
      issued_at: String(startOfTests),
    });
    const expected = createHmac('sha256', app.clientSecret).update(id + String(startOfTests));
    assert.equal(signature, expected.digest('base64'));
    assert.equal(await callLimits(simulator, String(access)), 200);
  });

  it('is taken of a username in upper case, and again while it lives', async () => {
    const { simulator, clock } = simulateJwt();
    const assertion = assertionOf(key, clock.ms, { claims: { sub: ada.username.toUpperCase() } });
    const tokens = [
      await accessOf(sendAssertion(simulator, assertion)),
      await accessOf(sendAssertion(simulator, assertion)),
    ];
    assert.equal(new Set(tokens).size, 2);
  });

  for (const [title, changes, error, description] of [
    ['another algorithm', { algorithm: 'HS256' }, 'invalid_grant', 'invalid assertion'],
    ['no algorithm', { algorithm: 'none' }, 'invalid_grant', 'invalid assertion'],
    ['an unknown issuer', { claims: { iss: 'other' } }, 'invalid_client_id', 'client identifier invalid'],
    ['an app without a certificate', { claims: { iss: secretApp.clientId } }, 'invalid_grant', 'invalid assertion'],
    ['another audience', { claims: { aud: 'https://login.salesforce.com' } }, 'invalid_grant', 'audience is invalid'],
    ['no audience', { claims: { aud: undefined } }, 'invalid_grant', 'audience is invalid'],
    ['a list of audiences', { claims: { aud: [origin] } }, 'invalid_grant', 'audience is invalid'],
    ['no expiry', { claims: { exp: undefined } }, 'invalid_grant', 'invalid assertion'],
    [
      'an expiry in words',
      { claims: { exp: String(startOfTests / 1_000 + 60) } },
      'invalid_grant',
      'invalid assertion',
    ],
    ['an expiry in milliseconds', { claims: { exp: startOfTests + 60_000 } }, 'invalid_grant', 'invalid assertion'],
    [
      'a user who is not pre-authorized',
      { claims: { sub: grace.username } },
      'invalid_grant',
      "user hasn't approved this consumer",
    ],
    [
      'a user whom nobody knows',
      { claims: { sub: 'nobody@acme.example' } },
      'invalid_grant',
      "user hasn't approved this consumer",
    ],
    ['no user', { claims: { sub: undefined } }, 'invalid_grant', "user hasn't approved this consumer"],
  ] as const) {
    it(`of ${title} is refused`, async () => {
      const { simulator, ask } = simulateJwt();
      assertRefused(await ask(changes), error, description);
      assert.deepEqual(simulator.books.grants(), []);
    });
  }

  it('that is none, or is spoilt, is refused', async () => {
    const { simulator, clock } = simulateJwt();
    const good = assertionOf(key, clock.ms);
    const [header = '', , signature = ''] = good.split('.');
    const [, foreignPayload = ''] = assertionOf(key, clock.ms, { claims: { sub: grace.username } }).split('.');
    for (const assertion of [
      '',
      'a.b',
      'a.b.c',
      `${header}.${foreignPayload}.${signature}`,
      assertionOf(otherKey, clock.ms),
    ]) {
      assertRefused(await sendAssertion(simulator, assertion), 'invalid_grant', 'invalid assertion');
    }
    await accessOf(sendAssertion(simulator, good));
  });

  it('may be a minute past its end, and four minutes before it', async () => {
    const seconds = startOfTests / 1_000;
    for (const [exp, refused] of [
      [seconds - 60, 'expired authorization code'],
      [seconds - 59, undefined],
      [seconds + 240, undefined],
      [seconds + 241, 'invalid assertion'],
    ] as const) {
      const reply = await simulateJwt().ask({ claims: { exp } });
      if (refused === undefined) assert.equal(reply.status, 200, String(exp));
      else assertRefused(reply, 'invalid_grant', refused);
    }
  });

  it('is taken for another host where the switch names it', async () => {
    const aud = 'https://login.salesforce.com';
    const { ask } = simulateJwt({ switches: { audiences: [aud] } });
    await accessOf(ask({ claims: { aud } }));
    await accessOf(ask());
    assertRefused(await ask({ claims: { aud: `${aud}/` } }), 'invalid_grant', 'audience is invalid');
  });

  it('is answered with a set error, once', async () => {
    const error = { error: 'invalid_grant', error_description: 'Audience validation failed' };
    const { ask } = simulateJwt({ switches: { nextErrors: [{ endpoint: 'token', ...error }] } });
    assertRefused(await ask(), error.error, error.error_description);
    await accessOf(ask());
  });
});

describe('the user of an assertion', () => {
  it('must be active, unlocked, and of an active org', async () => {
    const { simulator, ask } = simulateJwt();
    simulator.deactivateUser(ada.id);
    assertRefused(await ask(), 'invalid_grant', 'inactive user');
    simulator.books.reactivateUser(ada.id);
    simulator.lockUser(ada.id);
    assertRefused(await ask(), 'invalid_grant', 'authentication failure');
    simulator.lockUser(ada.id, false);
    simulator.deactivateOrg(acme.id);
    assertRefused(await ask(), 'inactive_org', 'organization is inactive');
    simulator.books.reactivateOrg(acme.id);
    await accessOf(ask());
  });

  it('is pre-authorized at run time, alone or with all', async () => {
    const { simulator, ask } = simulateJwt();
    const asGrace = { claims: { sub: grace.username } };
    simulator.changeApp(app.clientId, { preauthorized: [grace.username] });
    await accessOf(ask(asGrace));
    assertRefused(await ask(), 'invalid_grant', "user hasn't approved this consumer");
    simulator.changeApp(app.clientId, { preauthorized: 'all' });
    await accessOf(ask());
    assert.throws(
      () => simulator.changeApp('other', { preauthorized: 'all' }),
      /knows no app "other"; it has local-client/,
    );
  });

  it('logs in so often in any 60 minutes, and no oftener', async () => {
    const { clock, ask } = simulateJwt({ switches: { loginsPerHour: 3 } });
    await accessOf(ask());
    clock.advance(30 * minuteMs);
    await accessOf(ask());
    await accessOf(ask());
    assertRefused(await ask(), 'rate_limit_exceeded', 'login rate exceeded');
    clock.advance(30 * minuteMs - 1);
    assertRefused(await ask(), 'rate_limit_exceeded', 'login rate exceeded');
    clock.advance(1);
    await accessOf(ask());
    assertRefused(await ask(), 'rate_limit_exceeded', 'login rate exceeded');
  });

  it('is counted alone, and refused logins are not counted', async () => {
    const { simulator, ask } = simulateJwt({ switches: { loginsPerHour: 1 } });
    simulator.changeApp(app.clientId, { preauthorized: 'all' });
    assertRefused(await ask({ claims: { aud: 'x' } }), 'invalid_grant', 'audience is invalid');
    await accessOf(ask());
    await accessOf(ask({ claims: { sub: grace.username } }));
    assertRefused(await ask(), 'rate_limit_exceeded', 'login rate exceeded');
  });
});
