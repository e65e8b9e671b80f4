import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { LinkDuty } from '../../../functions/core/duty.ts';
import type { Session } from '../../../functions/core/session.ts';
import { unclaimed } from '../../../functions/core/session-claim.ts';
import { linkDutyId } from '../../../functions/core/store-grant.ts';
import { claimSession } from '../../../functions/flows/claim-session.ts';
import { next } from '../../contract/items.ts';
import { attemptsId, callbackWorld, connectionId, key } from './callback-world.ts';

const other = { tenant: 'acme', integration: 'other' };

async function setUp(change: Partial<Session> = {}) {
  const world = await callbackWorld({ claim: true, ledgerId: attemptsId, ...change });
  const { ports, session, connection } = world;
  const duty = async () => (await connection())?.duties[linkDutyId(world.id)];
  const toTheEnd = async () => ports.clock.pass((await session()).expiresAt - ports.clock.now());
  const integration = () => ports.store.inner.integrations.read(key);
  const write = async (change: Partial<Connection>) => {
    const before = (await connection())!;
    await ports.store.inner.connections.replace(before, next<Connection>(before, change));
  };
  return { ...world, duty, toTheEnd, integration, write };
}

test('where a claim is wanted, the link waits for the session’s end, and the tokens are stored', async () => {
  const { ports, finish, session, connection, duty, integration, maintain, toTheEnd } = await setUp();
  await finish();
  const { status, connectionId: shown, expiresAt } = await session();
  assert.deepEqual([status, shown], ['authorized', connectionId]);
  assert.deepEqual(
    [(await connection())?.status, (await duty())?.dueAt, (await duty())?.tries],
    ['active', expiresAt, 0],
  );
  ports.clock.advance(expiresAt - ports.clock.now() - 1);
  await maintain();
  assert.deepEqual([await integration(), await ports.store.inner.usesOf(connectionId, 10)], [undefined, []]);
  assert.equal((await session()).status, 'authorized');
  await toTheEnd();
  await maintain();
  assert.equal((await session()).status, 'failed');
});

test('a late callback leaves the service five minutes for its claim', async () => {
  const { ports, finish, session } = await setUp();
  ports.clock.advance(899_000);
  await finish();
  assert.equal((await session()).expiresAt, ports.clock.now() + 300_000);
});

test('the authorization is in the ledger before anything waits or is linked', async () => {
  for (const [claim, step] of [
    [true, 'sessions.replace'],
    [undefined, 'addUse'],
  ] as const) {
    const { ports, finish, session, ledger } = await setUp({ claim });
    const seen: unknown[] = [];
    const look = async () => void seen.push((await ledger())?.entries[0]?.outcome);
    // The first write of the session consumes it, before the exchange.
    ports.store.disturb(step, ...(step === 'addUse' ? [look] : [() => undefined, look]));
    await finish();
    assert.deepEqual(seen, ['stored'], step);
    assert.equal((await session()).status, claim ? 'authorized' : 'connected');
  }
});

test('while the ledger cannot be written nothing is linked, and maintain does both', async () => {
  const { ports, finish, session, ledger, integration, maintain, connection } = await setUp({ claim: undefined });
  // Of the user's ledger: the attempt stands in another.
  ports.store.disturb('ledgers.create', () => undefined, 'unavailable');
  await finish();
  assert.deepEqual([await ledger(), await integration()], [undefined, undefined]);
  assert.equal((await connection())?.status, 'active', 'the tokens are stored');
  await ports.clock.pass(3_700_000);
  await maintain();
  assert.deepEqual([(await ledger())?.entries[0]?.outcome, (await session()).status], ['stored', 'connected']);
});

test('unclaimed at the end, a connection that nobody uses is given up, and its grant is revoked', async () => {
  const { ports, finish, session, connection, integration, toTheEnd, maintain, ledger } = await setUp();
  await finish();
  const grantId = (await connection())?.grant?.id;
  await toTheEnd();
  await maintain();
  assert.deepEqual([(await session()).status, (await session()).error], ['failed', unclaimed]);
  const after = (await connection())!;
  assert.deepEqual(
    [after.status, after.grant, Object.keys(after.duties)],
    ['disconnected', undefined, [`revoke.${grantId}`]],
  );
  assert.equal(await integration(), undefined);
  await maintain();
  assert.equal(ports.server.grants[0]?.alive, false);
  assert.deepEqual((await connection())?.duties, {});
  assert.equal((await ledger())?.entries[0]?.revokedAt, ports.clock.now());
});

test('unclaimed at the end, a connection that others use stays', async () => {
  const { ports, finish, session, connection, integration, toTheEnd, maintain } = await setUp();
  await finish();
  await ports.store.inner.addUse(connectionId, other);
  await toTheEnd();
  await maintain();
  await maintain();
  assert.deepEqual([(await connection())?.status, (await connection())?.duties], ['active', {}]);
  assert.deepEqual([(await session()).status, await integration()], ['failed', undefined]);
  assert.deepEqual([ports.server.grants[0]?.alive, ports.server.count('revoke')], [true, 0]);
});

test('unclaimed at the end, a connection to which another link is open stays until that is decided', async () => {
  for (const claims of [true, false]) {
    const first = await setUp();
    await first.finish();
    first.ports.clock.advance(60_000);
    const second = await callbackWorld({ id: 't'.repeat(43), claim: true, ...other }, {}, first.ports);
    await second.finish();
    await first.toTheEnd();
    await first.maintain();
    assert.deepEqual([(await first.session()).status, (await first.connection())?.status], ['failed', 'active']);
    assert.deepEqual(
      Object.keys((await first.connection())?.duties ?? {})
        .sort()
        .at(0),
      linkDutyId(second.id),
    );
    if (claims) await claimSession(first.ports, await second.session(), second.claim);
    await first.ports.clock.pass(60_000);
    await first.maintain();
    assert.equal((await first.connection())?.status, claims ? 'active' : 'disconnected');
    assert.equal((await second.session()).status, claims ? 'connected' : 'failed');
  }
});

test('who dies after giving the connection up, or just before, is followed by maintain', async () => {
  // The writes of the connection under the duty: taken, given up, settled.
  for (const [lost, writes] of [
    ['before', 1],
    ['after', 2],
  ] as const) {
    const { ports, finish, session, connection, toTheEnd, maintain } = await setUp();
    await finish();
    await toTheEnd();
    ports.store.disturb('connections.replace', ...Array<() => void>(writes).fill(() => undefined), 'unavailable');
    await maintain();
    assert.equal((await session()).status, 'failed');
    assert.equal((await connection())?.status, lost === 'before' ? 'active' : 'disconnected');
    await ports.clock.pass(3_700_000);
    await maintain();
    await maintain();
    assert.deepEqual([(await connection())?.status, (await connection())?.duties], ['disconnected', {}], lost);
    assert.equal(ports.server.grants[0]?.alive, false);
  }
});

test('a session that nobody finds any more links nothing where it was to be claimed', async () => {
  const { ports, finish, connection, duty, write, integration, maintain } = await setUp();
  await finish();
  const waiting = (await duty()) as LinkDuty;
  await write({ duties: { 'link.gone': { ...waiting, sessionId: 'gone', dueAt: ports.clock.now() } } });
  await maintain();
  assert.deepEqual([await integration(), (await connection())?.status], [undefined, 'disconnected']);
});

test('without a claim the integration is linked although its session is gone', async () => {
  const { ports, finish, write, integration, maintain } = await setUp({ claim: undefined, ...other });
  await finish();
  const owed = { since: ports.clock.now(), dueAt: ports.clock.now(), tries: 0 };
  await write({ duties: { 'link.gone': { kind: 'link', sessionId: 'gone', ...key, ...owed } } });
  await maintain();
  assert.equal((await integration())?.connectionId, connectionId);
});
