/** Which settings a flow has: what has no effect in it is refused, and what parsing fills in is taken again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type GrantkeeperConfig, parseConfig } from '../../../functions/core/config.ts';
import { ConfigurationError } from '../../../functions/core/errors.ts';

type App = Record<string, unknown>;

const salesforceOrigin = 'http://127.0.0.1:3001';
const browser: App = { clientId: 'c' };
const assertion: App = { clientId: 'c', flow: 'jwt_bearer' };
const client: App = { clientId: 'c', flow: 'client_credentials', loginUrl: 'https://acme.my.salesforce.com' };

function parse(app: App): GrantkeeperConfig {
  return parseConfig({ apps: { crm: app }, salesforceOrigin }, 'c.ts');
}

/** The keys that are refused, and the messages. */
function refused(app: App): { keys: string[]; messages: string } {
  try {
    parse(app);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    const keys = error.problems.map(({ path }) => path.replace('apps.crm.', ''));
    return { keys, messages: error.problems.map(({ message }) => message).join('|') };
  }
  return { keys: [], messages: '' };
}

describe('a flow without a browser', () => {
  it('has defaults that say what it does', () => {
    const { claim, scopes, returnTo, clientAuthentication, signingKey } = parse(assertion).apps.crm!;
    assert.deepEqual([claim, scopes, returnTo, clientAuthentication, signingKey], [false, [], [], 'none', 'kms']);
    assert.equal(parse(client).apps.crm?.clientAuthentication, 'secret');
    assert.equal(parse(browser).apps.crm?.claim, true);
  });

  for (const [name, app] of Object.entries({ jwt_bearer: assertion, client_credentials: client })) {
    const cases: [App, string][] = [
      [{ purpose: 'sign_in' }, 'purpose'],
      [{ returnTo: ['https://app.example/back'] }, 'returnTo'],
      [{ claim: true }, 'claim'],
      [{ grantLimit: 4 }, 'grantLimit'],
      [{ idleLimitDays: 30 }, 'idleLimitDays'],
      [{ lifetimeLimitDays: 90 }, 'lifetimeLimitDays'],
      [{ salesforceName: 'Acme Sync' }, 'salesforceName'],
      [{ scopes: ['api', 'refresh_token'] }, 'scopes'],
      [{ scopes: ['offline_access'] }, 'scopes'],
    ];
    for (const [change, key] of cases) {
      it(`${name} refuses ${key}: ${JSON.stringify(change[key])}`, () => {
        const { keys, messages } = refused({ ...app, ...change });
        assert.deepEqual(keys, [key]);
        assert.match(messages, key === 'purpose' ? /must be api/ : new RegExp(`with flow ${name}`));
      });
    }

    it(`${name} takes scopes that cost no grant, and its own limit of logins`, () => {
      assert.deepEqual(refused({ ...app, scopes: ['api'], loginsPerHour: 10 }).keys, []);
    });

    it(`${name} is taken again as it was parsed, also from JSON`, () => {
      const parsed = parse(app);
      assert.deepEqual(parseConfig(parsed, 'again'), parsed);
      assert.deepEqual(parseConfig(JSON.parse(JSON.stringify(parsed)), 'again'), parsed);
    });
  }
});

describe('the flow with a browser', () => {
  it('refuses what only the others have', () => {
    assert.deepEqual(refused({ ...browser, signingKey: 'pem' }).keys, ['signingKey']);
    assert.deepEqual(refused({ ...browser, audience: 'https://login.salesforce.com' }).keys, ['audience']);
    assert.deepEqual(refused({ ...browser, loginsPerHour: 100 }).keys, ['loginsPerHour']);
  });

  it('is taken again as it was parsed, also from JSON', () => {
    const parsed = parse({ ...browser, claim: false, grantLimit: 4, scopes: ['offline_access'] });
    assert.deepEqual(parseConfig(JSON.parse(JSON.stringify(parsed)), 'again'), parsed);
  });

  it('wants a scope where one signs in, and says so', () => {
    const { keys, messages } = refused({ ...browser, purpose: 'sign_in', scopes: [] });
    assert.deepEqual(keys, ['scopes']);
    assert.match(messages, /at least one scope/);
  });
});

describe('the client of client_credentials', () => {
  it('has a secret, and no assertion', () => {
    assert.deepEqual(refused({ ...client, clientAuthentication: 'none' }).keys, ['clientAuthentication']);
    assert.deepEqual(refused({ ...client, signingKey: 'pem' }).keys, ['signingKey']);
    assert.deepEqual(refused({ ...client, audience: 'https://login.salesforce.com' }).keys, ['audience']);
    assert.deepEqual(refused(client).keys, []);
  });

  for (const loginUrl of [
    'https://acme.my.salesforce.com',
    'https://acme--uat.sandbox.my.salesforce.com',
    'https://acme.my.salesforce.mil',
    salesforceOrigin,
  ]) {
    it(`may ask at ${loginUrl}`, () => assert.deepEqual(refused({ ...client, loginUrl }).keys, []));
  }

  for (const loginUrl of [
    undefined,
    'https://test.salesforce.com',
    'https://acme.my.site.com',
    'https://na1.salesforce.com',
  ]) {
    it(`may not ask at ${loginUrl ?? 'the default host'}, for Salesforce refuses it there`, () => {
      const { keys, messages } = refused({ ...client, loginUrl });
      assert.deepEqual(keys, ['loginUrl']);
      assert.match(messages, /My Domain/);
    });
  }
});

describe('the signer of jwt_bearer', () => {
  it('sends no secret, wherever its key lies', () => {
    assert.deepEqual(refused({ ...assertion, clientAuthentication: 'secret' }).keys, ['clientAuthentication']);
    assert.deepEqual(refused({ ...assertion, clientAuthentication: 'none', signingKey: 'pem' }).keys, []);
  });

  it('has an audience that fits its login host', () => {
    assert.deepEqual(refused({ ...assertion, audience: 'https://login.salesforce.com' }).keys, []);
    const { keys, messages } = refused({ ...assertion, audience: 'https://test.salesforce.com' });
    assert.deepEqual(keys, ['audience']);
    assert.match(messages, /set https:\/\/login\.salesforce\.com/);
  });
});
