import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieName, sessionIdOfLinkSecret } from '../../../functions/core/browser-binding.ts';
import type { Session } from '../../../functions/core/session.ts';
import { openLink } from '../../../functions/flows/open-link.ts';
import { aSession } from '../../contract/items.ts';
import { memoryPorts } from '../../support/memory-ports.ts';

const secret = 'link-secret';
const id = sessionIdOfLinkSecret(secret);

async function setUp(change: Partial<Session> = {}) {
  const ports = memoryPorts();
  await ports.store.inner.sessions.create(aSession(1, { id, ...change }));
  const open = async (cookies: Record<string, string> = {}, link = secret) => openLink(ports, link, cookies);
  return { ports, open };
}

function wentOn(opening: Awaited<ReturnType<typeof openLink>>) {
  assert.ok(opening.kind === 'go');
  const [pair = ''] = opening.cookie.split(';');
  return { url: new URL(opening.location), cookie: pair.slice(pair.indexOf('=') + 1), header: opening.cookie };
}

test('a link leads to Salesforce with state and PKCE, and binds the browser', async () => {
  const { open } = await setUp({ loginHint: 'ada@example.com', loginUrl: 'https://acme.my.salesforce.com' });
  const { url, header } = wentOn(await open());
  assert.equal(url.origin + url.pathname, 'https://acme.my.salesforce.com/services/oauth2/authorize');
  const { state, code_challenge, ...rest } = Object.fromEntries(url.searchParams);
  assert.deepEqual(rest, {
    response_type: 'code',
    client_id: 'crm-client',
    redirect_uri: 'https://grants.example/oauth/callback',
    scope: 'api refresh_token',
    code_challenge_method: 'S256',
    login_hint: 'ada@example.com',
  });
  assert.ok(state?.startsWith(`${id}.`));
  assert.match(code_challenge ?? '', /^[A-Za-z0-9_-]{43}$/);
  assert.match(header, /^__Host-grantkeeper-.*; Max-Age=900$/);
});

test('the newest binding wins, and the browser that is bound keeps its own', async () => {
  const { ports, open } = await setUp();
  const scanner = wentOn(await open());
  const person = wentOn(await open());
  assert.notEqual(person.url.searchParams.get('state'), scanner.url.searchParams.get('state'));
  const again = wentOn(await open({ [cookieName(id)]: person.cookie }));
  assert.equal(again.cookie, person.cookie);
  assert.equal(again.url.href, person.url.href);
  const other = wentOn(await open({ [cookieName(id)]: scanner.cookie }));
  assert.notEqual(other.cookie, scanner.cookie);
  assert.equal((await ports.store.inner.sessions.read(id))?.status, 'pending');
});

test('an unknown link leads nowhere', async () => {
  const { open } = await setUp();
  assert.deepEqual(await open({}, 'another'), { kind: 'unknown' });
  assert.deepEqual(await open({}, id), { kind: 'unknown' });
});

test('a link that is over leads nowhere and binds nobody', async () => {
  for (const status of ['exchanging', 'connected', 'failed'] as const) {
    const { ports, open } = await setUp({ status });
    assert.equal((await open()).kind, 'ended', status);
    assert.equal((await ports.store.inner.sessions.read(id))?.binding, undefined);
  }
  const { ports, open } = await setUp();
  ports.clock.advance(900_000);
  assert.equal((await open()).kind, 'ended');
});

test('a callback that came in between keeps its binding', async () => {
  const { ports, open } = await setUp();
  ports.store.disturb('sessions.replace', async () => {
    const before = await ports.store.inner.sessions.read(id);
    await ports.store.inner.sessions.replace(before!, { ...before!, status: 'exchanging', revision: 2, writeId: 'x' });
  });
  assert.equal((await open()).kind, 'ended');
  assert.equal((await ports.store.inner.sessions.read(id))?.binding, undefined);
});

test('a binding whose answer was lost is this browser’s all the same', async () => {
  const { open } = await setUp();
  const { ports } = await setUp();
  ports.store.disturb('sessions.replace', 'retried');
  wentOn(await openLink(ports, secret, {}));
  wentOn(await open());
});
