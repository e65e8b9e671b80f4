import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { decideDisconnect } from '../../../functions/core/disconnect.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import { createMaintain } from '../../../functions/flows/maintain.ts';
import { shareConnection } from '../../../functions/flows/share-connection.ts';
import { next } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { connectionId } from './callback-world.ts';

const use = { tenant: 'acme', integration: 'second' };

async function setUp(change: Partial<Connection> = {}) {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports, { connection: change });
  const share = (seen: Connection = connection) => shareConnection(ports, seen, { ...use, configuration: '{"a":1}' });
  const integration = () => ports.store.inner.integrations.read(use);
  const now = async () => (await ports.store.inner.connections.read(connectionId)) as Connection;
  const maintain = async () => {
    ports.clock.advance(3_700_000);
    await ports.clock.run(createMaintain(ports)(() => 60_000));
  };
  return { ports, connection, share, integration, now, maintain };
}

test('another integration shares the connection: linked at once, configured from its queue, and no grant is spent', async () => {
  const { ports, share, integration, now } = await setUp();
  assert.equal(await share(), 'shared');
  const linked = await integration();
  assert.deepEqual(
    [linked?.status, linked?.connectionId, linked?.configuration, linked?.configurationVersion],
    ['linked', connectionId, '{"a":1}', 1],
  );
  assert.deepEqual(await ports.store.inner.usesOf(connectionId, 10), [use]);
  assert.deepEqual(ports.configurationRequests, [{ version: 1, ...use, configurationVersion: 1 }]);
  assert.deepEqual((await now()).duties, {});
  assert.deepEqual(ports.server.requests, []);
});

test('who dies after the write leaves a duty, and maintain links with the configuration that was asked for', async () => {
  const { ports, share, integration, now, maintain } = await setUp();
  ports.store.disturb('addUse', 'unavailable');
  await assert.rejects(share(), StoreUnavailableError);
  assert.equal(await integration(), undefined);
  assert.deepEqual(
    Object.values((await now()).duties).map(({ kind }) => kind),
    ['link'],
  );
  await maintain();
  assert.deepEqual([(await integration())?.status, (await integration())?.configuration], ['linked', '{"a":1}']);
  assert.deepEqual([(await now()).duties, (await now()).status], [{}, 'active']);
});

test('a share whose answer was lost is done all the same: by the retry that finds it, or by maintain', async () => {
  const retried = await setUp();
  retried.ports.store.disturb('connections.replace', 'retried');
  assert.equal(await retried.share(), 'shared');
  assert.equal((await retried.integration())?.configurationVersion, 1);
  const lost = await setUp();
  lost.ports.store.disturb('connections.replace', 'answer_lost');
  await assert.rejects(lost.share(), StoreUnavailableError);
  await lost.maintain();
  assert.equal((await lost.integration())?.status, 'linked');
});

test('a connection that is not active is not shared', async () => {
  for (const status of ['admin_action_required', 'reauthorization_required', 'disconnected'] as const) {
    const { ports, share, integration, connection } = await setUp({ status });
    assert.equal(await share(), 'gone', status);
    assert.equal(await integration(), undefined);
    assert.deepEqual(await ports.store.inner.connections.read(connectionId), connection);
  }
});

test('a connection that goes in between is not shared, and is not brought back', async () => {
  const { ports, share, integration, connection, now } = await setUp();
  ports.store.disturb('connections.replace', async () => {
    const gone = decideDisconnect(connection, ports.clock.now());
    await ports.store.inner.connections.replace(connection, next<Connection>(connection, gone));
  });
  assert.equal(await share(), 'gone');
  assert.equal(await integration(), undefined);
  assert.deepEqual(await ports.store.inner.usesOf(connectionId, 10), []);
  assert.deepEqual([(await now()).status, Object.keys((await now()).duties)], ['disconnected', ['revoke.grant-1']]);
});

test('while no link can be done only eight wait, so that the item keeps its room for tokens', async () => {
  const { ports, now, maintain } = await setUp();
  let isOut = true;
  ports.configurationQueue.send = async () => {
    if (isOut) throw new StoreUnavailableError('The queue is out.');
  };
  const configuration = JSON.stringify('x'.repeat(16_000));
  for (let n = 0; n < 30; n += 1) {
    const share = shareConnection(ports, await now(), { tenant: 'acme', integration: `i${n}`, configuration });
    await assert.rejects(share, StoreUnavailableError);
  }
  assert.equal(Object.keys((await now()).duties).length, 8);
  assert.ok(JSON.stringify(await now()).length < 200_000);
  isOut = false;
  await maintain();
  assert.deepEqual((await now()).duties, {});
  assert.equal(await shareConnection(ports, await now(), use), 'shared');
});
