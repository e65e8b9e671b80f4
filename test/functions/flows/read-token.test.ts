import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../functions/core/hash.ts';
import type { Refresher } from '../../../functions/core/ports.ts';
import { next } from '../../contract/items.ts';
import { stored } from '../../support/memory-ports.ts';
import { calls, connectionId, setUp, stale, tokenOf } from '../../support/token-reader.ts';
import { busy, dead, lostBefore, refused, timedOut } from '../../support/token-server.ts';

test('a live token costs one read, one more for its org’s key once in a process, and one mark in a cycle', async () => {
  const { ports, read } = await setUp();
  assert.equal(tokenOf(await read()), 'access-1-0');
  assert.deepEqual(calls(ports), { 'connections.read': 1, readDataKey: 1, 'connections.replace': 1 });
  for (let index = 0; index < 3; index += 1) {
    ports.store.resetCalls();
    assert.equal(tokenOf(await read()), 'access-1-0');
    assert.deepEqual(calls(ports), { 'connections.read': 1 });
  }
  assert.deepEqual(ports.server.requests, []);
});

test('a live token of a tenant costs two reads, and is that tenant’s alone', async () => {
  const { ports, read } = await setUp({ grant: { readRefreshes: 1 } });
  await ports.store.inner.addUse(connectionId, { tenant: 'acme', integration: 'sync' });
  await read();
  ports.store.resetCalls();
  assert.equal(tokenOf(await read({ tenant: 'acme' })), 'access-1-0');
  assert.deepEqual(calls(ports), { 'connections.read': 1, usesOf: 1 });
  assert.equal(tokenOf(await read({ tenant: 'other' })), 'unknown_connection');
});

test('the mark is made once for each generation, and its loss costs the reader nothing', async () => {
  const { ports, read } = await setUp();
  for (const disturbance of ['unavailable', 'refused'] as const) {
    ports.store.disturb('connections.replace', disturbance);
    assert.equal(tokenOf(await read()), 'access-1-0');
    assert.equal((await stored(ports)).grant.readRefreshes, undefined);
  }
  await read();
  assert.equal((await stored(ports)).grant.readRefreshes, 1);
});

test('a connection that is not there is a problem', async () => {
  const { read } = await setUp();
  assert.equal(tokenOf(await read({ connectionId: 'crm.x.y' })), 'unknown_connection');
});

test('a stale token is refreshed once, however many read it at the same time', async () => {
  const { ports, readToken } = await setUp();
  ports.clock.advance(stale);
  const readings = await ports.clock.run(Promise.all(Array.from({ length: 50 }, () => readToken({ connectionId }))));
  assert.deepEqual(new Set(readings.map(tokenOf)), new Set(['access-1-1']));
  assert.equal(ports.server.count('refresh'), 1);
});

test('a refresh that is put off is asked for once by a reader', async () => {
  let asked = 0;
  const refresh: Refresher['refresh'] = async () => {
    asked += 1;
    return { version: 1, outcome: 'backing_off' };
  };
  const { ports, read } = await setUp({}, () => ({ refresh }));
  ports.clock.advance(stale);
  assert.equal(tokenOf(await read()), 'refresh_pending');
  assert.equal(asked, 1);
});

test('a backoff is answered at once, and Salesforce is not asked again', async () => {
  const { ports, read } = await setUp();
  ports.clock.advance(stale);
  ports.server.next('refresh', busy);
  assert.equal(tokenOf(await read()), 'access-1-0', 'stale, for it may still live');
  const start = ports.clock.now();
  assert.equal(tokenOf(await read()), 'access-1-0');
  assert.equal(ports.clock.now(), start);
  assert.equal(ports.server.count('refresh'), 1);
});

test('after a silence readers are answered at once, while the lease keeps the request alone', async () => {
  const { ports, read } = await setUp();
  ports.clock.advance(stale);
  ports.server.next('refresh', lostBefore);
  assert.equal(tokenOf(await read()), 'access-1-0', 'stale, for it may still live');
  const start = ports.clock.now();
  assert.equal(tokenOf(await read()), 'access-1-0');
  assert.deepEqual([ports.clock.now(), ports.server.count('refresh')], [start, 1]);
});

test('a rejected token is never served again, and its successor is', async () => {
  const { ports, read } = await setUp();
  const reading = await read({ rejectedTokenSha256: sha256Hex('access-1-0') });
  assert.equal(tokenOf(reading), 'access-1-1');
  assert.equal(ports.server.count('refresh'), 1);
  assert.equal(tokenOf(await read({ rejectedTokenSha256: sha256Hex('access-1-0') })), 'access-1-1');
  assert.equal(ports.server.count('refresh'), 1, 'an old rejection refreshed again');
});

test('a rejected token is not served while its refresh fails', async () => {
  const { ports, read } = await setUp();
  ports.server.next('refresh', refused('server_error', 'down'));
  assert.equal(tokenOf(await read({ rejectedTokenSha256: sha256Hex('access-1-0') })), 'refresh_pending');
  assert.equal(tokenOf(await read()), 'refresh_pending');
});

test('a rejected token is not the answer where the connection was made again meanwhile, and was given it again', async () => {
  for (const token of ['access-1-0', 'another']) {
    let asked = 0;
    const { read, ports } = await setUp({}, (memory) => ({
      async refresh() {
        asked += 1;
        const before = await stored(memory);
        const refreshes = before.grant.refreshes + 1;
        const again = { refreshes, rejectedRefreshes: undefined, accessTokenSha256: sha256Hex(token) };
        if (asked > 1) return { version: 1, outcome: 'no_answer' };
        await memory.store.inner.connections.replace(before, next(before, { grant: { ...before.grant, ...again } }));
        return { version: 1, outcome: 'not_needed' };
      },
    }));
    const told = await read({ rejectedTokenSha256: sha256Hex('access-1-0') });
    assert.equal(told.kind, token === 'another' ? 'token' : 'problem');
    const { grant } = await stored(ports);
    assert.equal(grant.rejectedRefreshes === grant.refreshes, token !== 'another');
  }
});

test('a rejection that another wrote at the same time is one rejection', async () => {
  const { ports, read } = await setUp();
  ports.store.disturb('connections.replace', async () => {
    const before = await stored(ports);
    await ports.store.inner.connections.replace(
      before,
      next(before, { grant: { ...before.grant, rejectedRefreshes: 1 } }),
    );
  });
  assert.equal(tokenOf(await read({ rejectedTokenSha256: sha256Hex('access-1-0') })), 'access-1-1');
});

test('a dead connection says what to send to connect it again', async () => {
  const { ports, read } = await setUp();
  await ports.store.inner.addUse(connectionId, { tenant: 'acme', integration: 'sync' });
  ports.clock.advance(stale);
  ports.server.next('refresh', dead, dead);
  const reading = await read();
  assert.ok(reading.kind === 'problem');
  assert.equal(reading.problem.code, 'reauthorization_required');
  assert.deepEqual(reading.problem.members, {
    cause: 'revoked_or_unknown',
    connect: { app: 'crm', tenant: 'acme', integration: 'sync', connection_id: connectionId },
  });
});

test('a refresh function that cannot be invoked, or that says the app is wrong, is answered at once', async () => {
  const broken = await setUp({}, () => ({ refresh: () => Promise.reject(new Error('throttled')) }));
  broken.ports.clock.advance(stale);
  assert.equal(tokenOf(await broken.read()), 'refresh_pending');
  const wrong = await setUp({}, () => ({
    refresh: async () => ({ version: 1, outcome: 'app_misconfigured', detail: 'unset' }),
  }));
  wrong.ports.clock.advance(stale);
  assert.equal(tokenOf(await wrong.read()), 'app_misconfigured');
});

test('a refresh function that does nothing is not asked for ever', async () => {
  let asked = 0;
  const idle: Refresher = {
    async refresh() {
      asked += 1;
      return { version: 1, outcome: 'in_flight' };
    },
  };
  const { ports, read } = await setUp({}, () => idle);
  ports.clock.advance(stale);
  assert.equal(tokenOf(await read()), 'refresh_pending');
  assert.equal(asked, 3);
});

test('reading never calls Salesforce: all that is sent is sent by the refresh function', async () => {
  const { ports, read } = await setUp({}, () => ({ refresh: async () => ({ version: 1, outcome: 'no_answer' }) }));
  for (const turn of [timedOut]) ports.server.next('refresh', () => turn);
  ports.clock.advance(stale);
  await read();
  await read({ rejectedTokenSha256: sha256Hex('access-1-0') });
  assert.deepEqual(ports.server.requests, []);
});
