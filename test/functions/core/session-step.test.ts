import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '../../../functions/core/session.ts';
import { sessionLifetimeMs } from '../../../functions/core/session.ts';
import {
  bind,
  connect,
  consume,
  fail,
  lostResponse,
  sessionErrorOf,
  sessionStatus,
} from '../../../functions/core/session-step.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aGrant, aSession, noon } from '../../contract/items.ts';

const binding = { cookieSha256: 'c', stateSha256: 's', verifierSalt: 'v' };
const pending = aSession(1, { binding });
const exchanging = aSession(1, { binding, status: 'exchanging', attempt: { id: 'a', begunAt: noon } });
const error = { code: 'x', detail: 'd', remedy: 'r' };
const later: Session['status'][] = ['exchanging', 'authorized', 'connected', 'signed_in', 'failed'];

test('a session lives for fifteen minutes', () => {
  assert.equal(sessionLifetimeMs, 900_000);
  assert.equal(sessionStatus(pending, noon + 899_999), 'pending');
  assert.equal(sessionStatus(pending, noon + 900_000), 'expired');
});

test('time expires a pending session and no other', () => {
  for (const status of later.filter((one) => one !== 'exchanging')) {
    assert.equal(sessionStatus(aSession(1, { status }), noon + 86_400_000), status);
  }
});

test('an exchange that ended in no way is lost once its lease and the link’s grace have passed', () => {
  const end = noon + 75_000 + 180_000;
  assert.equal(sessionStatus(exchanging, end), 'exchanging');
  assert.equal(sessionErrorOf(exchanging, end), undefined);
  assert.equal(sessionStatus(exchanging, end + 1), 'failed');
  assert.deepEqual(sessionErrorOf(exchanging, end + 1), lostResponse);
  assert.equal(sessionErrorOf({ ...exchanging, error }, end + 1), error);
});

test('the newest binding wins until the callback', () => {
  const newer = { ...binding, cookieSha256: 'newer' };
  assert.deepEqual(bind(pending, newer, noon), { ...pending, binding: newer });
  assert.equal(bind(pending, newer, noon + 900_000), undefined);
  for (const status of later) assert.equal(bind(aSession(1, { status }), newer, noon), undefined, status);
});

test('a session is consumed once, by one attempt', () => {
  const first = consume(pending, 'a', binding, noon);
  assert.deepEqual(first, { kind: 'consume', after: exchanging });
  assert.ok(first.kind === 'consume');
  assert.deepEqual(consume(first.after, 'b', binding, noon), { kind: 'refuse' });
  assert.deepEqual(consume(first.after, 'a', binding, noon), { kind: 'consumed' });
});

test('a session that is over, expired or bound to another state is not consumed', () => {
  assert.equal(consume(pending, 'a', binding, noon + 900_000).kind, 'refuse');
  assert.equal(consume(pending, 'a', { ...binding, stateSha256: 'other' }, noon).kind, 'refuse');
  assert.equal(consume({ ...pending, binding: undefined }, 'a', binding, noon).kind, 'refuse');
  for (const status of later) assert.equal(consume({ ...pending, status }, 'a', binding, noon).kind, 'refuse', status);
  assert.equal(consume({ ...exchanging, status: 'connected' }, 'a', binding, noon).kind, 'refuse');
});

test('a session fails once, while it is open', () => {
  assert.deepEqual(fail(pending, error, undefined), { ...pending, status: 'failed', error });
  assert.deepEqual(fail(exchanging, error, 'a'), { ...exchanging, status: 'failed', error });
  assert.equal(fail(exchanging, error, undefined), undefined, 'another callback has it under way');
  assert.equal(fail(exchanging, error, 'b'), undefined);
  for (const status of later.filter((one) => one !== 'exchanging')) {
    assert.equal(fail(aSession(1, { status }), error, undefined), undefined, status);
  }
});

test('the grant of a failed session is owed its revocation, also where the outcome stands already', () => {
  const revoke = revocationOf(aGrant('g'), noon, noon, 'refused');
  assert.deepEqual(fail(exchanging, error, 'a', revoke), {
    ...exchanging,
    status: 'failed',
    error,
    duties: { 'revoke.g': revoke },
  });
  const connected = aSession(1, { status: 'connected' });
  assert.deepEqual(fail(connected, error, 'a', revoke), { ...connected, duties: { 'revoke.g': revoke } });
});

test('a link connects its session once, even one that was given up for lost', () => {
  assert.deepEqual(connect(exchanging, 'id'), {
    ...exchanging,
    status: 'connected',
    connectionId: 'id',
    error: undefined,
  });
  const lost = aSession(1, { status: 'failed', error: lostResponse });
  assert.deepEqual(connect(lost, 'id'), { ...lost, status: 'connected', connectionId: 'id', error: undefined });
  assert.equal(connect(connect(exchanging, 'id')!, 'id'), undefined);
});
