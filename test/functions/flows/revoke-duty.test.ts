import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetOf } from '../../../functions/core/budget.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { doDuties } from '../../../functions/flows/do-duties.ts';
import { connectionRevokeDoer, sessionRevokeDoer } from '../../../functions/flows/revoke-duty.ts';
import { createVault } from '../../../functions/flows/vault.ts';
import { aLedger, aLedgerEntry } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { timedOut } from '../../support/token-server.ts';
import { attemptsId, callbackWorld, configOf, connectionId, oweRevocation } from './callback-world.ts';

const day = 24 * 3_600_000;
const copiedTable: Ports['tableIdentity'] = {
  state: async () => ({ kind: 'restored', tableId: 'copy', tableName: 'grants' }),
};

/** A superseded grant whose revocation is due, as the ledger knows it. */
async function superseded() {
  const ports = memoryPorts();
  await storedConnection(ports);
  const now = ports.clock.now();
  const atSalesforce = await oweRevocation(ports, 'older', { dueAt: now });
  const entry = aLedgerEntry(1, { id: 'older', begunAt: now, outcome: 'stored', supersededAt: now });
  await ports.store.inner.ledgers.create(aLedger(connectionId, { entries: [entry] }));
  ports.store.resetCalls();
  const holder = async () => (await ports.store.inner.connections.read(connectionId)) as Connection;
  const work = async () => {
    const doers = { revoke: connectionRevokeDoer(ports, createVault(ports)) };
    return ports.clock.run(doDuties(ports, ports.store.connections, await holder(), doers, ['revoke.older']));
  };
  const ledger = async () => ports.store.inner.ledgers.read(connectionId);
  const noted = async () => (await ledger())?.entries[0];
  return { ports, atSalesforce, holder, work, ledger, noted };
}

/** A grant of a session that was refused, and whose revocation failed at once. */
async function refusedGrant(failed = true) {
  const world = await callbackWorld({ expectedOrgId: '00D000000000002AAA', ledgerId: attemptsId });
  const { ports, finish, session, ledger } = world;
  if (failed) ports.server.next('revoke', () => timedOut);
  await finish();
  const work = async () => {
    const doers = { revoke: sessionRevokeDoer(ports, createVault(ports)) };
    const holder = await session();
    return ports.clock.run(doDuties(ports, ports.store.sessions, holder, doers, Object.keys(holder.duties)));
  };
  const noted = async () => (await ledger(attemptsId))?.entries[0];
  return { ...world, work, noted };
}

test('a superseded grant is noted as revoked before its duty goes, and whoever dies in between notes it once', async () => {
  const { ports, atSalesforce, holder, work, noted } = await superseded();
  const at = ports.clock.now();
  // Taken, and settled.
  ports.store.disturb(
    'connections.replace',
    () => undefined,
    async () => {
      assert.equal((await noted())?.revokedAt, at);
      throw new Error('killed');
    },
  );
  await assert.rejects(work(), /killed/);
  assert.deepEqual([atSalesforce.alive, Object.keys((await holder()).duties)], [false, ['revoke.older']]);
  ports.clock.advance(3_700_000);
  await work();
  assert.deepEqual([(await holder()).duties, (await noted())?.revokedAt], [{}, at]);
  assert.equal(ports.server.count('revoke'), 2, 'Salesforce says that it is revoked');
});

test('on a copied table it waits as it is, however old it is, and costs no try', async () => {
  const { ports, atSalesforce, holder } = await superseded();
  const copied = { ...ports, tableIdentity: copiedTable };
  ports.clock.advance(30 * day);
  const doers = { revoke: connectionRevokeDoer(copied, createVault(ports)) };
  await ports.clock.run(doDuties(ports, ports.store.connections, await holder(), doers));
  const duty = (await holder()).duties['revoke.older'];
  assert.deepEqual([duty?.kind, duty?.tries, duty?.dueAt], ['revoke', 0, ports.clock.now() + 5 * 60_000]);
  assert.ok(atSalesforce.alive && ports.server.count('revoke') === 0);
});

test('while the ledger cannot note it, the duty stays', async () => {
  const { ports, holder, work, noted } = await superseded();
  ports.store.disturb('ledgers.replace', 'unavailable');
  await assert.rejects(work());
  assert.deepEqual([Object.keys((await holder()).duties), (await noted())?.revokedAt], [['revoke.older'], undefined]);
  await work();
  assert.deepEqual([(await holder()).duties, (await noted())?.revokedAt], [{}, ports.clock.now()]);
});

test('a revocation that failed notes nothing, and the grant still counts', async () => {
  const { ports, holder, work, ledger, noted } = await superseded();
  ports.server.next('revoke', () => timedOut);
  await work();
  assert.deepEqual([(await noted())?.revokedAt, (await noted())?.givenUpAt], [undefined, undefined]);
  assert.equal(budgetOf(await holder(), await ledger(), 5, ports.clock.now()).owed, 1);
  await work();
  assert.equal(budgetOf(await holder(), await ledger(), 5, ports.clock.now()).owed, 0);
});

test('after seven days it is given up: noted, and in one write the duty gives way to an alert', async () => {
  const { ports, atSalesforce, holder, work, ledger, noted } = await superseded();
  ports.clock.advance(7 * day);
  ports.server.next('revoke', () => timedOut);
  await work();
  assert.deepEqual(Object.keys((await holder()).duties), ['revoke.older'], 'seven days are not over');
  ports.clock.advance(1);
  ports.store.disturb(
    'connections.replace',
    () => undefined,
    async () => {
      assert.equal((await noted())?.givenUpAt, ports.clock.now());
    },
  );
  ports.store.resetCalls();
  await work();
  assert.equal(ports.store.calls.get('connections.replace'), 2);
  const { duties } = await holder();
  const alert = { kind: 'alert', alertId: 'older.given-up', type: 'admin_action_required' };
  const [at, cause] = [ports.clock.now(), 'revocation_given_up'];
  assert.deepEqual(duties, { 'alert.older.given-up': { ...alert, cause, since: at, dueAt: at, tries: 0 } });
  assert.deepEqual([(await noted())?.revokedAt, atSalesforce.alive], [undefined, true]);
  const budget = budgetOf(await holder(), await ledger(), 5, at);
  assert.deepEqual([budget.owed, budget.orphans], [0, 1], 'nobody holds its token any more, and it may live');
});

test('a refused grant is noted as revoked before the session’s duty goes', async () => {
  const { ports, session, work, noted } = await refusedGrant();
  assert.deepEqual([(await noted())?.outcome, (await noted())?.revokedAt], ['refused', undefined]);
  ports.clock.advance(60_000);
  ports.store.disturb(
    'sessions.replace',
    () => undefined,
    async () => {
      assert.equal((await noted())?.revokedAt, ports.clock.now());
      throw new Error('killed');
    },
  );
  await assert.rejects(work(), /killed/);
  assert.equal(Object.keys((await session()).duties).length, 1);
  await work();
  assert.deepEqual([(await session()).duties, (await noted())?.reason], [{}, 'wrong_org']);
});

test('a refused grant that could not be revoked for seven days is said so by its session’s alert, once', async () => {
  const { ports, session, noted, maintain, ledger } = await refusedGrant();
  const grantId = (await session()).attempt?.id;
  ports.clock.advance(7 * day + 1);
  await maintain();
  assert.deepEqual(Object.keys((await session()).duties), [`alert.${grantId}.given-up`]);
  assert.deepEqual([(await noted())?.givenUpAt, (await noted())?.revokedAt], [ports.clock.now(), undefined]);
  assert.deepEqual([ports.published, ports.server.count('revoke')], [[], 1]);
  await maintain();
  await maintain();
  const [alert, ...more] = ports.published;
  assert.deepEqual(
    [alert?.id, alert?.type, alert?.cause, alert?.app, more],
    [`${grantId}.given-up`, 'admin_action_required', 'revocation_given_up', 'crm', []],
  );
  assert.match(alert?.evidence.join(' ') ?? '', /Tenant acme, integration sync, .*: wrong_org\./);
  assert.deepEqual((await session()).duties, {});
  // Of another org: it counts to that user's limit.
  assert.equal(budgetOf(undefined, await ledger(attemptsId), 5, ports.clock.now()).orphans, 0);
});

test('an alert that cannot be published stays owed by its session', async () => {
  const { ports, session, maintain } = await refusedGrant();
  ports.clock.advance(7 * day + 1);
  await maintain();
  const { publish } = ports.alerts;
  ports.alerts.publish = () => Promise.reject(new Error('no topic'));
  await maintain();
  assert.equal(Object.keys((await session()).duties).length, 1);
  ports.alerts.publish = publish;
  ports.clock.advance(3_700_000);
  await maintain();
  assert.deepEqual([ports.published.length, (await session()).duties], [1, {}]);
});

test('a sign-in’s token is revoked and stands in no ledger, given up or not', async () => {
  for (const waitMs of [3_700_000, 7 * day + 1]) {
    const { ports, finish, ledger, maintain } = await callbackWorld({}, { config: configOf({ purpose: 'sign_in' }) });
    ports.server.next('revoke', () => timedOut);
    await finish();
    ports.clock.advance(waitMs);
    await maintain();
    assert.equal(ports.server.count('revoke'), waitMs > day ? 1 : 2);
    assert.deepEqual([await ledger(), await ledger(attemptsId)], [undefined, undefined]);
  }
});
