/** Connections that are left without a use on the way: by a link that came too late, by a move, by an unlink in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Duty, LinkDuty } from '../../../functions/core/duty.ts';
import type { Link } from '../../../functions/core/link.ts';
import { linkDutyId } from '../../../functions/core/store-grant.ts';
import { doDuties } from '../../../functions/flows/do-duties.ts';
import { linkDoer } from '../../../functions/flows/link-duty.ts';
import { linkIntegration } from '../../../functions/flows/link-integration.ts';
import { unlinkDoer } from '../../../functions/flows/unlink-duty.ts';
import { unlinkIntegration } from '../../../functions/flows/unlink-integration.ts';
import { aConnection, anIntegration, next } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { callbackWorld, connectionId, key } from './callback-world.ts';

const anyone = () => undefined;

async function setUp() {
  const ports = memoryPorts();
  await storedConnection(ports);
  const read = async () => (await ports.store.inner.connections.read(connectionId)) as Connection;
  const owe = async (duties: Readonly<Record<string, Duty>>) => {
    const before = await read();
    await ports.store.inner.connections.replace(before, next<Connection>(before, { duties }));
  };
  const link = (change: Partial<LinkDuty> = {}): LinkDuty => {
    const at = ports.clock.now();
    return { kind: 'link', sessionId: 'x', ...key, since: at, dueAt: at, tries: 0, ...change };
  };
  const linkAll = async () =>
    doDuties(ports, ports.store.connections, await read(), { link: linkDoer(ports), unlink: unlinkDoer(ports) });
  const use = (change: Partial<Link> = {}) =>
    linkIntegration(ports, { ...key, connectionId, by: 'before', at: ports.clock.now() - 1_000, ...change });
  const integration = () => ports.store.inner.integrations.read(key);
  return { ports, read, owe, link, linkAll, use, integration };
}

test('a link that was overtaken by an unlink links nothing, and leaves no connection that nobody uses', async () => {
  const { ports, read, owe, link, linkAll, integration } = await setUp();
  const at = ports.clock.now();
  await ports.store.inner.integrations.create(
    anIntegration(key.tenant, key.integration, { connectionId, status: 'unlinked', linkedAt: at + 1 }),
  );
  await owe({ 'link.x': link() });
  await linkAll();
  assert.equal((await integration())?.status, 'unlinked');
  assert.deepEqual([(await read()).status, Object.keys((await read()).duties)], ['disconnected', ['revoke.grant-1']]);
});

test('a link that was overtaken leaves the connection to those who use it', async () => {
  const { ports, read, owe, link, linkAll, use } = await setUp();
  await use({ integration: 'other' });
  await ports.store.inner.integrations.create(
    anIntegration(key.tenant, key.integration, { connectionId, status: 'unlinked', linkedAt: ports.clock.now() + 1 }),
  );
  await owe({ 'link.x': link() });
  await linkAll();
  assert.deepEqual([(await read()).status, (await read()).duties], ['active', {}]);
});

test('the newer authorization is linked, and not the one that was stored later', async () => {
  const { ports, owe, link, linkAll, use, integration } = await setUp();
  await use({ by: 'newer', at: ports.clock.now() - 500 });
  const begunAt = ports.clock.now() - 1_000;
  const grant = { id: 'g', begunAt, authorizedAt: begunAt, outcome: 'refused' } as const;
  await owe({ 'link.x': link({ grant }) });
  await linkAll();
  assert.equal((await integration())?.linkedBy, 'newer');
  await owe({ 'link.y': link({ sessionId: 'y', grant: { ...grant, id: 'h', begunAt: ports.clock.now() } }) });
  await linkAll();
  assert.equal((await integration())?.linkedBy, 'y');
});

test('moved away while a link to the former connection is open, it is looked at again, and then given up', async () => {
  const { ports, read, owe, link, linkAll, use, integration } = await setUp();
  await use();
  await owe({ 'link.x': link({ integration: 'other', dueAt: ports.clock.now() + 3_600_000 }) });
  const other = aConnection(2);
  await ports.store.inner.connections.create(other);
  assert.equal(await use({ connectionId: other.id, by: 'move', at: ports.clock.now() }), 'linked');
  assert.deepEqual(Object.keys((await read()).duties).sort(), ['link.x', 'unlink.move']);
  ports.clock.advance(60_000);
  await linkAll();
  assert.equal((await read()).status, 'active', 'the link is still open');
  const { 'link.x': _done, ...duties } = (await read()).duties;
  await owe(duties);
  ports.clock.advance(60_000);
  await linkAll();
  assert.equal((await read()).status, 'disconnected');
  assert.deepEqual([(await integration())?.connectionId, (await integration())?.status], [other.id, 'linked']);
});

test('moved away and back, it stays linked where it is', async () => {
  const { ports, read, owe, link, linkAll, use, integration } = await setUp();
  await use();
  await owe({ 'link.x': link({ integration: 'other', dueAt: ports.clock.now() + 3_600_000 }) });
  const other = aConnection(2);
  await ports.store.inner.connections.create(other);
  const at = ports.clock.now();
  await use({ connectionId: other.id, by: 'move', at });
  await use({ by: 'back', at });
  await owe({ 'unlink.move': (await read()).duties['unlink.move']! });
  ports.clock.advance(60_000);
  await linkAll();
  assert.deepEqual([(await read()).status, (await integration())?.status], ['active', 'linked']);
  assert.deepEqual(await ports.store.inner.usesOf(connectionId, 10), [key]);
});

test('an unlink holds for what was asked for before it, though it was unlinked already', async () => {
  const { ports, owe, link, linkAll, read, use, integration } = await setUp();
  await use({ integration: 'other' });
  await use();
  await unlinkIntegration(ports, key, anyone);
  ports.clock.advance(1_000);
  await owe({ 'link.x': link() });
  ports.clock.advance(1_000);
  assert.deepEqual(await unlinkIntegration(ports, key, anyone), { kind: 'unlinked' });
  await linkAll();
  assert.equal((await integration())?.status, 'unlinked');
  await owe({ ...(await read()).duties, 'link.y': link({ sessionId: 'y' }) });
  await linkAll();
  assert.equal((await integration())?.status, 'linked', 'what is asked for later is done');
});

test('a revocation that comes before the link is noted all the same', async () => {
  const older = await callbackWorld({ ledgerId: 'crm/acme/sync' });
  const { ports } = older;
  // The attempt is entered, its outcome is not.
  ports.store.disturb('ledgers.create', () => undefined, 'unavailable');
  await older.finish();
  const { grant } = (await older.connection()) as Connection;
  const newer = await callbackWorld({ id: 'n'.repeat(43), ledgerId: connectionId }, {}, ports);
  await newer.finish();
  const before = (await older.connection()) as Connection;
  const due = Object.entries(before.duties).map(([id, duty]) =>
    id === linkDutyId(older.id) ? [id, { ...duty, dueAt: ports.clock.now() + 86_400_000 }] : [id, duty],
  );
  await ports.store.inner.connections.replace(
    before,
    next<Connection>(before, { duties: Object.fromEntries(due) as Connection['duties'] }),
  );
  await ports.clock.pass(3_600_000);
  await older.maintain();
  const entry = (await older.ledger())?.entries.find(({ id }) => id === grant?.id);
  assert.deepEqual([entry?.outcome, entry?.revokedAt !== undefined], ['stored', true]);
});
