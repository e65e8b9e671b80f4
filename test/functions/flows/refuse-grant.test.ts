import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetOf } from '../../../functions/core/budget.ts';
import type { Session } from '../../../functions/core/session.ts';
import { revokeDutyId } from '../../../functions/core/settle-superseded.ts';
import { storedConnection } from '../../support/memory-ports.ts';
import { timedOut } from '../../support/token-server.ts';
import { attemptsId, callbackWorld, connectionId } from './callback-world.ts';

const otherOrg = '00D000000000002AAA';

/** The user came back from another org than the expected one. */
async function setUp(change: Partial<Session> = {}) {
  const world = await callbackWorld({ expectedOrgId: otherOrg, ledgerId: attemptsId, ...change });
  const { ports, ledger } = world;
  const entry = async (id = attemptsId) => (await ledger(id))?.entries[0];
  const isAlive = () => ports.server.grants[0]?.alive;
  /** What is stored when the revocation reaches Salesforce. */
  const seenAtRevocation = (look: () => Promise<void>) =>
    ports.server.next('revoke', async (process) => {
      await look();
      return process();
    });
  return { ...world, entry, isAlive, seenAtRevocation };
}

test('before anything is revoked, one write has said why and owes the revocation, and the ledger knows', async () => {
  const { ports, finish, session, entry, isAlive, seenAtRevocation } = await setUp();
  let looked = 0;
  seenAtRevocation(async () => {
    const { status, error, duties, attempt } = await session();
    const id = revokeDutyId(attempt?.id ?? '');
    const duty = duties[id];
    assert.deepEqual([status, error?.code, Object.keys(duties)], ['failed', 'wrong_org', [id]]);
    assert.deepEqual(
      [duty?.kind === 'revoke' && duty.reason, duty?.kind === 'revoke' && duty.tokenPurpose],
      ['refused', 'refresh'],
    );
    const { outcome, reason, settledAt, revokedAt } = (await entry())!;
    assert.deepEqual([outcome, reason, settledAt, revokedAt], ['refused', 'wrong_org', ports.clock.now(), undefined]);
    looked += 1;
  });
  // The second write of the session, after the one that consumed it: none has failed it before.
  ports.store.disturb(
    'sessions.replace',
    () => undefined,
    async () => assert.deepEqual([(await session()).status, (await session()).duties], ['exchanging', {}]),
  );
  await finish();
  assert.deepEqual([looked, isAlive(), (await session()).duties], [1, false, {}]);
  assert.equal((await entry())?.revokedAt, ports.clock.now());
});

test('a grant refused for another org stands in the ledger of the connection that was believed, and counts to another user', async () => {
  const { ports, finish, connection, ledger, entry, maintain } = await setUp({ ledgerId: connectionId });
  await storedConnection(ports);
  ports.server.next('revoke', () => timedOut);
  await finish();
  const believed = async () => budgetOf(await connection(), await ledger(), 5, ports.clock.now());
  assert.deepEqual([(await entry(connectionId))?.outcome, await entry()], ['refused', undefined]);
  assert.deepEqual(await believed(), { limit: 5, stored: 1, owed: 0, orphans: 0 });
  await ports.clock.pass(3_700_000);
  await maintain();
  assert.deepEqual(await believed(), { limit: 5, stored: 1, owed: 0, orphans: 0 });
});

test('a session of the release before names no ledger: its integration’s is taken', async () => {
  const { finish, entry } = await setUp({ ledgerId: undefined });
  await finish();
  assert.equal((await entry())?.outcome, 'refused');
});

test('a ledger that cannot be written delays the revocation, and maintain does both', async () => {
  const { ports, finish, session, entry, isAlive, maintain } = await setUp();
  ports.store.disturb('ledgers.replace', 'unavailable');
  const outcome = await finish();
  assert.equal(outcome.kind === 'outcome' && outcome.session.error?.code, 'wrong_org');
  assert.deepEqual([isAlive(), Object.keys((await session()).duties).length], [true, 1]);
  await ports.clock.pass(3_700_000);
  await maintain();
  assert.deepEqual([isAlive(), (await session()).duties, (await entry())?.outcome], [false, {}, 'refused']);
  assert.equal((await entry())?.revokedAt, ports.clock.now());
});

for (const lost of ['retried', 'answer_lost', 'unavailable'] as const) {
  test(`a refusal whose write is ${lost} is written once, and revoked at once`, async () => {
    const { ports, finish, session, isAlive } = await setUp();
    ports.store.disturb('sessions.replace', () => undefined, lost);
    await finish();
    assert.deepEqual([(await session()).error?.code, (await session()).duties, isAlive()], ['wrong_org', {}, false]);
    assert.deepEqual([ports.server.count('exchangeCode'), ports.server.count('revoke')], [1, 1]);
  });
}

test('what the store refuses to the last lies in the lifeboat, and maintain ends the session and the grant', async () => {
  const { ports, finish, session, entry, isAlive, maintain, connection } = await setUp();
  let isDown = true;
  ports.store.disturbWhile('sessions.replace', 'unavailable', () => isDown && ports.server.count('exchangeCode') > 0);
  const outcome = await finish();
  assert.equal(outcome.kind === 'outcome' && outcome.session.status, 'exchanging');
  const [saved, ...more] = ports.lifeboat.all();
  assert.ok(saved?.kind === 'duty');
  assert.deepEqual([saved.error.code, saved.duty.reason, more], ['wrong_org', 'refused', []]);
  assert.equal(isAlive(), true, 'nothing is revoked that is not owed');
  isDown = false;
  await maintain();
  await ports.clock.pass(3_700_000);
  await maintain();
  assert.deepEqual([(await session()).status, (await session()).error?.code], ['failed', 'wrong_org']);
  assert.deepEqual([isAlive(), (await session()).duties, ports.lifeboat.all()], [false, {}, []]);
  assert.deepEqual([(await entry())?.outcome, (await entry())?.reason], ['refused', 'wrong_org']);
  assert.equal(await connection(), undefined);
});
