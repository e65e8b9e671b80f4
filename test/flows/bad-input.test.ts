import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { knownAuthorizationErrors } from '../../functions/core/authorization-error.ts';
import { type Flow, org, startFlow, user } from '../support/flow.ts';

const order = { app: 'crm', tenant: 'acme', integration: 'sync' };

async function start(flow: Flow, more: Record<string, unknown> = {}) {
  const { body } = await flow.api('POST', '/connect-sessions', { ...order, integration: crypto.randomUUID(), ...more });
  return body as { session_id: string; connect_url: string };
}

function allow(flow: Flow, login: string, username = user): string {
  return flow.simulator.authorize(login, { username, decision: 'allow' });
}

const sessionOf = async (flow: Flow, id: string) => (await flow.api('GET', `/connect-sessions/${id}`)).body;

describe('requests that are not valid', () => {
  let flow: Flow;
  before(async () => {
    flow = await startFlow();
  });
  after(() => flow.close());

  const bodies: [string, unknown, string][] = [
    ['an unknown app', { ...order, app: 'nope' }, 'app'],
    ['an app of the prototype', { ...order, app: 'constructor' }, 'app'],
    ['an app that asserts its users', { ...order, app: 'crm-jwt' }, 'app'],
    ['an app that is its own user', { ...order, app: 'crm-service' }, 'app'],
    ['a wrong type', { ...order, tenant: 7 }, 'tenant'],
    ['a missing field', { app: 'crm', tenant: 'acme' }, 'integration'],
    ['a tenant with a slash', { ...order, tenant: 'a/b' }, 'tenant'],
    ['a tenant that is too long', { ...order, tenant: 'a'.repeat(129) }, 'tenant'],
    ['an unknown field', { ...order, colour: 'red' }, 'colour'],
    ['an org id of 15 characters', { ...order, expected_org_id: '00D000000000001' }, 'expected_org_id'],
    ['a foreign login_url', { ...order, login_url: 'https://login.salesforce.com.evil.example' }, 'login_url'],
    ['a login_url with a path', { ...order, login_url: 'https://login.salesforce.com/x' }, 'login_url'],
    ['a list for a body', [order], 'body'],
  ];
  for (const [what, body, field] of bodies) {
    it(`refuses ${what} and names ${field}`, async () => {
      const answer = await flow.api('POST', '/connect-sessions', body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.code, 'invalid_request');
      assert.equal(answer.body.field, field);
    });
  }

  it('refuses a configuration over 16 KB, and takes one of just 16 KB', async () => {
    const fitting = 'x'.repeat(16 * 1_024 - 2);
    assert.equal((await flow.api('POST', '/connect-sessions', { ...order, configuration: fitting })).status, 201);
    const oversize = await flow.api('POST', '/connect-sessions', { ...order, configuration: `${fitting}x` });
    assert.equal(oversize.status, 413);
    assert.equal(oversize.body.code, 'too_large');
  });

  it('refuses malformed JSON, a foreign content type, a wrong method and an unknown route', async () => {
    const url = `${flow.stack.url}/connect-sessions`;
    const json = { 'content-type': 'application/json' };
    const malformed = await fetch(url, { method: 'POST', headers: json, body: '{"app":' });
    assert.equal(malformed.status, 400);
    assert.equal((await malformed.json()).code, 'invalid_request');
    const text = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' });
    assert.equal(text.status, 415);
    const method = await flow.api('DELETE', '/connect-sessions');
    assert.equal(method.status, 405);
    assert.equal(method.headers.get('allow'), 'POST');
    assert.equal((await fetch(`${flow.stack.url}/nowhere`)).status, 404);
  });

  it('answers 404 for sessions and connections that do not exist or cannot', async () => {
    for (const id of ['x', 'A'.repeat(43), '%00']) {
      const answer = await fetch(`${flow.stack.url}/connect-sessions/${encodeURIComponent(id)}`);
      assert.ok([400, 404].includes(answer.status), `${id}: ${answer.status}`);
    }
    for (const id of ['x', `crm.${org.id}.005000000000000AAA`, `crm.${org.id}`, 'crm.00D.005']) {
      const answer = await flow.api('GET', `/connections/${id}/token`);
      assert.equal(answer.status, 404);
      assert.equal(answer.body.code, 'unknown_connection');
    }
  });

  it('refuses a rejected_token_sha256 that is none', async () => {
    const { connectionId } = await flow.connect({ integration: 'rejections' });
    for (const rejected_token_sha256 of ['', 'A'.repeat(64), 'a'.repeat(63), 5]) {
      const answer = await flow.api('POST', `/connections/${connectionId}/token`, { rejected_token_sha256 });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.field, 'rejected_token_sha256');
    }
  });
});

describe('links and callbacks that go wrong', () => {
  let flow: Flow;
  before(async () => {
    flow = await startFlow();
  });
  after(() => flow.close());

  it('shows a page for an unknown link and an unknown state, and never redirects', async () => {
    const person = flow.browser();
    for (const path of ['/connect/unknown', `/oauth/callback?state=${'a'.repeat(43)}.${'b'.repeat(43)}&code=c`]) {
      const answer = await person.get(flow.stack.url + path);
      assert.equal(answer.status, 404);
      assert.equal(answer.headers.get('location'), null);
    }
    for (const query of ['', '?code=x', '?state=a&state=b&code=x', `?state=${'x'.repeat(3_000)}&code=c`]) {
      const answer = await person.get(`${flow.stack.url}/oauth/callback${query}`);
      assert.equal(answer.status, 400);
    }
  });

  it('takes no callback without the cookie or from another browser, even with return_to, and spends nothing', async () => {
    const session = await start(flow, { return_to: 'http://127.0.0.1:9/' });
    const person = flow.browser();
    const callbackUrl = allow(flow, await person.open(session.connect_url));
    const before = flow.tokenRequests('authorization_code');
    const stranger = flow.browser();
    const without = await stranger.get(callbackUrl);
    assert.equal(without.status, 403);
    assert.equal(without.headers.get('location'), null);
    const other = await start(flow);
    await stranger.open(other.connect_url);
    assert.equal((await stranger.get(callbackUrl)).status, 403, 'the cookie of another session does not help');
    assert.equal(flow.tokenRequests('authorization_code'), before);
    assert.equal((await sessionOf(flow, session.session_id)).status, 'pending');
    assert.equal((await person.get(callbackUrl)).status, 303, 'the browser that began can still finish');
  });

  it('lets the newest browser win until the callback, and tells the older one so', async () => {
    const session = await start(flow);
    const scanner = flow.browser();
    const old = allow(flow, await scanner.open(session.connect_url));
    const person = flow.browser();
    const callbackUrl = allow(flow, await person.open(session.connect_url));
    assert.equal((await scanner.get(old)).status, 403);
    assert.equal((await person.get(callbackUrl)).status, 200);
  });

  it('keeps the state of a browser that opens its link twice', async () => {
    const session = await start(flow);
    const person = flow.browser();
    const first = allow(flow, await person.open(session.connect_url));
    await person.open(session.connect_url);
    assert.equal((await person.get(first)).status, 200);
  });

  it('refuses an expired session before and after the login, and spends nothing', async () => {
    const own = await startFlow();
    try {
      const session = await start(own);
      const person = own.browser();
      const callbackUrl = allow(own, await person.open(session.connect_url));
      own.clock.advance(15 * 60_000 + 1);
      assert.equal((await own.browser().get(session.connect_url)).status, 410);
      const late = await person.get(callbackUrl);
      assert.equal(late.status, 410);
      assert.equal(own.tokenRequests('authorization_code'), 0);
      assert.equal((await sessionOf(own, session.session_id)).status, 'expired');
    } finally {
      await own.close();
    }
  });

  for (const error of [...knownAuthorizationErrors, 'an_error_nobody_knows']) {
    it(`says what to do about error=${error}`, async () => {
      const session = await start(flow);
      const person = flow.browser();
      const login = await person.open(session.connect_url);
      const state = new URL(login).searchParams.get('state') ?? '';
      const answer = await person.get(`${flow.stack.url}/oauth/callback?${new URLSearchParams({ state, error })}`);
      assert.equal(answer.status, 400);
      const shown = await sessionOf(flow, session.session_id);
      assert.equal(shown.status, 'failed');
      assert.equal(shown.error.code, error);
      assert.ok(shown.error.remedy.length > 20);
      assert.ok(answer.text.includes(shown.error.code));
    });
  }

  it('does not let an error text of a stranger onto the page as markup', async () => {
    const session = await start(flow);
    const person = flow.browser();
    const state = new URL(await person.open(session.connect_url)).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ state, error: '<script>alert(1)</script>' });
    const answer = await person.get(`${flow.stack.url}/oauth/callback?${query}`);
    assert.ok(!answer.text.includes('<script'));
  });

  it('refuses the code of another session under this one, and says to open a new link', async () => {
    const [first, second] = [await start(flow), await start(flow)];
    const person = flow.browser();
    const other = new URL(allow(flow, await person.open(first.connect_url)));
    const own = new URL(allow(flow, await person.open(second.connect_url)));
    own.searchParams.set('code', other.searchParams.get('code') ?? '');
    assert.equal((await person.get(own.href)).status, 400);
    const shown = await sessionOf(flow, second.session_id);
    assert.equal(shown.status, 'failed');
    assert.match(shown.error.remedy, /Open a new link/);
    assert.doesNotMatch(shown.error.remedy, /operator/);
  });

  it('fails a session whose user denied, and a new link works', async () => {
    const session = await start(flow);
    const person = flow.browser();
    const login = await person.open(session.connect_url);
    await person.get(flow.simulator.authorize(login, { username: user, decision: 'deny' }));
    assert.equal((await sessionOf(flow, session.session_id)).error.code, 'access_denied');
    assert.equal((await flow.connect({ integration: 'after-denial' })).session.status, 'connected');
  });
});
