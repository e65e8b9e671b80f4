import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeysUnavailableError, StoreUnavailableError } from '../../../functions/core/errors.ts';
import { introductionIdOf } from '../../../functions/core/introduction.ts';
import { leaseMs } from '../../../functions/core/time-limits.ts';
import { browserlessWorld, jwtConnectionId, loginUrl, problemOf } from '../../support/browserless-world.ts';
import { usernameA } from '../../support/memory-ports.ts';
import { refused } from '../../support/token-server.ts';

const notApproved = refused('invalid_grant', "user hasn't approved this consumer");
const jwtIntroduction = introductionIdOf('crm-jwt', loginUrl, usernameA);

describe('after a death', () => {
  it('the next one waits for the lease to end, and asks then', async () => {
    const { introduce, begin, jwtOrder, assertions, ports } = browserlessWorld();
    ports.server.next('exchangeAssertion', () => new Promise(() => {}));
    void begin(jwtOrder());
    await ports.clock.settle();
    assert.equal(problemOf(await introduce(jwtOrder())).code, 'refresh_pending');
    assert.equal(assertions(), 1, 'its request may still be at Salesforce');
    ports.clock.advance(leaseMs);
    assert.deepEqual(await introduce(jwtOrder()), { kind: 'connection', connectionId: jwtConnectionId, created: true });
    assert.equal(assertions(), 2);
  });

  it('between the write and its word to the others, the connection is found all the same', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld();
    ports.store.disturb('introductions.replace', 'unavailable', 'unavailable');
    await assert.rejects(introduce(jwtOrder()), StoreUnavailableError);
    assert.ok((await ports.store.inner.introductions.read(jwtIntroduction))?.lease, 'nobody gave the lease back');
    assert.deepEqual(await introduce(jwtOrder()), {
      kind: 'connection',
      connectionId: jwtConnectionId,
      created: false,
    });
    assert.equal(assertions(), 1);
  });
});

describe('a write whose answer was lost', () => {
  it('of the beginning is known by its attempt: it asks, once', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld();
    ports.store.disturb('introductions.create', 'retried');
    assert.equal((await introduce(jwtOrder())).kind, 'connection');
    assert.equal(assertions(), 1);
  });

  it('of the end tells the others all the same', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    ports.server.next('exchangeAssertion', notApproved);
    ports.store.disturb('introductions.replace', 'retried');
    const all = await ports.clock.run(Promise.all([begin(jwtOrder()), begin(jwtOrder())]));
    assert.deepEqual(
      all.map((one) => problemOf(one).code),
      ['admin_action_required', 'admin_action_required'],
    );
    assert.equal(assertions(), 1);
  });

  it('of the tokens is found by its own grant', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld();
    ports.store.disturb('connections.create', 'answer_lost');
    assert.deepEqual(await introduce(jwtOrder()), { kind: 'connection', connectionId: jwtConnectionId, created: true });
    assert.equal(assertions(), 1);
  });

  it('that is refused to the last is told to those who wait', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    ports.store.disturbWhile('connections.create', 'unavailable', () => true);
    const failing = assert.rejects(begin(jwtOrder()), StoreUnavailableError);
    await ports.clock.settle();
    const waiting = begin(jwtOrder(), 120_000);
    await ports.clock.run(failing);
    const { code, retryAfterSeconds } = problemOf(await ports.clock.run(waiting));
    assert.ok(['store_unavailable', 'refresh_pending'].includes(code), code);
    assert.ok((retryAfterSeconds ?? 0) > 0);
    assert.equal(assertions(), 1);
  });
});

describe('a key service that fails', () => {
  it('is nobody’s refusal: nothing is sent, those who wait are told to ask again, and the next one may', async () => {
    const { begin, introduce, jwtOrder, assertions, ports } = browserlessWorld();
    ports.signing.failing.add('1');
    const failing = assert.rejects(begin(jwtOrder()), KeysUnavailableError);
    const waiter = begin(jwtOrder());
    await ports.clock.run(Promise.all([failing, waiter]));
    assert.equal(problemOf(await waiter).code, 'store_unavailable');
    assert.equal(assertions(), 0);
    ports.signing.failing.clear();
    assert.equal((await introduce(jwtOrder())).kind, 'connection');
  });
});
