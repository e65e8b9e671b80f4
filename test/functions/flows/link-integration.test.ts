import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Integration } from '../../../functions/core/integration.ts';
import { abandonIfUnused } from '../../../functions/flows/abandon-connection.ts';
import { next } from '../../contract/items.ts';
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
