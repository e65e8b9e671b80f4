import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { entriesAtMost, type LedgerEntry } from '../../../functions/core/ledger.ts';
import { supersededGraceMs } from '../../../functions/core/store-grant.ts';
import { keepWithinBudget } from '../../../functions/flows/keep-within-budget.ts';
import { createDoDutiesOf, createMaintain } from '../../../functions/flows/maintain.ts';
import { aLedger, aLedgerEntry, anAlertDuty, next } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { connectionId, oweRevocation } from './callback-world.ts';

const hour = 3_600_000;

/** One grant is stored, `owed` are superseded, and of `orphans` nobody holds the token. */
async function setUp(owed: number, orphans = 0) {
  const ports = memoryPorts();
  await storedConnection(ports);
  for (let n = 1; n <= owed; n += 1) await oweRevocation(ports, `older-${n}`);
  const begunAt = ports.clock.now() - hour;
  const entries: LedgerEntry[] = Array.from({ length: orphans }, (_, n) => aLedgerEntry(n, { begunAt }));
  if (orphans > 0) await ports.store.inner.ledgers.create(aLedger(connectionId, { entries }));
  ports.store.resetCalls();
  const connection = async () => (await ports.store.inner.connections.read(connectionId)) as Connection;
  const dueIn = async () => {
    const { duties } = await connection();
    return Object.fromEntries(Object.entries(duties).map(([id, duty]) => [id, duty.dueAt - ports.clock.now()]));
  };
  const keep = (limit = 5) => keepWithinBudget(ports, connectionId, limit);
  const living = () => ports.server.grants.filter(({ alive }) => alive).map(({ number }) => number);
  return { ports, keep, connection, dueIn, living };
}

test('where the budget is spent, superseded grants are revoked now, by maintain, which is asked once', async () => {
  const { ports, keep, living, connection } = await setUp(4);
  ports.others.maintain = createDoDutiesOf(ports);
  assert.deepEqual(await keep(), { limit: 5, stored: 1, owed: 0, orphans: 0 });
  assert.deepEqual(ports.maintained, [connectionId]);
  assert.deepEqual(living(), [1], 'the stored grant alone');
  assert.deepEqual((await connection()).duties, {});
});

test('a user near the limit is counted, whatever can be revoked; one with room is not', async () => {
  for (const [owed, orphans, counted] of [
    [2, 0, []],
    [3, 0, ['GrantsNearLimit']],
    [0, 3, ['GrantsNearLimit']],
    [4, 0, ['GrantsNearLimit', 'GrantBudgetSpent']],
  ] as const) {
    const { ports } = await setUp(owed, orphans);
    const added: string[] = [];
    await keepWithinBudget({ ...ports, metrics: { add: (name) => added.push(name) } }, connectionId, 5);
    assert.deepEqual(added, counted, `${owed} owed, ${orphans} orphans`);
  }
});

test('where one more grant has room, nothing is written and nobody is asked', async () => {
  const { ports, keep, dueIn } = await setUp(3);
  assert.deepEqual(await keep(), { limit: 5, stored: 1, owed: 3, orphans: 0 });
  assert.deepEqual(ports.maintained, []);
  assert.equal(ports.store.calls.get('connections.replace'), undefined);
  assert.deepEqual(new Set(Object.values(await dueIn())), new Set([supersededGraceMs]));
  await keep(4);
  assert.deepEqual(ports.maintained, [connectionId], 'of four, the same is one too many');
});

test('where nothing that we hold fills it, nobody is asked', async () => {
  const { ports, keep } = await setUp(0, 4);
  assert.deepEqual(await keep(), { limit: 5, stored: 1, owed: 0, orphans: 4 });
  assert.deepEqual([ports.maintained, ports.store.calls.get('connections.replace')], [[], undefined]);
});

test('the grace ends now, but never before a refresh that may be in flight, and for revocations alone', async () => {
  const { ports, keep, connection, dueIn } = await setUp(2);
  const now = ports.clock.now();
  await oweRevocation(ports, 'leased', { lease: { attempt: 'a', until: now + 70_000 } });
  await oweRevocation(ports, 'overdue', { dueAt: now - 5_000 });
  const before = await connection();
  const duties = { ...before.duties, 'alert.x': anAlertDuty(now + 120_000) };
  await ports.store.inner.connections.replace(before, next<Connection>(before, { duties }));
  await keep();
  assert.deepEqual(await dueIn(), {
    'revoke.older-1': 0,
    'revoke.older-2': 0,
    'revoke.leased': 70_000,
    'revoke.overdue': -5_000,
    'alert.x': 120_000,
  });
});

test('the stored grant and one under a lease survive the revocations', async () => {
  const { ports, keep, living } = await setUp(3);
  await oweRevocation(ports, 'leased', { lease: { attempt: 'a', until: ports.clock.now() + 70_000 } });
  ports.others.maintain = createDoDutiesOf(ports);
  assert.deepEqual(await keep(), { limit: 5, stored: 1, owed: 1, orphans: 0 });
  assert.deepEqual(living(), [1, 5]);
});

test('a maintain that cannot be asked does no harm: they are due, and its next run revokes them', async () => {
  const { ports, keep, living, dueIn } = await setUp(4);
  ports.others.maintain = () => Promise.reject(new Error('throttled'));
  assert.deepEqual(await keep(), { limit: 5, stored: 1, owed: 4, orphans: 0 });
  assert.match(ports.logged.join('\n'), /warn: Superseded grants could not be revoked at once/);
  assert.deepEqual(new Set(Object.values(await dueIn())), new Set([0]));
  await ports.clock.run(createMaintain(ports)(() => 60_000));
  assert.deepEqual(living(), [1]);
});

test('what others write in between stays, and a write whose answer was lost is found again', async () => {
  const { ports, keep, connection, dueIn } = await setUp(4);
  ports.store.disturb(
    'connections.replace',
    async () => {
      const before = await connection();
      await ports.store.inner.connections.replace(before, next<Connection>(before, { username: 'ada' }));
    },
    'retried',
  );
  await keep();
  assert.equal((await connection()).username, 'ada');
  assert.deepEqual(new Set(Object.values(await dueIn())), new Set([0]));
  assert.deepEqual(ports.maintained, [connectionId]);
});

test('a user of whom nothing is known has spent nothing', async () => {
  const ports = memoryPorts();
  assert.deepEqual(await keepWithinBudget(ports, connectionId, 1), { limit: 1, stored: 0, owed: 0, orphans: 0 });
  const full = Array.from({ length: entriesAtMost }, (_, n) => aLedgerEntry(n, { outcome: 'failed' }));
  await ports.store.inner.ledgers.create(aLedger(connectionId, { entries: full }));
  assert.deepEqual(await keepWithinBudget(ports, connectionId, 1), { limit: 1, stored: 0, owed: 0, orphans: 0 });
  assert.deepEqual(ports.maintained, []);
});
