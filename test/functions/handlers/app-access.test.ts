import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAppCallers, unlimitedCallers } from '../../../functions/core/app-callers.ts';
import type { HttpRequest } from '../../../functions/core/http.ts';
import { forbiddenApp, forbiddenConnection } from '../../../functions/handlers/app-access.ts';

const account = '111122223333';
const limits = [{ account, role: 'Sales', apps: { read: ['crm'], connect: ['crm', 'crm-eu'] } }];
const ports = { appCallers: createAppCallers(JSON.stringify(limits)) };
const requestBy = (role: string) =>
  ({ caller: { accountId: account, userArn: `arn:aws:sts::${account}:assumed-role/${role}/s` } }) as HttpRequest;
const sales = requestBy('Sales');

describe('a caller with some apps', () => {
  it('may act on those', () => {
    assert.equal(forbiddenApp(ports, sales, 'read', 'crm'), undefined);
    assert.equal(forbiddenApp(ports, sales, 'connect', 'crm-eu'), undefined);
  });

  it('is refused any other, and told which it may have', () => {
    const problem = forbiddenApp(ports, sales, 'connect', 'mobile');
    assert.equal(problem?.code, 'forbidden');
    assert.match(problem.detail, /is about the app mobile; .* may connect and configure, there are .*: crm, crm-eu\./);
    assert.equal(forbiddenApp(ports, sales, 'read', 'crm-eu')?.code, 'forbidden');
  });

  it('is refused what is about all apps', () => {
    assert.match(forbiddenApp(ports, sales, 'read', undefined)?.detail ?? '', /is about all apps; .*only: crm\./);
  });

  it('is held by a connection’s id as well', () => {
    const id = (app: string) => `${app}.00D5e000001abcdEAA.0055e000001abcdEAA`;
    assert.equal(forbiddenConnection(ports, sales, 'read', id('crm')), undefined);
    for (const other of [id('crm-eu'), 'crm', 'crm.x.y', '']) {
      assert.equal(forbiddenConnection(ports, sales, 'read', other)?.code, 'forbidden', other);
    }
  });
});

describe('a caller without a limit', () => {
  it('may act on all apps', () => {
    for (const app of ['crm', 'mobile', undefined]) {
      assert.equal(forbiddenApp(ports, requestBy('Other'), 'read', app), undefined);
      assert.equal(forbiddenApp({ appCallers: unlimitedCallers }, sales, 'read', app), undefined);
    }
  });

  it('is another than one whom nobody can name', () => {
    const problem = forbiddenApp(ports, {} as HttpRequest, 'read', 'crm');
    assert.match(problem?.detail ?? '', /may read, there are none\./);
  });
});
