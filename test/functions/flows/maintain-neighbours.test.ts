import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disconnect } from '../../../functions/flows/disconnect.ts';
import { createMaintain } from '../../../functions/flows/maintain.ts';
import { type MemoryPorts, memoryPorts, orgA, remaining, storedConnection } from '../../support/memory-ports.ts';
import { type Turn, timedOut } from '../../support/token-server.ts';

const orgB = '00D000000000002AAA';
const inHanging = 160;
const inOther = 16;

/** Disconnected connections, each of which owes a revocation. @returns what asks how many still do */
async function owed(ports: MemoryPorts, orgId: string, count: number): Promise<() => Promise<number>> {
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const userId = `005${orgId.at(14)}00000000${String(number).padStart(3, '0')}AAA`;
    const { connection } = await storedConnection(ports, { orgId, userId });
    await disconnect(ports, connection.id, undefined, true);
    ids.push(connection.id);
  }
  return async () => {
    const found = await Promise.all(ids.map((id) => ports.store.inner.connections.read(id)));
    return found.filter((one) => Object.keys(one?.duties ?? {}).length > 0).length;
  };
}

/** Revocations of orgA's grants take ten seconds and come to nothing; there are many, and they are due before orgB's. */
async function besideHanging() {
  const ports = memoryPorts();
  const ofHanging = await owed(ports, orgA, inHanging);
  ports.clock.advance(1_000);
  const ofOther = await owed(ports, orgB, inOther);
  const tokens = new Set(ports.server.grants.filter(({ orgId }) => orgId === orgA).map((grant) => grant.refreshToken));
  const turn: Turn = async (process, { token }) => {
    if (!tokens.has(token)) return process();
    await ports.clock.wait(10_000);
    return timedOut;
  };
  ports.server.next('revoke', ...Array.from({ length: 1_000 }, () => turn));
  const maintain = () => ports.clock.run(createMaintain(ports)(remaining(ports.clock)));
  return { ports, ofHanging, ofOther, maintain };
}

test('what is owed to an org that answers is done in one tick, however much is owed to one that hangs', async () => {
  const { ofHanging, ofOther, maintain } = await besideHanging();
  await maintain();
  assert.equal(await ofOther(), 0);
  assert.equal(await ofHanging(), inHanging);
});

test('the org that hangs is tried on while there is time, and next time', async () => {
  const { ports, maintain } = await besideHanging();
  const tried = () => ports.server.requests.filter(({ kind }) => kind === 'revoke').length - inOther;
  await maintain();
  const first = tried();
  assert.ok(first >= 3 * ports.store.shards, `${first} tries`);
  ports.clock.advance(20_000);
  await maintain();
  assert.ok(tried() > first);
});
