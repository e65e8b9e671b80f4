import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../functions/core/secret.ts';
import { learnSession } from '../../../functions/flows/learn-session.ts';
import { memoryPorts, stored, storedConnection } from '../../support/memory-ports.ts';
import { json, type Turn, timedOut } from '../../support/token-server.ts';

const hour = 3_600_000;

async function setUp(turn?: Turn) {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports, { grant: { session: undefined } });
  if (turn !== undefined) ports.server.next('introspect', turn);
  const learn = async (token = 'access', seen = connection) =>
    ports.clock.run(learnSession(ports, seen, new Secret(token), { clientId: 'crm-client' }));
  return { ports, connection, learn };
}

test('a session ends when introspection says, and its connection is looked at accordingly', async () => {
  const { ports, learn } = await setUp();
  ports.server.sessionMs = hour;
  await learn();
  const { grant, nextRefreshAt } = await stored(ports);
  assert.deepEqual(grant.session, { lengthMs: hour, source: 'introspection' });
  assert.deepEqual([grant.expiresAt, grant.refreshAfter], [grant.issuedAt + hour, grant.issuedAt + 0.75 * hour]);
  assert.ok((nextRefreshAt ?? 0) <= grant.refreshAfter && (nextRefreshAt ?? 0) >= grant.issuedAt + 0.675 * hour);
});

test('an answer is a hint: out of bounds it is not believed, and two hours are assumed without one', async () => {
  const now = memoryPorts().clock.now();
  const cases: [Turn, number | undefined][] = [
    [() => json(200, { active: true, exp: now / 1_000 + 900 }), hour / 4],
    [() => json(200, { active: true, exp: 0 }), undefined],
    [() => json(200, { active: true, exp: now / 1_000 + 1 }), undefined],
    [() => json(200, { active: true, exp: now }), undefined],
    [() => json(200, { active: false }), 2 * hour],
    [() => json(200, { active: true }), 2 * hour],
    [() => json(200, ['active']), 2 * hour],
    [() => json(403, { error: 'invalid_request' }), 2 * hour],
    [() => json(503, {}), undefined],
    [() => timedOut, undefined],
  ];
  for (const [turn, lengthMs] of cases) {
    const { ports, learn } = await setUp(turn);
    await learn();
    assert.equal((await stored(ports)).grant.session?.lengthMs, lengthMs);
  }
});

test('a token that says itself when it ends is not asked about', async () => {
  const { ports, learn } = await setUp();
  const exp = ports.clock.now() / 1_000 + 1_800;
  const payload = Buffer.from(JSON.stringify({ exp })).toString('base64url');
  await learn(`header.${payload}.signature`);
  assert.deepEqual((await stored(ports)).grant.session, { lengthMs: 1_800_000, source: 'jwt' });
  assert.equal(ports.server.count('introspect'), 0);
});

test('what only looks like such a token is asked about', async () => {
  for (const token of ['a.b', 'a.b.c', 'a.b.c.d', `a.${Buffer.from('{"exp":"soon"}').toString('base64url')}.c`]) {
    const { ports, learn } = await setUp();
    await learn(token);
    assert.equal(ports.server.count('introspect'), 1, token);
  }
});

test('a session is learnt once for a grant, and never onto tokens that have moved on', async () => {
  const { ports, connection, learn } = await setUp();
  await learn();
  await learn('access', await stored(ports));
  assert.equal(ports.server.count('introspect'), 1);
  const late = await setUp();
  const moved = { ...connection, grant: { ...connection.grant, refreshes: 0 } };
  await late.learn('access', { ...moved, revision: 0 });
  assert.equal((await stored(late.ports)).grant.session, undefined);
});

test('a store that does not answer costs nothing', async () => {
  const { ports, learn } = await setUp();
  ports.store.disturb('connections.replace', 'unavailable');
  await learn();
  const { revision, grant } = await stored(ports);
  assert.deepEqual([revision, grant.session], [1, undefined]);
  assert.match(ports.logged.join('\n'), /could not be learnt/);
});
