import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../functions/core/hash.ts';
import type { Refresher } from '../../../functions/core/ports.ts';
import { inFrontAtFirst, inFrontAtMost, periodOf } from '../../../functions/core/waiting-readers.ts';
import { createReadToken, type ReadOrder, type TokenReading } from '../../../functions/flows/read-token.ts';
import { next } from '../../contract/items.ts';
import { type MemoryPorts, memoryPorts, orgA, stored, storedConnection, userA } from '../../support/memory-ports.ts';
import { busy, dead, lostBefore, refused, timedOut } from '../../support/token-server.ts';

const connectionId = `crm.${orgA}.${userA}`;
const stale = 7_200_000;

async function setUp(
  change: Parameters<typeof storedConnection>[1] = {},
  refresher?: (ports: MemoryPorts) => Refresher,
) {
  const memory = memoryPorts();
  const ports = refresher === undefined ? memory : { ...memory, refresher: refresher(memory) };
  await storedConnection(memory, change);
  const readToken = createReadToken(ports);
  const read = (order: Partial<ReadOrder> = {}): Promise<TokenReading> =>
    memory.clock.run(readToken({ connectionId, ...order }));
  return { ports: memory, readToken, read };
}

function tokenOf(reading: TokenReading): string {
  return reading.kind === 'token' ? reading.token.reveal() : reading.problem.code;
}
const calls = (ports: MemoryPorts) => Object.fromEntries(ports.store.calls);

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

test('who finds a refresh in flight waits for its owner’s token', async () => {
  const { ports, readToken } = await setUp();
  ports.clock.advance(stale);
  ports.server.next('refresh', async (process) => {
    await ports.clock.wait(12_000);
    return process();
  });
  const first = readToken({ connectionId });
  await ports.clock.pass(1_000);
  const second = readToken({ connectionId });
  const readings = await ports.clock.run(Promise.all([first, second]));
  assert.deepEqual(readings.map(tokenOf), ['access-1-1', 'access-1-1']);
  assert.equal(ports.server.count('refresh'), 1);
});

test('who waits for another’s refresh is counted once, however often they look; who asks for it is not', async () => {
  const { ports } = await setUp();
  const added: string[] = [];
  const readToken = createReadToken({ ...ports, metrics: { add: (name) => added.push(name) } });
  ports.clock.advance(stale);
  ports.server.next('refresh', async (process) => {
    await ports.clock.wait(12_000);
    return process();
  });
  const first = readToken({ connectionId });
  await ports.clock.pass(1_000);
  assert.deepEqual(added, ['RefreshesAsked']);
  const others = [readToken({ connectionId }), readToken({ connectionId })];
  await ports.clock.run(Promise.all([first, ...others]));
  assert.deepEqual(added.toSorted(), [
    'RefreshesAsked',
    'SingleFlightWaits',
    'SingleFlightWaits',
    'TokensServed',
    'TokensServed',
    'TokensServed',
  ]);
});

test('nobody waits for more than twenty seconds, and the refresh goes on without its readers', async () => {
  const { ports, readToken } = await setUp();
  ports.clock.advance(stale);
  ports.server.next('refresh', async (process) => {
    await ports.clock.wait(30_000);
    return process();
  });
  const start = ports.clock.now();
  const asked = await ports.clock.run(readToken({ connectionId }));
  assert.equal(ports.clock.now() - start, 20_000);
  assert.equal(asked.kind === 'problem' && asked.problem.code, 'refresh_pending');
  const retryAfter = asked.kind === 'problem' ? (asked.problem.retryAfterSeconds ?? 0) : 0;
  assert.ok(retryAfter >= 1 && retryAfter <= 5);
  await ports.clock.pass(10_000);
  assert.equal((await stored(ports)).grant.refreshes, 2);
});

test('readers of an org that hangs wait three seconds once some wait in front, ask for nothing, and then not at all', async () => {
  const { ports, readToken } = await setUp();
  ports.clock.advance(stale);
  ports.server.next('refresh', async (process) => {
    await ports.clock.wait(30_000);
    return process();
  });
  const start = ports.clock.now();
  const took = async (work: Promise<TokenReading>) => {
    const reading = await work;
    return [tokenOf(reading), ports.clock.now() - start];
  };
  const crowd = Array.from({ length: inFrontAtFirst + 1 }, () => took(readToken({ connectionId })));
  const [last] = await ports.clock.run(Promise.all(crowd.slice(-1)));
  assert.deepEqual(last?.[0], 'refresh_pending');
  assert.ok(Number(last?.[1]) >= 3_000 && Number(last?.[1]) <= 4_000);
  const before = ports.clock.now();
  const next = await ports.clock.run(readToken({ connectionId }));
  assert.deepEqual([tokenOf(next), ports.clock.now() - before], ['refresh_pending', 0]);
  const patient = await ports.clock.run(Promise.all(crowd.slice(0, -1)));
  assert.ok(patient.every(([code, ms]) => code === 'refresh_pending' && Number(ms) >= 20_000));
  assert.equal(ports.server.count('refresh'), 1);
});

test('a waiting reader gives up after twenty seconds, too', async () => {
  const until = memoryPorts().clock.now() + stale + 75_000;
  const { ports, read } = await setUp({ grant: { lease: { attempt: 'a', until } } });
  ports.clock.advance(stale);
  const start = ports.clock.now();
  assert.equal(tokenOf(await read()), 'refresh_pending');
  assert.equal(ports.clock.now() - start, 20_000);
  assert.ok((ports.store.calls.get('connections.read') ?? 0) <= 30, 'polls are bounded');
  assert.equal(ports.server.count('refresh'), 0);
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

test('a reader behind others of an org that hangs asks nobody, and is told when to come, never all at one time', async () => {
  const { ports, read } = await setUp();
  ports.clock.advance(stale);
  const period = periodOf(ports.clock.now());
  const hangsUntil = ports.clock.now() + 10_000;
  for (let count = 0; count < inFrontAtMost; count += 1) {
    await ports.store.inner.noteReader(orgA, period, { kind: 'entered' });
  }
  await ports.store.inner.noteReader(orgA, period, { kind: 'turned_away', hangsUntil });
  const start = ports.clock.now();
  const told = new Set<number>();
  for (let count = 0; count < 10; count += 1) {
    const reading = await read();
    assert.ok(reading.kind === 'problem');
    assert.equal(reading.problem.code, 'refresh_pending');
    told.add(reading.problem.retryAfterSeconds ?? 0);
  }
  assert.ok(told.size > 1 && [...told].every((seconds) => seconds >= 5 && seconds <= 15), [...told].join());
  assert.deepEqual([ports.clock.now(), ports.server.count('refresh')], [start, 0]);
});

test('a stale token is no sign that an org’s readers are served', async () => {
  const { ports, read } = await setUp();
  ports.clock.advance(stale);
  ports.server.next('refresh', busy);
  assert.equal(tokenOf(await read()), 'access-1-0');
  const { served, gaveUp } = await ports.store.inner.readersOf(orgA, periodOf(ports.clock.now()));
  assert.deepEqual([served, gaveUp], [0, 1]);
});
