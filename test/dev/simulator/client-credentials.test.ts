import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Simulator } from '../../../dev/simulator/simulator.ts';
import { acme, ada, assertRefused, callLimits, grace, origin, post, publicApp, secretApp, simulate } from './client.ts';

const app = {
  clientId: 'local-service-client',
  clientSecret: 'local-secret',
  redirectUris: [],
  scopes: ['api', 'refresh_token'],
  runAs: ada.username,
};
const apps = [app, secretApp, { ...publicApp, runAs: ada.username }];

function ask(simulator: Simulator, changes: Record<string, string> = {}) {
  return post(simulator, '/services/oauth2/token', {
    grant_type: 'client_credentials',
    client_id: app.clientId,
    client_secret: app.clientSecret,
    ...changes,
  });
}

describe('client credentials', () => {
  it('become an access token of the user whom the app runs as', async () => {
    const { simulator } = simulate({ apps });
    const { status, body } = await ask(simulator);
    assert.equal(status, 200);
    assert.deepEqual(
      [body.id, body.scope, 'refresh_token' in body, typeof body.signature],
      [`${origin}/id/${acme.id}/${ada.id}`, 'api', false, 'string'],
    );
    assert.equal(await callLimits(simulator, String(body.access_token)), 200);
    const [grant] = simulator.books.grants();
    assert.deepEqual([grant?.flow, grant?.userId], ['client_credentials', ada.id]);
    assert.deepEqual(simulator.books.liveGrants(), []);
    assert.equal(simulator.books.requests({ grantType: 'client_credentials' })[0]?.outcome, 'ok');
  });

  it('need the secret, and an app that has one', async () => {
    const { simulator } = simulate({ apps });
    assertRefused(await ask(simulator, { client_secret: 'x' }), 'invalid_client', 'invalid client credentials');
    assertRefused(await ask(simulator, { client_id: 'x' }), 'invalid_client_id', 'client identifier invalid');
    const form = { grant_type: 'client_credentials', client_id: publicApp.clientId };
    const reply = await post(simulator, '/services/oauth2/token', form);
    assertRefused(reply, 'invalid_client', 'invalid client credentials');
  });

  it('need a user to run as, whom an administrator can choose', async () => {
    const { simulator } = simulate({ apps });
    const asOther = () => ask(simulator, { client_id: secretApp.clientId });
    const none = ['invalid_grant', 'no client credentials user enabled'] as const;
    assertRefused(await asOther(), ...none);
    simulator.changeApp(secretApp.clientId, { runAs: 'nobody@acme.example' });
    assertRefused(await asOther(), ...none);
    simulator.changeApp(secretApp.clientId, { runAs: grace.username });
    assert.equal((await asOther()).status, 200);
    simulator.deactivateUser(grace.id);
    assertRefused(await asOther(), 'invalid_grant', 'inactive user');
    simulator.changeApp(app.clientId, { runAs: null });
    assertRefused(await ask(simulator), ...none);
  });

  it('need a scope besides that of refresh tokens', async () => {
    const { simulator } = simulate({ apps: [{ ...app, scopes: ['refresh_token'] }] });
    assertRefused(await ask(simulator), 'invalid_grant', 'no valid scopes defined');
  });

  it('are refused on a host that is no My Domain', async () => {
    const { simulator } = simulate({ apps, switches: { myDomain: false } });
    assertRefused(await ask(simulator), 'invalid_grant', 'request not supported on this domain');
    simulator.switches.myDomain = true;
    assert.equal((await ask(simulator)).status, 200);
  });

  it('count as logins, and may bring the same token again', async () => {
    const { simulator } = simulate({ apps, switches: { loginsPerHour: 2, sameTokenAgain: true } });
    const [first, second] = [await ask(simulator), await ask(simulator)];
    assert.equal(first.body.access_token, second.body.access_token);
    assertRefused(await ask(simulator), 'rate_limit_exceeded', 'login rate exceeded');
  });
});
