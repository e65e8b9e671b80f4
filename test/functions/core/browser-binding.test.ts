import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bindingOf,
  codeChallengeOf,
  codeVerifierOf,
  cookieHeader,
  cookieName,
  isBoundBrowser,
  isStateOf,
  sessionIdOfLinkSecret,
  sessionIdOfState,
  stateOf,
} from '../../../functions/core/browser-binding.ts';
import { sessionIdPattern } from '../../../functions/core/ids.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { aSession } from '../../contract/items.ts';

const id = sessionIdOfLinkSecret('link-secret');
const session = aSession(1, { id, binding: bindingOf(id, 'cookie', 'salt') });

test('a session id is made of its link secret and gives no way back', () => {
  assert.match(id, sessionIdPattern);
  assert.ok(!id.includes('link-secret'));
  assert.notEqual(sessionIdOfLinkSecret('link-secret2'), id);
});

test('the browser that opened the link last is known by its cookie, and no other', () => {
  assert.equal(isBoundBrowser(session, 'cookie'), true);
  for (const cookie of [undefined, '', 'cookie2', 'Cookie']) assert.equal(isBoundBrowser(session, cookie), false);
  assert.equal(isBoundBrowser(aSession(1, { id }), 'cookie'), false);
  assert.equal(isBoundBrowser({ ...session, binding: bindingOf(id, 'newer', 'salt') }, 'cookie'), false);
});

test('a state names its session and belongs to one cookie', () => {
  const state = stateOf(id, 'cookie');
  assert.equal(sessionIdOfState(state), id);
  assert.equal(isStateOf(session, state), true);
  assert.equal(isStateOf(session, stateOf(id, 'other')), false);
  assert.equal(isStateOf(session, stateOf(sessionIdOfLinkSecret('x'), 'cookie')), false);
  assert.equal(isStateOf(aSession(1, { id }), state), false);
});

test('what is no state names no session', () => {
  const state = stateOf(id, 'cookie');
  for (const text of [
    '',
    id,
    `${id}.`,
    `.${id}`,
    `${state}.x`,
    `${state}x`,
    state.replace('.', '..'),
    `${id}.${'a'.repeat(42)}`,
  ]) {
    assert.equal(sessionIdOfState(text), undefined, text);
  }
  fc.assert(fc.property(fc.string(), (text) => sessionIdOfState(text) === undefined));
});

test('what is stored holds neither cookie nor state nor verifier', () => {
  const text = JSON.stringify(session.binding);
  for (const secret of [
    'cookie":"cookie',
    stateOf(id, 'cookie'),
    codeVerifierOf(session.binding!, 'cookie').reveal(),
  ]) {
    assert.ok(!text.includes(secret));
  }
});

test('a verifier takes cookie and salt, and is of the alphabet that Salesforce takes', () => {
  const verifier = codeVerifierOf(session.binding!, 'cookie').reveal();
  assert.match(verifier, /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(codeVerifierOf(session.binding!, 'other').reveal(), verifier);
  assert.notEqual(codeVerifierOf({ ...session.binding!, verifierSalt: 'other' }, 'cookie').reveal(), verifier);
});

test('the challenge is that of RFC 7636, appendix B', () => {
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  assert.equal(codeChallengeOf(new Secret(verifier)), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  assert.equal(createHash('sha256').update(verifier).digest('base64url'), codeChallengeOf(new Secret(verifier)));
});

test('the cookie is for this host alone, out of reach for scripts, and ends with the session', () => {
  const header = cookieHeader(id, 'value', 900);
  assert.equal(header, `__Host-grantkeeper-${id}=value; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=900`);
  assert.ok(header.startsWith(`${cookieName(id)}=`));
  assert.doesNotMatch(header, /domain/i);
});
