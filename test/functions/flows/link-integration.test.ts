import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import type { Integration } from '../../../functions/core/integration.ts';
import { abandonIfUnused } from '../../../functions/flows/abandon-connection.ts';
import { linkIntegration } from '../../../functions/flows/link-integration.ts';
import { disconnectIfUnused, takeBack } from '../../../functions/flows/unlink-duty.ts';
import { next } from '../../contract/items.ts';
import { storedConnection } from '../../support/memory-ports.ts';
import { callbackWorld, connectionId, key } from './callback-world.ts';

const otherId = 'crm.00D000000000001AAA.005000000000009AAA';

test('moved away while its use is recorded, the integration leaves no connection that nobody uses', async () => {
  const { ports, finish, connection } = await callbackWorld();
  const { inner } = ports.store;
  const looks: unknown[] = [];
  const move = async () => {
    const before = (await inner.integrations.read(key))!;
    const moved = { connectionId: otherId, formerConnectionId: connectionId, linkedBy: 'later' };
    await inner.integrations.replace(before, next<Integration>(before, moved));
    await inner.removeUse(connectionId, key);
  };
  // Whoever moved it looks while the use is there once more: the one that we just recorded, late.
  ports.store.disturb('addUse', () => undefined, move);
  ports.store.disturb('removeUse', async () => void looks.push(await abandonIfUnused(ports, connectionId)));
  await finish();
  const { status, duties } = (await connection())!;
  assert.deepEqual([looks, await inner.usesOf(connectionId, 10)], [['kept'], []]);
  assert.equal(status, 'disconnected');
  assert.deepEqual(
    Object.values(duties).map(({ kind }) => kind),
    ['revoke'],
  );
  assert.deepEqual(await inner.usesOf(otherId, 10), [key]);
});

test('moved on before its first move was finished, the integration leaves none of the two behind', async () => {
  const { ports } = await callbackWorld();
  const { inner } = ports.store;
  await storedConnection(ports);
  const at = ports.clock.now();
  await linkIntegration(ports, { ...key, connectionId, by: 'first', at });
  ports.store.disturb('integrations.replace', 'retried');
  ports.store.disturb('removeUse', 'unavailable');
  const second = { ...key, connectionId: otherId, by: 'second', at: at + 1 };
  await assert.rejects(linkIntegration(ports, second), StoreUnavailableError);
  const thirdId = 'crm.00D000000000001AAA.005000000000008AAA';
  await linkIntegration(ports, { ...key, connectionId: thirdId, by: 'third', at: at + 2 });
  assert.equal(await linkIntegration(ports, second), 'outdated');
  const uses = await Promise.all([connectionId, otherId, thirdId].map((id) => inner.usesOf(id, 10)));
  assert.deepEqual(uses, [[], [], [key]]);
  assert.equal((await inner.connections.read(connectionId))?.status, 'disconnected');
});

test('unlinked from two connections at once, the integration leaves none that nobody uses', async () => {
  const { ports } = await callbackWorld();
  const { inner } = ports.store;
  await storedConnection(ports);
  await linkIntegration(ports, { ...key, connectionId, by: 'first', at: ports.clock.now() });
  const at = ports.clock.now() + 1;
  // The other unlink looks while the use is there once more: the one that we just recorded, late.
  ports.store.disturb('addUse', () => takeBack({ ...ports, store: inner }, connectionId, key, at));
  ports.store.disturb('removeUse', async () =>
    assert.equal(await disconnectIfUnused({ ...ports, store: inner }, connectionId, at), 'done'),
  );
  await takeBack(ports, otherId, key, at);
  assert.deepEqual(await inner.usesOf(connectionId, 10), []);
  assert.equal((await inner.connections.read(connectionId))?.status, 'disconnected');
});
