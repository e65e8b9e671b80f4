import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { LinkDuty } from '../../../functions/core/duty.ts';
import { disconnect } from '../../../functions/flows/disconnect.ts';
import { aConnection, next } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';

async function setUp(...tenants: string[]) {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports);
  for (const tenant of tenants) await ports.store.inner.addUse(connection.id, { tenant, integration: 'sync' });
  const read = async () => (await ports.store.inner.connections.read(connection.id)) as Connection;
  const ask = (tenant?: string, force?: boolean) => disconnect(ports, connection.id, tenant, force);
  return { ports, id: connection.id, read, ask };
}

const shared = (...others: string[]) => ({ kind: 'shared', sharing: { others, more: false } });

test('a tenant disconnects what it alone uses', async () => {
  const { ask, read } = await setUp('acme');
  assert.equal(await ask('acme'), 'disconnected');
  assert.deepEqual([(await read()).status, (await read()).grant], ['disconnected', undefined]);
});

test('what nobody, or one tenant, uses is disconnected by who speaks for all', async () => {
  assert.equal(await (await setUp()).ask(), 'disconnected');
  assert.equal(await (await setUp('acme')).ask(), 'disconnected');
});

test('a shared connection is not disconnected, unless by force', async () => {
  const { ask, read } = await setUp('acme', 'globex');
  const before = await read();
  assert.deepEqual(await ask('acme'), shared('globex'));
  assert.deepEqual(await ask(), shared('acme', 'globex'));
  assert.deepEqual(await read(), before);
  assert.equal(await ask('acme', true), 'disconnected');
  assert.equal((await read()).status, 'disconnected');
});

test('a tenant without a use of it does not know it, by force or not', async () => {
  const { ask, read } = await setUp('acme');
  assert.equal(await ask('globex'), 'unknown');
  assert.equal(await ask('globex', true), 'unknown');
  assert.equal((await read()).status, 'active');
});

test('what is not there is unknown', async () => {
  const { ports } = await setUp();
  for (const force of [true, false])
    assert.equal(await disconnect(ports, aConnection(9).id, undefined, force), 'unknown');
});

test('many integrations of one tenant do not hide the tenant that comes after them', async () => {
  const { ports, id, ask } = await setUp('zulu');
  for (let n = 0; n < 300; n += 1) await ports.store.inner.addUse(id, { tenant: 'acme', integration: `i${n}` });
  assert.deepEqual(await ask('acme'), shared('zulu'));
});

test('more uses than can be read count as shared', async () => {
  const { ports, id, ask } = await setUp();
  for (let n = 0; n < 1_000; n += 1) await ports.store.inner.addUse(id, { tenant: 'acme', integration: `i${n}` });
  assert.deepEqual(await ask('acme'), { kind: 'shared', sharing: { others: [], more: true } });
  assert.equal(await ask('acme', true), 'disconnected');
});

test('a tenant whose link comes in between is seen', async () => {
  const { ports, id, ask, read } = await setUp('acme');
  const now = ports.clock.now();
  const duty: LinkDuty = {
    kind: 'link',
    sessionId: 's',
    tenant: 'globex',
    integration: 'sync',
    since: now,
    dueAt: now,
    tries: 0,
  };
  ports.store.disturb('connections.replace', async () => {
    const before = await read();
    await ports.store.inner.connections.replace(before, next(before, { duties: { 'link.s': duty } }));
  });
  assert.deepEqual(await ask('acme'), shared('globex'));
  assert.equal((await ports.store.inner.connections.read(id))?.status, 'active');
});

test('one whose answer was lost is done', async () => {
  const { ports, ask, read } = await setUp('acme');
  ports.store.disturb('connections.replace', 'retried');
  assert.equal(await ask('acme'), 'disconnected');
  assert.equal((await read()).revision, 2);
});
