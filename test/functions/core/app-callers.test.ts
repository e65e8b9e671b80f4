import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAppCallers, type LimitedCaller, unlimitedCallers } from '../../../functions/core/app-callers.ts';
import { ConfigurationError } from '../../../functions/core/errors.ts';
import { capabilities } from '../../../functions/core/routes.ts';

const account = '111122223333';
const limits: readonly LimitedCaller[] = [
  { account, role: 'Sales', apps: { read: ['crm'], connect: ['crm', 'crm-eu'] } },
  { account, user: 'robot', apps: { read: ['mobile'] } },
];
const callers = createAppCallers(JSON.stringify(limits));

const session = (role: string, of = account) => ({
  accountId: of,
  userArn: `arn:aws:sts::${of}:assumed-role/${role}/one-session`,
});
const user = (path: string) => ({ accountId: account, userArn: `arn:aws:iam::${account}:user/${path}` });

describe('a caller that was granted some apps', () => {
  it('is held to those of the capability, whatever its session is called', () => {
    assert.deepEqual(callers.allowedApps(session('Sales'), 'read'), new Set(['crm']));
    assert.deepEqual(callers.allowedApps(session('Sales'), 'connect'), new Set(['crm', 'crm-eu']));
  });

  it('is not held where its grant of the capability has no limit', () => {
    assert.equal(callers.allowedApps(session('Sales'), 'admin'), 'all');
    assert.equal(callers.allowedApps(user('robot'), 'connect'), 'all');
  });

  it('is found as a user by its name, under whatever path', () => {
    for (const path of ['robot', 'machines/eu/robot']) {
      assert.deepEqual(callers.allowedApps(user(path), 'read'), new Set(['mobile']));
    }
    assert.equal(callers.allowedApps(user('robot/other'), 'read'), 'all');
  });

  it('has the apps of all entries that name it', () => {
    const twice = [...limits, { account, role: 'Sales', apps: { read: ['mobile'] } }];
    const allowed = createAppCallers(JSON.stringify(twice)).allowedApps(session('Sales'), 'read');
    assert.deepEqual(allowed, new Set(['crm', 'mobile']));
  });
});

describe('another caller', () => {
  it('of that account, or of the same name in another one, is not held', () => {
    assert.equal(callers.allowedApps(session('Sales2'), 'read'), 'all');
    assert.equal(callers.allowedApps(session('Sales', '999999999999'), 'read'), 'all');
    assert.equal(callers.allowedApps(session('robot'), 'read'), 'all');
    assert.equal(callers.allowedApps(user('Sales'), 'read'), 'all');
  });

  it('that cannot be told apart from a limited one has no app at all', () => {
    const strangers = [
      undefined,
      { accountId: account, userArn: `arn:aws:sts::${account}:federated-user/robot` },
      { accountId: account, userArn: `arn:aws:iam::${account}:root` },
      { accountId: account, userArn: '' },
      { ...session('Other'), accountId: '999999999999' },
    ];
    for (const stranger of strangers) {
      assert.deepEqual(callers.allowedApps(stranger, 'read'), new Set(), stranger?.userArn);
      assert.equal(callers.allowedApps(stranger, 'admin'), 'all', 'nobody is limited there');
    }
  });
});

describe('without limits', () => {
  it('everybody may act on every app', () => {
    for (const capability of capabilities) {
      assert.equal(createAppCallers('[]').allowedApps(undefined, capability), 'all');
      assert.equal(unlimitedCallers.allowedApps(session('Sales'), capability), 'all');
    }
  });
});

describe('a list that is not understood', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /is not JSON/],
    ['{}', /is wrong at \(root\)/],
    ['[{"account":"1","role":"r","apps":{}}]', /is wrong at 0\.account: must be an account id of 12 digits/],
    [`[{"account":"${account}","apps":{}}]`, /is wrong at 0: must name either a role or a user/],
    [`[{"account":"${account}","role":"r","user":"u","apps":{}}]`, /is wrong at 0: must name either/],
    [`[{"account":"${account}","role":"r","apps":{"raed":["crm"]}}]`, /is wrong at 0\.apps/],
    [`[{"account":"${account}","role":"r","apps":{"read":"crm"}}]`, /is wrong at 0\.apps\.read/],
  ];
  for (const [json, message] of wrong) {
    it(`is refused at cold start: ${json || 'nothing'}`, () => {
      assert.throws(
        () => createAppCallers(json),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });
  }
});
