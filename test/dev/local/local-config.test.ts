import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLocalSecrets, localApps, localConfig, simulatorApps } from '../../../dev/local/local-config.ts';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';

const publicUrl = 'http://127.0.0.1:3000';
const salesforce = 'http://127.0.0.1:3001';

describe('the configuration of the local stack', () => {
  it('has an app that keeps tokens and one that only signs in, both without the claim', () => {
    const { apps, loopbackReturnTo } = localConfig(publicUrl, salesforce, true);
    const { crm, 'crm-login': login, ...others } = apps;
    assert.deepEqual(others, {});
    assert.deepEqual(
      [crm?.purpose, crm?.claim, crm?.clientId, crm?.scopes, crm?.loginUrl],
      ['api', false, 'local-client', ['api', 'refresh_token'], salesforce],
    );
    assert.deepEqual(
      [login?.purpose, login?.claim, login?.clientId, login?.scopes, login?.loginUrl],
      ['sign_in', false, 'local-login-client', ['id'], salesforce],
    );
    assert.equal(loopbackReturnTo, true);
  });

  it('registers both with the simulator, under the names that it compares by', () => {
    const registered = simulatorApps(publicUrl);
    const { crm } = localConfig(publicUrl, salesforce, true).apps;
    assert.deepEqual(registered, [
      {
        clientId: 'local-client',
        name: crm?.salesforceName,
        clientSecret: 'local-secret',
        redirectUris: [`${publicUrl}/oauth/callback`],
        scopes: ['api', 'refresh_token'],
      },
      {
        clientId: 'local-login-client',
        name: 'crm-login',
        clientSecret: 'local-secret',
        redirectUris: [`${publicUrl}/oauth/callback`],
        scopes: ['id'],
      },
    ]);
    assert.ok(crm?.salesforceName);
  });

  it('compares with no list of another server, which may know the apps by other names', () => {
    const names = (simulated: boolean) =>
      Object.values(localConfig(publicUrl, salesforce, simulated).apps).map((app) =>
        Object.hasOwn(app, 'salesforceName'),
      );
    assert.deepEqual(names(false), [false, false]);
    assert.ok(names(true).includes(true));
  });

  it('holds no secret, and has one for each app and for no other', async () => {
    assert.equal(JSON.stringify(localConfig(publicUrl, salesforce, true)).includes('local-secret'), false);
    const secrets = createLocalSecrets();
    for (const app of Object.keys(localApps)) {
      assert.equal((await secrets.of(app)).current.reveal(), 'local-secret');
    }
    await assert.rejects(secrets.of('other'), (error) => {
      assert.ok(error instanceof AppMisconfiguredError);
      assert.match(error.message, /no app other; it has crm,crm-login/);
      return true;
    });
  });
});
