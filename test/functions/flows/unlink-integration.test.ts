import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { LinkDuty, UnlinkDuty } from '../../../functions/core/duty.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import type { Integration } from '../../../functions/core/integration.ts';
import type { IntegrationKey } from '../../../functions/core/ports.ts';
import { doDuties } from '../../../functions/flows/do-duties.ts';
import { linkIntegration } from '../../../functions/flows/link-integration.ts';
import { disconnectIfUnused, unlinkDoer } from '../../../functions/flows/unlink-duty.ts';
import { unlinkIntegration } from '../../../functions/flows/unlink-integration.ts';
import { aConnection, anIntegration, next } from '../../contract/items.ts';
import { type MemoryPorts, memoryPorts, storedConnection } from '../../support/memory-ports.ts';

const key: IntegrationKey = { tenant: 'acme', integration: 'sync' };
const other: IntegrationKey = { tenant: 'globex', integration: 'sync' };
const anybody = () => undefined;

async function setUp(...uses: IntegrationKey[]) {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports);
  const now = ports.clock.now();
  for (const use of uses) {
    await ports.store.inner.addUse(connection.id, use);
    const change = { connectionId: connection.id, linkedAt: now, status: 'configured', configuration: '{}' } as const;
    await ports.store.inner.integrations.create(anIntegration(use.tenant, use.integration, change));
  }
  ports.store.resetCalls();
  const read = async () => (await ports.store.inner.connections.read(connection.id)) as Connection;
  const unlink = (one = key) => unlinkIntegration(ports, one, anybody);
  const statusOf = async (one = key) => (await ports.store.inner.integrations.read(one))?.status;
  const usesLeft = () => ports.store.inner.usesOf(connection.id, 10);
  return { ports, id: connection.id, read, unlink, statusOf, usesLeft };
}

function linkDuty(ports: MemoryPorts, use: IntegrationKey): LinkDuty {
  const now = ports.clock.now();
  return { kind: 'link', sessionId: 's', ...use, since: now, dueAt: now + 60_000, tries: 0 };
}

/** As the write of a code answer, or of a share, owes it. */
async function owe(ports: MemoryPorts, id: string, use: IntegrationKey): Promise<void> {
  const before = (await ports.store.inner.connections.read(id)) as Connection;
  const duties = { ...before.duties, 'link.s': linkDuty(ports, use) };
  await ports.store.inner.connections.replace(before, next<Connection>(before, { duties }));
}

test('one of two is unlinked: a tombstone without its configuration, and the connection stays', async () => {
  const { ports, unlink, statusOf, usesLeft, read } = await setUp(key, other);
  assert.deepEqual(await unlink(), { kind: 'unlinked' });
  assert.deepEqual([await statusOf(), await statusOf(other)], ['unlinked', 'configured']);
  assert.equal((await ports.store.inner.integrations.read(key))?.configuration, undefined);
  assert.deepEqual(await usesLeft(), [other]);
  assert.deepEqual([(await read()).status, (await read()).duties], ['active', {}]);
});

test('the last one disconnects: the tokens are owed their revocation, and nothing else', async () => {
  const { ports, unlink, usesLeft, read } = await setUp(key);
  const grant = (await read()).grant;
  await unlink();
  const after = await read();
  assert.deepEqual([after.status, after.grant, after.disconnectedAt], ['disconnected', undefined, ports.clock.now()]);
  assert.deepEqual(
    Object.values(after.duties).map((duty) => [duty.kind, duty.kind === 'revoke' && duty.grantId]),
    [['revoke', grant?.id]],
  );
  assert.deepEqual(await usesLeft(), []);
});

test('it may be repeated, and writes nothing then', async () => {
  const { ports, unlink, read } = await setUp(key);
  await unlink();
  const before = await read();
  ports.store.resetCalls();
  assert.deepEqual(await unlink(), { kind: 'unlinked' });
  assert.deepEqual(Object.fromEntries(ports.store.calls), { 'integrations.read': 1 });
  assert.deepEqual(await read(), before);
});

test('what never was is unknown', async () => {
  const { unlink } = await setUp(key);
  assert.deepEqual(await unlink(other), { kind: 'unknown' });
});

test('a caller that may not act on its app changes nothing', async () => {
  const { ports, statusOf } = await setUp(key);
  const problem = { code: 'forbidden', detail: 'not yours' } as const;
  assert.deepEqual(await unlinkIntegration(ports, key, () => problem), { kind: 'refused', problem });
  assert.equal(await statusOf(), 'configured');
  assert.equal(ports.store.calls.get('connections.replace'), undefined);
});

test('a death at any write leaves a duty that does the rest', async () => {
  for (const [name, death] of [
    ['integrations.replace', 'unavailable'],
    ['integrations.replace', 'answer_lost'],
    ['removeUse', 'unavailable'],
    ['removeUse', 'answer_lost'],
    ['usesOf', 'unavailable'],
  ] as const) {
    const { ports, unlink, statusOf, usesLeft, read } = await setUp(key);
    ports.store.disturb(name, death);
    await assert.rejects(unlink(), StoreUnavailableError);
    ports.clock.advance(3_700_000);
    await doDuties(ports, ports.store.connections, await read(), { unlink: unlinkDoer(ports) });
    assert.deepEqual([await statusOf(), (await read()).status], ['unlinked', 'disconnected'], `${name} ${death}`);
    assert.deepEqual(await usesLeft(), []);
    assert.deepEqual(
      Object.values((await read()).duties).map(({ kind }) => kind),
      ['revoke'],
    );
  }
});

test('a disconnect whose answer was lost is found by its duty, which then has nothing more to do', async () => {
  const { ports, read, unlink } = await setUp(key);
  // The duty is put, taken, and then the connection is disconnected: the third write.
  const none = () => undefined;
  ports.store.disturb('connections.replace', none, none, 'retried');
  await unlink();
  assert.deepEqual(
    Object.values((await read()).duties).map(({ kind }) => kind),
    ['revoke'],
  );
});

test('a link that begins between the look at the uses and the disconnect keeps the connection', async () => {
  const { ports, id, unlink, read } = await setUp(key);
  const none = () => undefined;
  // Put, taken, and just before the third write: the other tenant's link is noted, and done.
  ports.store.disturb('connections.replace', none, none, async () => {
    await owe(ports, id, other);
    await ports.store.inner.addUse(id, other);
  });
  await unlink();
  assert.deepEqual([(await read()).status, (await read()).grant === undefined], ['active', false]);
});

for (const name of ['connections.read', 'usesOf', 'connections.replace']) {
  test(`a link that is noted, done and over just before ${name} keeps the connection`, async () => {
    const { ports, id, read } = await setUp();
    ports.store.disturb(name, async () => {
      await owe(ports, id, other);
      await ports.store.inner.addUse(id, other);
      const before = await read();
      await ports.store.inner.connections.replace(before, next<Connection>(before, { duties: {} }));
    });
    assert.equal(await disconnectIfUnused(ports, id, 0), 'done');
    assert.equal((await read()).status, 'active');
  });
}

test('while a link to the connection is open, it is not disconnected, and the duty looks again', async () => {
  const { ports, id, unlink, read, statusOf } = await setUp(key);
  await owe(ports, id, other);
  await unlink();
  assert.deepEqual([await statusOf(), (await read()).status], ['unlinked', 'active']);
  const [dutyId = '', waiting] = Object.entries((await read()).duties).find(([, { kind }]) => kind === 'unlink') ?? [];
  assert.equal(waiting?.dueAt, ports.clock.now() + 60_000);
  // The link came to nothing.
  const before = await read();
  await ports.store.inner.connections.replace(before, next(before, { duties: { [dutyId]: waiting as UnlinkDuty } }));
  ports.clock.advance(60_000);
  await doDuties(ports, ports.store.connections, await read(), { unlink: unlinkDoer(ports) });
  assert.equal((await read()).status, 'disconnected');
});

test('a disconnect of an unlink lets through who began to authorize after it', async () => {
  const { ports, id, read } = await setUp();
  const at = ports.clock.now();
  ports.clock.advance(60_000);
  assert.equal(await disconnectIfUnused(ports, id, at), 'done');
  assert.equal((await read()).disconnectedAt, at);
});

test('a connection that is used, gone or disconnected is left as it is', async () => {
  const used = await setUp(other);
  assert.equal(await disconnectIfUnused(used.ports, used.id, 0), 'done');
  assert.equal((await used.read()).revision, 1);
  const { ports } = used;
  assert.equal(await disconnectIfUnused(ports, aConnection(9).id, 0), 'done');
  const over = aConnection(2, {}, { grant: undefined, status: 'disconnected' });
  await ports.store.inner.connections.create(over);
  assert.equal(await disconnectIfUnused(ports, over.id, 0), 'done');
  assert.equal((await ports.store.inner.connections.read(over.id))?.revision, 1);
});

test('a connection that is changed again and again is left to the duty', async () => {
  const { ports, id, read } = await setUp();
  ports.store.disturbWhile('connections.replace', 'refused', () => true);
  await assert.rejects(disconnectIfUnused(ports, id, 0), StoreUnavailableError);
  assert.equal((await read()).status, 'active');
});

test('an integration that moves to another connection meanwhile is unlinked there', async () => {
  const { ports, unlink, statusOf } = await setUp(key);
  const elsewhere = aConnection(5);
  await ports.store.inner.connections.create(elsewhere);
  ports.store.disturb('connections.replace', async () => {
    const before = (await ports.store.inner.integrations.read(key)) as Integration;
    await ports.store.inner.integrations.replace(before, next(before, { connectionId: elsewhere.id }));
    await ports.store.inner.addUse(elsewhere.id, key);
  });
  await unlink();
  assert.equal(await statusOf(), 'unlinked');
  assert.equal((await ports.store.inner.connections.read(elsewhere.id))?.status, 'disconnected');
});

test('an integration that is linked again later stays linked, and its use recorded', async () => {
  const { ports, id, unlink, statusOf, usesLeft, read } = await setUp(key);
  ports.store.disturb('connections.replace', async () => {
    ports.clock.advance(1);
    const link = { ...key, connectionId: id, by: 'later', at: ports.clock.now() };
    await linkIntegration({ ...ports, store: ports.store.inner }, link);
  });
  await unlink();
  assert.equal(await statusOf(), 'linked');
  assert.deepEqual(await usesLeft(), [key]);
  assert.equal((await read()).status, 'active');
});

test('a link that is older than the unlink does not revive it', async () => {
  const { ports, id, unlink, statusOf, usesLeft } = await setUp(key, other);
  const at = ports.clock.now();
  ports.clock.advance(1_000);
  await unlink();
  await linkIntegration(ports, { ...key, connectionId: id, by: 'older', at });
  assert.equal(await statusOf(), 'unlinked');
  assert.deepEqual(await usesLeft(), [other]);
});

test('what a process with a clock ahead linked is unlinked all the same', async () => {
  const { ports, unlink, statusOf } = await setUp(key);
  const before = (await ports.store.inner.integrations.read(key)) as Integration;
  await ports.store.inner.integrations.replace(before, next(before, { linkedAt: ports.clock.now() + 900 }));
  await unlink();
  assert.equal(await statusOf(), 'unlinked');
});

test('an integration whose connection is not there is unlinked without it', async () => {
  const { ports, unlink, statusOf } = await setUp(key);
  const before = (await ports.store.inner.integrations.read(key)) as Integration;
  await ports.store.inner.integrations.replace(before, next(before, { connectionId: aConnection(9).id }));
  assert.deepEqual(await unlink(), { kind: 'unlinked' });
  assert.equal(await statusOf(), 'unlinked');
});
