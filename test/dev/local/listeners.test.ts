import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LocalStack, startLocalStack } from '../../../dev/local/local-stack.ts';
import { fakeHandlers } from './fake-handlers.ts';
import { rawRequest } from './raw-request.ts';

const listeners = ['gateway', 'simulator', 'dynamodb', 'messaging'] as const;

describe('the listeners of the local stack', () => {
  let stack: LocalStack;
  before(async () => {
    const createHandlers = () => fakeHandlers().handlers;
    stack = await startLocalStack({ port: 0, tick: 'manual', quiet: true, createHandlers });
  });
  after(() => stack.close());
  const urlOf = (name: string) => {
    const url = stack.listeners[name];
    assert.ok(url !== undefined, name);
    return url;
  };

  it('are these four, each on 127.0.0.1', () => {
    assert.deepEqual(Object.keys(stack.listeners).sort(), [...listeners].sort());
    for (const url of Object.values(stack.listeners)) assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  for (const name of listeners) {
    it(`refuse a rebound name: ${name}`, async () => {
      const { port } = new URL(urlOf(name));
      for (const host of [`evil.example:${port}`, 'evil.example', `127.0.0.1:${Number(port) + 1}`]) {
        const answer = await rawRequest(urlOf(name), { headers: { host } });
        assert.equal(answer.status, 403, host);
      }
      const own = await rawRequest(urlOf(name), { headers: { host: `127.0.0.1:${port}` } });
      assert.notEqual(own.status, 403);
    });

    it(`refuse a cross-site POST: ${name}`, async () => {
      const post = { method: 'POST', body: '{}' };
      const type = { 'content-type': 'text/plain' };
      const cross = {
        ...type,
        origin: 'https://evil.example',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'cors',
      };
      assert.equal((await rawRequest(urlOf(name), { ...post, headers: cross })).status, 403);
      const old = { ...type, origin: 'https://evil.example' };
      assert.equal((await rawRequest(urlOf(name), { ...post, headers: old })).status, 403);
      assert.notEqual((await rawRequest(urlOf(name), { ...post, headers: type })).status, 403);
    });

    it(`give no other origin leave to read: ${name}`, async () => {
      const headers = { origin: urlOf(name), 'access-control-request-method': 'POST' };
      for (const method of ['OPTIONS', 'POST', 'GET']) {
        const answer = await rawRequest(urlOf(name), { method, headers });
        const granted = Object.keys(answer.headers).filter((header) => header.startsWith('access-control-'));
        assert.deepEqual(granted, []);
      }
    });
  }

  it('take the navigations of the connect flow from elsewhere, and no other', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const status = async (name: string, path: string) => (await rawRequest(urlOf(name), { path, headers })).status;
    assert.equal(await status('gateway', '/oauth/callback?state=s&code=c'), 200);
    assert.equal(await status('gateway', '/connect/secret'), 200);
    assert.notEqual(await status('simulator', '/services/oauth2/authorize'), 403);
    assert.equal(await status('gateway', '/'), 403);
    assert.equal(await status('gateway', '/connections/x/token'), 403);
    assert.equal(await status('simulator', '/'), 403);
  });

  it('take only JSON where the local routes change something', async () => {
    const post = (type: string, body: string) =>
      rawRequest(stack.url, { method: 'POST', path: '/local/switches', headers: { 'content-type': type }, body });
    assert.equal((await post('text/plain', '{"rotation":true}')).status, 415);
    assert.equal((await post('application/json', '{"rotation":')).status, 400);
    assert.equal((await post('application/json', '{"rotatoin":true}')).status, 400);
    assert.equal((await post('application/json', `{"a":"${'x'.repeat(70_000)}"}`)).status, 413);
    assert.equal(stack.simulator?.switches.rotation, false);
    assert.equal((await post('application/json', '{"rotation":true}')).status, 200);
    assert.equal(stack.simulator?.switches.rotation, true);
  });
});
