/** Who reads a token while its refresh is in flight: how long they wait, for what, and behind whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFrontAtFirst, inFrontAtMost, periodOf } from '../../../functions/core/waiting-readers.ts';
import { createReadToken, type TokenReading } from '../../../functions/flows/read-token.ts';
import { memoryPorts, orgA, stored } from '../../support/memory-ports.ts';
import { connectionId, setUp, stale, tokenOf } from '../../support/token-reader.ts';
import { busy } from '../../support/token-server.ts';

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
