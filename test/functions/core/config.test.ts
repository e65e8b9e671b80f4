import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleLimitMsOf, parseConfig, spikeThresholdsOf } from '../../../functions/core/config.ts';
import { ConfigurationError } from '../../../functions/core/errors.ts';

const crm = { clientId: 'consumer-key' };
const withApp = (change: Record<string, unknown>) => ({ apps: { crm: { ...crm, ...change } } });
const withThreshold = (change: Record<string, unknown>) => ({ apps: { crm }, thresholds: change });

const incidentDefaults = {
  spike: { windowMinutes: 15, minimumConnections: 3, minimumShare: 0.2, holdMinutes: 15 },
  fleet: { minimumOrgs: 5, minimumShare: 0.2 },
};

function pathsOf(input: unknown): string[] {
  try {
    parseConfig(input, 'grantkeeper.config.ts');
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    assert.equal(error.code, 'invalid_configuration');
    assert.match(error.message, /^grantkeeper\.config\.ts is not valid:\n/);
    for (const { path, message } of error.problems) assert.ok(error.message.includes(`  ${path}: ${message}`));
    return error.problems.map(({ path }) => path);
  }
  return [];
}

test('what has a default may be left out', () => {
  assert.deepEqual(parseConfig({ apps: { crm } }, 'test'), {
    apps: {
      crm: {
        flow: 'authorization_code',
        signingKey: 'kms',
        loginsPerHour: 3_600,
        purpose: 'api',
        claim: true,
        grantLimit: 5,
        clientId: 'consumer-key',
        clientAuthentication: 'secret',
        loginUrl: 'https://login.salesforce.com',
        scopes: ['api', 'refresh_token'],
        returnTo: [],
        clientSecretMaxAgeDays: 365,
      },
    },
    loopbackReturnTo: false,
    thresholds: {
      apiRequestsPerSecond: 100,
      apiBurst: 200,
      waitingReaders: 200,
      deadLetterMessages: 1,
      ...incidentDefaults,
    },
  });
});

test('a full configuration is taken as it is written', () => {
  const full = {
    apps: {
      'a-1': {
        flow: 'authorization_code',
        signingKey: 'kms',
        loginsPerHour: 3_600,
        purpose: 'api',
        claim: false,
        grantLimit: 4,
        salesforceName: 'Acme Sync',
        clientId: 'x'.repeat(256),
        clientAuthentication: 'secret',
        loginUrl: 'https://acme.my.salesforce.com',
        scopes: ['api', 'offline_access'],
        returnTo: ['https://app.example/done', 'http://127.0.0.1:8080/', 'http://localhost/x'],
        idleLimitDays: 30,
        lifetimeLimitDays: 365,
        clientSecretMaxAgeDays: 90,
        spike: { windowMinutes: 5, minimumConnections: 2, minimumShare: 1, holdMinutes: 60 },
      },
    },
    publicUrl: 'https://grants.example',
    salesforceOrigin: 'http://127.0.0.1:3001',
    loopbackReturnTo: true,
    thresholds: {
      apiRequestsPerSecond: 1,
      apiBurst: 10_000,
      waitingReaders: 20,
      deadLetterMessages: 2,
      spike: { windowMinutes: 1440, minimumConnections: 1000, minimumShare: 0.5, holdMinutes: 1 },
      fleet: { minimumOrgs: 2, minimumShare: 0.01 },
    },
  };
  assert.deepEqual(parseConfig(full, 'test'), full);
});

const wrong: [string, unknown, string[]][] = [
  ['nothing at all', undefined, ['(root)']],
  ['a list', [], ['(root)']],
  ['no apps', {}, ['apps']],
  ['an empty set of apps', { apps: {} }, ['apps']],
  ['an unknown key at the root', { apps: { crm }, treshold: {} }, ['(root)']],
  ['an unknown key of an app', withApp({ returnsTo: [] }), ['apps.crm']],
  ['an unknown threshold', withThreshold({ rate: 1 }), ['thresholds']],
  ['an app name in capitals', { apps: { CRM: crm } }, ['apps.CRM']],
  ['an app name of 32 characters', { apps: { ['a'.repeat(32)]: crm } }, [`apps.${'a'.repeat(32)}`]],
  ['an app name with a dot', { apps: { 'a.b': crm } }, ['apps.a.b']],
  ['no client id', { apps: { crm: {} } }, ['apps.crm.clientId']],
  ['an empty client id', withApp({ clientId: '' }), ['apps.crm.clientId']],
  ['a client id with a space', withApp({ clientId: 'a b' }), ['apps.crm.clientId']],
  ['a client id of 257 characters', withApp({ clientId: 'x'.repeat(257) }), ['apps.crm.clientId']],
  ['another purpose', withApp({ purpose: 'login' }), ['apps.crm.purpose']],
  [
    'a sign-in that keeps tokens',
    withApp({ purpose: 'sign_in', scopes: ['id', 'refresh_token'] }),
    ['apps.crm.scopes'],
  ],
  ['a sign-in with offline access', withApp({ purpose: 'sign_in', scopes: ['offline_access'] }), ['apps.crm.scopes']],
  ['a claim in words', withApp({ claim: 'yes' }), ['apps.crm.claim']],
  ['a limit of no grant', withApp({ grantLimit: 0 }), ['apps.crm.grantLimit']],
  ['a limit of six grants', withApp({ grantLimit: 6 }), ['apps.crm.grantLimit']],
  ['a limit of four grants and a half', withApp({ grantLimit: 4.5 }), ['apps.crm.grantLimit']],
  ['an empty name at Salesforce', withApp({ salesforceName: '' }), ['apps.crm.salesforceName']],
  ['a name of 256 characters', withApp({ salesforceName: 'x'.repeat(256) }), ['apps.crm.salesforceName']],
  ['another flow', withApp({ flow: 'password' }), ['apps.crm.flow']],
  ['another client authentication', withApp({ clientAuthentication: 'basic' }), ['apps.crm.clientAuthentication']],
  ['a login URL elsewhere', withApp({ loginUrl: 'https://salesforce.com.evil.org' }), ['apps.crm.loginUrl']],
  ['a login URL by http', withApp({ loginUrl: 'http://login.salesforce.com' }), ['apps.crm.loginUrl']],
  ['a login URL with a slash', withApp({ loginUrl: 'https://login.salesforce.com/' }), ['apps.crm.loginUrl']],
  ['a login URL that is a number', withApp({ loginUrl: 1 }), ['apps.crm.loginUrl']],
  ['no scopes', withApp({ scopes: [] }), ['apps.crm.scopes']],
  ['scopes without a refresh token', withApp({ scopes: ['api', 'id'] }), ['apps.crm.scopes']],
  ['a scope with a space', withApp({ scopes: ['refresh_token', 'a b'] }), ['apps.crm.scopes.1']],
  ['33 scopes', withApp({ scopes: Array(33).fill('refresh_token') }), ['apps.crm.scopes']],
  ['a relative return address', withApp({ returnTo: ['/done'] }), ['apps.crm.returnTo.0']],
  [
    'a return address by http',
    withApp({ returnTo: ['https://a.example/', 'http://a.example/'] }),
    ['apps.crm.returnTo.1'],
  ],
  ['a return address with a query', withApp({ returnTo: ['https://a.example/?x'] }), ['apps.crm.returnTo.0']],
  ['a return address with a fragment', withApp({ returnTo: ['https://a.example/#x'] }), ['apps.crm.returnTo.0']],
  ['a return address with a user', withApp({ returnTo: ['https://u@a.example/'] }), ['apps.crm.returnTo.0']],
  ['a return address that is a script', withApp({ returnTo: ['javascript:alert(1)'] }), ['apps.crm.returnTo.0']],
  ['101 return addresses', withApp({ returnTo: Array(101).fill('https://a.example/') }), ['apps.crm.returnTo']],
  ['a public URL with a path', { apps: { crm }, publicUrl: 'https://grants.example/v1' }, ['publicUrl']],
  ['a public URL by http', { apps: { crm }, publicUrl: 'http://grants.example' }, ['publicUrl']],
  ['a public URL that is none', { apps: { crm }, publicUrl: 'grants' }, ['publicUrl']],
  ['an extra origin by http', { apps: { crm }, salesforceOrigin: 'http://proxy.example' }, ['salesforceOrigin']],
  ['an extra origin with a slash', { apps: { crm }, salesforceOrigin: 'https://proxy.example/' }, ['salesforceOrigin']],
  ['a rate of nought', withThreshold({ apiRequestsPerSecond: 0 }), ['thresholds.apiRequestsPerSecond']],
  ['a burst of 10,001', withThreshold({ apiBurst: 10_001 }), ['thresholds.apiBurst']],
  ['fewer waiting readers than stand in front', withThreshold({ waitingReaders: 19 }), ['thresholds.waitingReaders']],
  ['10,001 waiting readers', withThreshold({ waitingReaders: 10_001 }), ['thresholds.waitingReaders']],
  ['half a message', withThreshold({ deadLetterMessages: 0.5 }), ['thresholds.deadLetterMessages']],
  ['an unknown key of the spike thresholds', withThreshold({ spike: { window: 5 } }), ['thresholds.spike']],
  ['an unknown key of the fleet thresholds', withThreshold({ fleet: { windowMinutes: 5 } }), ['thresholds.fleet']],
  ["an unknown key of an app's spike thresholds", withApp({ spike: { share: 0.5 } }), ['apps.crm.spike']],
  ["an app's fleet thresholds", withApp({ fleet: { minimumOrgs: 5 } }), ['apps.crm']],
  ["a text for an app's spike thresholds", withApp({ spike: 'off' }), ['apps.crm.spike']],
  ['a text for a switch', { apps: { crm }, loopbackReturnTo: 'yes' }, ['loopbackReturnTo']],
];

for (const [what, input, paths] of wrong) {
  test(`${what} is refused by its path`, () => assert.deepEqual(pathsOf(input), paths));
}

test('an idle limit is an hour at least, and is told in milliseconds', () => {
  for (const idleLimitDays of [0, 0.04, 3651, '30', Number.NaN]) {
    assert.deepEqual(pathsOf(withApp({ idleLimitDays })), ['apps.crm.idleLimitDays']);
  }
  for (const idleLimitDays of [1 / 24, 0.5, 3650]) assert.deepEqual(pathsOf(withApp({ idleLimitDays })), []);
  assert.equal(idleLimitMsOf({ idleLimitDays: 0.5 }), 12 * 3_600_000);
  assert.equal(idleLimitMsOf({}), undefined);
  assert.equal(idleLimitMsOf(undefined), undefined);
});

const outOfBounds: Record<string, [bad: unknown[], good: number[]]> = {
  windowMinutes: [
    [0, 1441, 1.5, '15'],
    [1, 1440],
  ],
  minimumConnections: [
    [1, 1001, 2.5],
    [2, 1000],
  ],
  minimumShare: [
    [0, -0.1, 1.01, Number.NaN, '0.2'],
    [0.001, 1],
  ],
  holdMinutes: [
    [0, 1441, 0.5],
    [1, 1440],
  ],
};

for (const [key, [bad, good]] of Object.entries(outOfBounds)) {
  test(`the threshold ${key} of a spike is bounded, for all apps and for one`, () => {
    for (const value of bad) {
      assert.deepEqual(pathsOf(withThreshold({ spike: { [key]: value } })), [`thresholds.spike.${key}`]);
      assert.deepEqual(pathsOf(withApp({ spike: { [key]: value } })), [`apps.crm.spike.${key}`]);
    }
    for (const value of good) {
      assert.deepEqual(pathsOf(withThreshold({ spike: { [key]: value } })), []);
      assert.deepEqual(pathsOf(withApp({ spike: { [key]: value } })), []);
    }
  });
}

test('the thresholds of a fleet are bounded', () => {
  for (const minimumOrgs of [1, 1001, 2.5]) {
    assert.deepEqual(pathsOf(withThreshold({ fleet: { minimumOrgs } })), ['thresholds.fleet.minimumOrgs']);
  }
  for (const minimumShare of [0, 1.01]) {
    assert.deepEqual(pathsOf(withThreshold({ fleet: { minimumShare } })), ['thresholds.fleet.minimumShare']);
  }
  for (const minimumOrgs of [2, 1000]) assert.deepEqual(pathsOf(withThreshold({ fleet: { minimumOrgs } })), []);
  for (const minimumShare of [0.001, 1]) assert.deepEqual(pathsOf(withThreshold({ fleet: { minimumShare } })), []);
});

test('a threshold that is left out has its default beside those that are written', () => {
  const { thresholds } = parseConfig(withThreshold({ spike: { windowMinutes: 5 }, fleet: { minimumOrgs: 9 } }), 'test');
  assert.deepEqual(thresholds.spike, { ...incidentDefaults.spike, windowMinutes: 5 });
  assert.deepEqual(thresholds.fleet, { ...incidentDefaults.fleet, minimumOrgs: 9 });
});

test('the spike thresholds of an app are its own where it has some, and those of all apps for the rest', () => {
  const own = { minimumConnections: 10, holdMinutes: undefined };
  const apps = { crm: { ...crm, spike: own }, sales: crm };
  const config = parseConfig({ apps, thresholds: { spike: { minimumShare: 0.5 } } }, 'test');
  const ofAll = { ...incidentDefaults.spike, minimumShare: 0.5 };
  assert.deepEqual(spikeThresholdsOf(config, 'crm'), { ...ofAll, minimumConnections: 10 });
  assert.deepEqual(spikeThresholdsOf(config, 'sales'), ofAll);
  assert.deepEqual(spikeThresholdsOf(config, 'gone'), ofAll);
  assert.deepEqual(spikeThresholdsOf(config, 'constructor'), ofAll);
});

test('a lifetime limit is an hour at least and ten years at most', () => {
  for (const lifetimeLimitDays of [0, 0.04, 3651, '30', Number.NaN]) {
    assert.deepEqual(pathsOf(withApp({ lifetimeLimitDays })), ['apps.crm.lifetimeLimitDays']);
  }
  for (const lifetimeLimitDays of [1 / 24, 0.5, 3650]) assert.deepEqual(pathsOf(withApp({ lifetimeLimitDays })), []);
});

test('a client secret may grow a week old to ten years, where there is one', () => {
  for (const clientSecretMaxAgeDays of [6, 3651, 90.5]) {
    assert.deepEqual(pathsOf(withApp({ clientSecretMaxAgeDays })), ['apps.crm.clientSecretMaxAgeDays']);
  }
  for (const clientSecretMaxAgeDays of [7, 3650]) assert.deepEqual(pathsOf(withApp({ clientSecretMaxAgeDays })), []);
  const withoutSecret = { clientAuthentication: 'none', clientSecretMaxAgeDays: 90 };
  assert.deepEqual(pathsOf(withApp(withoutSecret)), ['apps.crm.clientSecretMaxAgeDays']);
  assert.deepEqual(pathsOf(withApp({ ...withoutSecret, clientSecretMaxAgeDays: 365 })), []);
});

test('an app that signs users in asks for their identity, unless told otherwise, and for nothing to keep', () => {
  const scopesOf = (change: Record<string, unknown>) => parseConfig(withApp(change), 'test').apps.crm?.scopes;
  assert.deepEqual(scopesOf({ purpose: 'sign_in' }), ['id']);
  assert.deepEqual(scopesOf({ purpose: 'sign_in', scopes: ['openid', 'email'] }), ['openid', 'email']);
  assert.deepEqual(scopesOf({}), ['api', 'refresh_token']);
});

test('all that is wrong is named at once', () => {
  const input = {
    apps: { crm: { ...crm, loginUrl: 'x', scopes: ['api'] }, two: { ...crm, returnTo: ['y'] } },
    publicUrl: 'z',
  };
  assert.deepEqual(pathsOf(input).sort(), ['apps.crm.loginUrl', 'apps.crm.scopes', 'apps.two.returnTo.0', 'publicUrl']);
});

test('the boundary values are taken', () => {
  assert.deepEqual(pathsOf(withApp({ returnTo: Array(100).fill('https://a.example/') })), []);
  assert.deepEqual(pathsOf(withApp({ scopes: Array(32).fill('refresh_token') })), []);
  assert.deepEqual(pathsOf({ apps: { ['a'.repeat(31)]: crm } }), []);
  assert.deepEqual(
    pathsOf({ ...withApp({ loginUrl: 'http://127.0.0.1:1' }), salesforceOrigin: 'http://127.0.0.1:1' }),
    [],
  );
});
