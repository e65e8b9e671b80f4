import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../functions/core/connection.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { decideStoreGrant, type NewAuthorization } from '../../../functions/core/store-grant.ts';
import { abandonIfUnused } from '../../../functions/flows/abandon-connection.ts';
import { shareConnection } from '../../../functions/flows/share-connection.ts';
import { storeGrant } from '../../../functions/flows/store-grant.ts';
import { aGrant, next } from '../../contract/items.ts';
import { type MemoryPorts, memoryPorts, orgA, storedConnection, userA } from '../../support/memory-ports.ts';
import { connectionId, key } from './callback-world.ts';
import { storeInTurn } from './store-in-turn.ts';

async function setUp() {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports);
  const now = async () => (await ports.store.inner.connections.read(connectionId)) as Connection;
  return { ports, connection, now };
}

/** As a callback of the same user stores it, its link owed. */
function authorization(ports: MemoryPorts): NewAuthorization {
  return {
    connectionId,
    app: 'crm',
    orgId: orgA,
    userId: userA,
    flow: 'authorization_code',
    authorizedAt: ports.clock.now() + 1_000,
    begunAt: ports.clock.now(),
    grant: aGrant('newer'),
    link: { sessionId: 's1', ...key },
  };
}

test('a connection that nobody uses is given up: no tombstone, and its grant is owed its revocation', async () => {
  const { ports, now } = await setUp();
  await abandonIfUnused(ports, connectionId);
  const { status, grant, disconnectedAt, duties, nextRefreshAt } = await now();
  assert.deepEqual([status, grant, disconnectedAt, nextRefreshAt], ['disconnected', undefined, undefined, undefined]);
  const [duty] = Object.values(duties);
  assert.deepEqual(
    [Object.keys(duties), duty?.kind === 'revoke' && duty.reason, duty?.dueAt],
    [['revoke.grant-1'], 'disconnected', ports.clock.now()],
  );
});

test('a connection that somebody uses, or is about to use, is left as it is', async () => {
  const used = await setUp();
  await used.ports.store.inner.addUse(connectionId, key);
  await abandonIfUnused(used.ports, connectionId);
  assert.deepEqual(await used.now(), used.connection);
  const open = await setUp();
  const at = open.ports.clock.now();
  const duties = { 'link.x': { kind: 'link', sessionId: 'x', ...key, since: at, dueAt: at, tries: 0 } } as const;
  const owing = next<Connection>(open.connection, { duties });
  await open.ports.store.inner.connections.replace(open.connection, owing);
  assert.equal(await abandonIfUnused(open.ports, connectionId), 'to_be_linked');
  assert.deepEqual(await open.now(), owing);
  assert.equal(await abandonIfUnused(open.ports, connectionId, 'link.x'), 'abandoned');
  assert.equal((await open.now()).status, 'disconnected', 'under the duty itself it is');
});

test('of two links that come to nothing the last one gives the connection up, however they interleave', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { ports, connection, now } = await setUp();
      const at = ports.clock.now();
      const link = { kind: 'link', ...key, since: at, dueAt: at, tries: 0 } as const;
      const duties = { 'link.a': { ...link, sessionId: 'a' }, 'link.b': { ...link, sessionId: 'b' } };
      await ports.store.inner.connections.replace(connection, next<Connection>(connection, { duties }));
      const taking = (): Ports => ({ ...ports, store: storeInTurn(ports.store, scheduler) });
      const both = [
        abandonIfUnused(taking(), connectionId, 'link.a'),
        abandonIfUnused(taking(), connectionId, 'link.b'),
      ];
      await scheduler.waitFor(Promise.all(both));
      assert.deepEqual((await Promise.all(both)).toSorted(), ['abandoned', 'to_be_linked']);
      const after = await now();
      assert.deepEqual([after.status, Object.keys(after.duties)], ['disconnected', ['revoke.grant-1']]);
    }),
    { numRuns: 50 },
  );
});

test('a share that comes in between keeps the connection', async () => {
  for (const between of ['usesOf', 'connections.replace']) {
    const { ports, connection, now } = await setUp();
    // It dies when it is noted on the connection, and not linked yet.
    const store = { ...ports.store.inner, addUse: () => Promise.reject(new Error('killed')) };
    ports.store.disturb(between, () => assert.rejects(shareConnection({ ...ports, store }, connection, key), /killed/));
    await abandonIfUnused(ports, connectionId);
    assert.deepEqual([(await now()).status, (await now()).grant?.id], ['active', 'grant-1'], between);
  }
});

test('an authorization that comes in between keeps the connection, with the new grant', async () => {
  for (const between of ['usesOf', 'connections.replace']) {
    const { ports, connection, now } = await setUp();
    ports.store.disturb(between, async () => {
      const decision = decideStoreGrant(connection, authorization(ports), ports.clock.now(), 0);
      assert.ok(decision.kind === 'store');
      await ports.store.inner.connections.replace(connection, next<Connection>(connection, decision.after));
    });
    await abandonIfUnused(ports, connectionId);
    assert.deepEqual([(await now()).status, (await now()).grant?.id], ['active', 'newer'], between);
  }
});

test('it is given up once, whether the write was refused or its answer was lost', async () => {
  for (const lost of ['retried', 'refused'] as const) {
    const { ports, now } = await setUp();
    ports.store.disturb('connections.replace', lost);
    await abandonIfUnused(ports, connectionId);
    assert.deepEqual([(await now()).status, Object.keys((await now()).duties)], ['disconnected', ['revoke.grant-1']]);
    assert.equal(ports.logged.filter((line) => line.includes('given up')).length, 1);
  }
});

test('what changes again and again is left as it is, and tried again later', async () => {
  const { ports, now } = await setUp();
  ports.store.disturbWhile('connections.replace', 'refused', () => true);
  await assert.rejects(abandonIfUnused(ports, connectionId), StoreUnavailableError);
  assert.equal((await now()).status, 'active');
});

test('what is not there, or was given up before, is no trouble', async () => {
  const { ports, now } = await setUp();
  await abandonIfUnused(ports, 'crm.x.y');
  await abandonIfUnused(ports, connectionId);
  const before = await now();
  await abandonIfUnused(ports, connectionId);
  assert.deepEqual(await now(), before);
});

test('however they interleave, who is told that it shares or stores has a connection that lives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, authorizes) => {
      const { ports, connection, now } = await setUp();
      const taking = (): Ports => ({ ...ports, store: storeInTurn(ports.store, scheduler) });
      const given = abandonIfUnused(taking(), connectionId);
      const other = authorizes
        ? storeGrant(taking(), authorization(ports)).then(({ result }) => result)
        : shareConnection(taking(), connection, key);
      await scheduler.waitFor(Promise.all([given, other]));
      const after = await now();
      const uses = await ports.store.inner.usesOf(connectionId, 10);
      if ((await other) === 'gone') {
        assert.deepEqual([after.status, uses], ['disconnected', []]);
        return;
      }
      assert.equal(after.status, 'active');
      assert.equal(after.grant?.id, authorizes ? 'newer' : 'grant-1');
      if (!authorizes) assert.deepEqual(uses, [key]);
    }),
    { numRuns: 200 },
  );
});
