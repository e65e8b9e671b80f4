import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postpone } from '../../../functions/flows/postpone.ts';
import { memoryPorts, stored, storedConnection } from '../../support/memory-ports.ts';

test('a due connection waits for its app by one write, and again costs none', async () => {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports);
  ports.clock.advance(5_400_000);
  const until = ports.clock.now() + 900_000;
  await postpone(ports, connection, until);
  assert.deepEqual([...ports.store.calls], [['connections.replace', 1]]);
  const after = await stored(ports);
  assert.ok(after.nextRefreshAt! >= until && after.nextRefreshAt! < until + 300_000);
  assert.deepEqual([after.status, after.grant], [connection.status, connection.grant]);
  await postpone(ports, after, until);
  assert.equal(ports.store.calls.get('connections.replace'), 1);
});

test('who was claimed meanwhile is left to its claimant', async () => {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports);
  ports.clock.advance(5_400_000);
  const now = ports.clock.now();
  const lease = { attempt: 'other', until: now + 75_000 };
  const claimed = {
    ...connection,
    revision: 2,
    writeId: 'claim',
    grant: { ...connection.grant, lease },
    nextRefreshAt: lease.until,
  };
  await ports.store.inner.connections.replace(connection, claimed);
  await postpone(ports, connection, now + 900_000);
  assert.equal((await stored(ports)).nextRefreshAt, lease.until);
});
