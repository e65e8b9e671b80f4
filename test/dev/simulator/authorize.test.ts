import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { ada, authorizeUrl, grace, origin, redirectUri, simulate } from './client.ts';

const escaped = (text: string) => text.replaceAll('&', '&amp;');

describe('the authorization endpoint', () => {
  it('shows a page with every user of every org, the hinted one chosen', async () => {
    const { simulator } = simulate();
    const response = await simulator.fetch(new Request(authorizeUrl({ login_hint: grace.username })));
    const page = await response.text();
    assert.equal(response.status, 200);
    for (const { username } of simulator.books.orgs.flatMap((org) => org.users)) assert.ok(page.includes(username));
    assert.equal(page.match(/ checked/g)?.length, 1);
    assert.match(page, new RegExp(`value="${grace.id}" checked`));
    assert.doesNotMatch(page, /<script/);
  });

  it('chooses the first user where the hint is nobody', async () => {
    const { simulator } = simulate();
    const page = await (await simulator.fetch(new Request(authorizeUrl({ login_hint: 'nobody@nowhere' })))).text();
    assert.match(page, new RegExp(`value="${ada.id}" checked`));
  });

  it('lets a browser apply its one style sheet and nothing else', async () => {
    const { simulator } = simulate();
    const response = await simulator.fetch(new Request(authorizeUrl()));
    const style = /<style>([\s\S]*?)<\/style>/.exec(await response.text())?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.ok(policy.startsWith(`default-src 'none'; style-src 'sha256-${hash}';`), policy);
    // Browsers apply it to the redirects after the form, too.
    assert.doesNotMatch(policy, /form-action/);
  });

  it('escapes what the query brings', async () => {
    const { simulator } = simulate();
    const page = await (
      await simulator.fetch(new Request(authorizeUrl({ state: '"><script>alert(1)</script>' })))
    ).text();
    assert.doesNotMatch(page, /<script/);
  });

  for (const [title, change, error] of [
    ['an unknown client', { client_id: 'other' }, 'invalid_client_id'],
    ['a redirect URI that differs by a slash', { redirect_uri: `${redirectUri}/` }, 'redirect_uri_mismatch'],
  ] as const) {
    it(`keeps the browser on a page for ${title}`, async () => {
      const { simulator } = simulate();
      const response = await simulator.fetch(new Request(authorizeUrl(change)));
      assert.equal(response.status, 400);
      assert.equal(response.headers.get('location'), null);
      assert.match(await response.text(), new RegExp(error));
      assert.throws(() => simulator.authorize(authorizeUrl(change), { username: ada.username, decision: 'allow' }), {
        message: new RegExp(error),
      });
    });
  }

  for (const [title, change, error, description] of [
    ['no challenge', { code_challenge: undefined }, 'invalid_request', 'missing required code challenge'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request', 'invalid code challenge'],
    ['a scope that the app has not', { scope: 'api full' }, 'invalid_scope', 'the requested scope is not allowed'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type', 'response type not supported'],
  ] as const) {
    it(`sends the browser back with an error for ${title}`, async () => {
      const { simulator } = simulate();
      const response = await simulator.fetch(new Request(authorizeUrl(change)));
      assert.equal(response.status, 302);
      const location = new URL(response.headers.get('location') ?? '');
      assert.equal(location.origin + location.pathname, redirectUri);
      assert.deepEqual(Object.fromEntries(location.searchParams), {
        error,
        error_description: description,
        state: 'state-1',
      });
    });
  }

  it('sends the browser back with the error that the switch names', async () => {
    const { simulator } = simulate({ switches: { callbackError: 'OAUTH_APP_BLOCKED' } });
    const response = await simulator.fetch(new Request(authorizeUrl()));
    const location = new URL(response.headers.get('location') ?? '');
    assert.equal(location.searchParams.get('error'), 'OAUTH_APP_BLOCKED');
    assert.equal(location.searchParams.get('error_description'), 'this app is blocked by admin');
  });
});

describe('the decision', () => {
  async function decide(form: Record<string, string>, simulator = simulate().simulator) {
    const query = new URL(authorizeUrl()).searchParams.toString();
    const body = new URLSearchParams({ query, ...form });
    return simulator.fetch(new Request(`${origin}/simulator/decide`, { method: 'POST', body }));
  }

  it('sends the browser back with a code that ends in two equals signs, and the state', async () => {
    const response = await decide({ user: ada.id, decision: 'allow' });
    assert.equal(response.status, 303);
    const location = new URL(response.headers.get('location') ?? '');
    assert.match(location.searchParams.get('code') ?? '', /^aPrx[\w-]+==$/);
    assert.match(location.search, /%3D%3D/);
    assert.equal(location.searchParams.get('state'), 'state-1');
  });

  it('sends the browser back with access_denied after a denial', async () => {
    const response = await decide({ user: ada.id, decision: 'deny' });
    const { searchParams } = new URL(response.headers.get('location') ?? '');
    assert.equal(searchParams.get('error'), 'access_denied');
    assert.equal(searchParams.get('code'), null);
  });

  it('takes what the page has put in its form', async () => {
    const { simulator } = simulate();
    const page = await (await simulator.fetch(new Request(authorizeUrl()))).text();
    const query = new URL(authorizeUrl()).searchParams.toString();
    assert.ok(page.includes(`<input type="hidden" name="query" value="${escaped(query)}">`));
    assert.ok(page.includes('action="/simulator/decide"'));
  });

  it('gives an inactive user no code', () => {
    const { simulator } = simulate();
    simulator.deactivateUser(ada.id);
    const location = simulator.authorize(authorizeUrl(), { username: ada.username, decision: 'allow' });
    assert.equal(new URL(location).searchParams.get('error'), 'inactive_user');
  });

  for (const [title, form] of [
    ['an unknown user', { user: '005000000000000AAA', decision: 'allow' }],
    ['no choice', { user: ada.id }],
    [
      'a query with a foreign redirect',
      { user: ada.id, decision: 'allow', query: 'redirect_uri=https://evil.example/' },
    ],
  ] as const) {
    it(`shows a page and redirects nowhere for ${title}`, async () => {
      const response = await decide(form);
      assert.equal(response.status, 400);
      assert.equal(response.headers.get('location'), null);
    });
  }
});
