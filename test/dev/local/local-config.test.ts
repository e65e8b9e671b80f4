import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLocalSecrets, localApps, localConfig, simulatorApps } from '../../../dev/local/local-config.ts';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';

const publicUrl = 'http://127.0.0.1:3000';
const salesforce = 'http://127.0.0.1:3001';

describe('the configuration of the local stack', () => {
  it('has an app that keeps tokens, one that only signs in, and two without a browser, none with the claim', () => {
    const { apps, loopbackReturnTo } = localConfig(publicUrl, salesforce, true);
    const { crm, 'crm-login': login, 'crm-jwt': jwt, 'crm-service': service, ...others } = apps;
    assert.deepEqual(others, {});
    assert.deepEqual(
      [crm?.purpose, crm?.claim, crm?.clientId, crm?.scopes, crm?.loginUrl],
      ['api', false, 'local-client', ['api', 'refresh_token'], salesforce],
    );
    assert.deepEqual(
      [login?.purpose, login?.claim, login?.clientId, login?.scopes, login?.loginUrl],
      ['sign_in', false, 'local-login-client', ['id'], salesforce],
    );
    assert.deepEqual(
      [jwt?.flow, jwt?.claim, jwt?.clientId, jwt?.clientAuthentication, jwt?.signingKey, jwt?.loginUrl],
      ['jwt_bearer', false, 'local-jwt-client', 'none', 'pem', salesforce],
    );
    assert.deepEqual(
      [service?.flow, service?.claim, service?.clientId, service?.clientAuthentication, service?.loginUrl],
      ['client_credentials', false, 'local-service-client', 'secret', salesforce],
    );
    assert.equal(loopbackReturnTo, true);
  });

  it('registers all with the simulator, under the names that it compares by', () => {
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
      {
        clientId: 'local-jwt-client',
        name: 'crm-jwt',
        redirectUris: [],
        scopes: ['api'],
        certificates: [],
        preauthorized: 'all',
      },
      {
        clientId: 'local-service-client',
        name: 'crm-service',
        clientSecret: 'local-secret',
        redirectUris: [],
        scopes: ['api'],
        runAs: 'ada@acme.example',
      },
    ]);
    assert.ok(crm?.salesforceName);
  });

  it('registers the certificates that it is given with the app that signs, and with no other', () => {
    const registered = simulatorApps(publicUrl, { certificates: ['PEM'] });
    assert.deepEqual(
      registered.filter(({ certificates }) => certificates?.includes('PEM')).map(({ clientId }) => clientId),
      ['local-jwt-client'],
    );
  });

  it('compares with no list of another server, which may know the apps by other names', () => {
    const names = (simulated: boolean) =>
      Object.values(localConfig(publicUrl, salesforce, simulated).apps).map((app) =>
        Object.hasOwn(app, 'salesforceName'),
      );
    assert.ok(!names(false).includes(true));
    assert.ok(names(true).includes(true));
  });

  it('holds no secret, and has one for each app but that which signs, and for no other', async () => {
    assert.equal(JSON.stringify(localConfig(publicUrl, salesforce, true)).includes('local-secret'), false);
    const secrets = createLocalSecrets();
    for (const app of Object.keys(localApps).filter((name) => name !== 'crm-jwt')) {
      assert.equal((await secrets.of(app)).current.reveal(), 'local-secret');
    }
    await assert.rejects(secrets.of('crm-jwt'), /crm-jwt has no client secret: it signs assertions/);
    await assert.rejects(secrets.of('other'), (error) => {
      assert.ok(error instanceof AppMisconfiguredError);
      assert.match(error.message, /no app other; it has crm,crm-login,crm-jwt,crm-service/);
      return true;
    });
  });
});
