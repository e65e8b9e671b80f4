/** What the callback enters into the ledger before and after its exchange, and to whom it gives the claim. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import { isUnderWay, type LedgerEntry, outcomeOf } from '../../../functions/core/ledger.ts';
import type { Session } from '../../../functions/core/session.ts';
import { exchangeLostMs } from '../../../functions/core/time-limits.ts';
import { claimSession } from '../../../functions/flows/claim-session.ts';
import { orgA, storedConnection } from '../../support/memory-ports.ts';
import { lostAfter, refused, timedOut } from '../../support/token-server.ts';
import { attemptsId, callbackWorld, connectionId, oweRevocation } from './callback-world.ts';

async function setUp(change: Partial<Session> = {}) {
  const world = await callbackWorld({ ledgerId: attemptsId, ...change });
  const { ports, ledger } = world;
  const entries = async (id = attemptsId) => (await ledger(id))?.entries;
  return { ...world, entries, sent: () => ports.server.count('exchangeCode') };
}

test('the attempt stands in the ledger when its code reaches Salesforce, and with its connection afterwards', async () => {
  for (const ledgerId of [attemptsId, connectionId]) {
    const { ports, id, finish, entries, session } = await setUp({ ledgerId });
    let seen: readonly LedgerEntry[] | undefined;
    ports.server.next('exchangeCode', async (process) => {
      seen = await entries(ledgerId);
      return process();
    });
    await finish();
    const { attempt } = await session();
    assert.deepEqual(seen, [{ id: attempt?.id, sessionId: id, begunAt: attempt?.begunAt }]);
    const [entry, ...more] = (await entries(connectionId)) ?? [];
    assert.deepEqual([entry?.id, entry?.outcome, more], [attempt?.id, 'stored', []]);
    assert.match(entry?.fingerprint ?? '', /^[0-9a-f]{16}$/);
    assert.deepEqual((await entries()) ?? [], []);
  }
});

test('who was believed to be another leaves that one’s ledger, once he is known', async () => {
  const other = `crm.${orgA}.005000000000002AAA`;
  const { finish, entries, session } = await setUp({ ledgerId: other });
  await finish();
  const { attempt } = await session();
  assert.deepEqual([(await entries(connectionId))?.map(({ id }) => id), await entries(other)], [[attempt?.id], []]);
});

test('while the ledger cannot be written no code is sent, and the page may be loaded again', async () => {
  const { ports, finish, session, entries, sent } = await setUp();
  let isDown = true;
  ports.store.disturbWhile('ledgers.create', 'unavailable', () => isDown);
  await assert.rejects(finish(), StoreUnavailableError);
  assert.deepEqual([sent(), (await session()).status, (await session()).attempt], [0, 'pending', undefined]);
  isDown = false;
  await finish();
  assert.deepEqual([sent(), (await session()).status], [1, 'connected']);
  assert.equal((await entries(connectionId))?.length, 1);
});

for (const lost of ['retried', 'answer_lost', 'unavailable'] as const) {
  test(`an attempt whose entry is ${lost} is entered once, and its code is sent`, async () => {
    const { ports, finish, entries, sent } = await setUp();
    ports.store.disturb('ledgers.create', lost);
    await finish();
    assert.deepEqual([sent(), (await entries(connectionId))?.length, (await entries()) ?? []], [1, 1, []]);
  });
}

test('an entry that took so long that the code could not be sent safely is settled as failed, and nothing is sent', async () => {
  const { ports, finish, session, entries, sent } = await setUp();
  ports.store.disturb('ledgers.create', () => ports.clock.advance(15_001));
  await finish();
  assert.deepEqual([sent(), (await session()).error?.code], [0, 'too_late']);
  const [entry] = (await entries()) ?? [];
  assert.deepEqual([entry?.outcome, entry?.reason], ['failed', 'too_late']);
});

test('a code that Salesforce refused made no grant: its entry says failed, and why', async () => {
  const { ports, finish, session, entries } = await setUp();
  ports.server.next('exchangeCode', refused('invalid_grant', 'expired authorization code'));
  await finish();
  const [entry] = (await entries()) ?? [];
  assert.deepEqual([entry?.outcome, entry?.reason, entry?.settledAt], ['failed', 'expired_code', ports.clock.now()]);
  assert.equal((await session()).status, 'failed');
  assert.equal(await entries(connectionId), undefined);
});

test('a code whose answer never came may have made a grant: an orphan from then on', async () => {
  for (const turn of [lostAfter, () => timedOut]) {
    const { ports, finish, session, entries } = await setUp();
    ports.server.next('exchangeCode', turn);
    await finish();
    assert.equal((await session()).error?.code, 'lost_response');
    const [entry] = (await entries()) ?? [];
    assert.ok(entry);
    assert.equal(entry.lostAt, ports.clock.now());
    assert.deepEqual([outcomeOf(entry, entry.lostAt), isUnderWay(entry, entry.lostAt)], ['orphaned', true]);
    const again = await callbackWorld({ id: 't'.repeat(43), ledgerId: attemptsId }, {}, ports);
    await again.finish();
    const outcomes = (await entries(connectionId))?.map((one) => outcomeOf(one, ports.clock.now()));
    assert.deepEqual([outcomes, await entries()], [['orphaned', 'stored'], []]);
  }
});

test('while the end of an attempt cannot be noted the session ends all the same, and the attempt is an orphan later', async () => {
  for (const [turn, code] of [
    [lostAfter, 'lost_response'],
    [refused('invalid_grant', 'expired authorization code'), 'expired_code'],
  ] as const) {
    const { ports, finish, session, entries } = await setUp();
    ports.server.next('exchangeCode', turn);
    ports.store.disturb('ledgers.replace', 'unavailable');
    await finish();
    assert.deepEqual([(await session()).status, (await session()).error?.code], ['failed', code]);
    const [entry] = (await entries()) ?? [];
    assert.ok(entry);
    assert.equal(outcomeOf(entry, entry.begunAt + exchangeLostMs), 'exchanging');
    assert.equal(outcomeOf(entry, entry.begunAt + exchangeLostMs + 1), 'orphaned');
  }
});

test('a callback that never came to its exchange enters nothing', async () => {
  const { finish, entries, sent } = await setUp({ status: 'failed' });
  await finish();
  const other = await setUp();
  await other.finish('another-cookie');
  assert.deepEqual([sent(), await entries(), other.sent(), await other.entries()], [0, undefined, 0, undefined]);
});

test('right after the write of a user who was not known, what fills his budget is revoked without its grace', async () => {
  for (const [owed, asked] of [
    [2, 0],
    [3, 1],
  ] as const) {
    const { ports, finish, connection } = await setUp();
    await storedConnection(ports);
    for (let n = 1; n <= owed; n += 1) await oweRevocation(ports, `older-${n}`);
    ports.clock.advance(1_000);
    await finish();
    assert.equal(ports.maintained.length, asked, `${owed} superseded before this one`);
    const due = Object.values((await connection())?.duties ?? {}).filter(({ dueAt }) => dueAt <= ports.clock.now());
    assert.equal(due.length, asked === 0 ? 0 : owed + 1);
  }
});

test('after a slow exchange the callback answers in its time, and the grace stays', async () => {
  for (const [slowMs, asked] of [
    [35_000, 1],
    [35_001, 0],
  ] as const) {
    const { ports, finish, session } = await setUp();
    await storedConnection(ports);
    for (let n = 1; n <= 3; n += 1) await oweRevocation(ports, `older-${n}`);
    ports.server.next('exchangeCode', (process) => {
      ports.clock.advance(slowMs);
      return process();
    });
    await finish();
    assert.deepEqual([(await session()).status, ports.maintained.length], ['connected', asked]);
  }
});

const claimOf = (outcome: Awaited<ReturnType<Awaited<ReturnType<typeof setUp>>['finish']>>) =>
  outcome.kind === 'outcome' ? outcome.claim : outcome.kind;

test('the bound browser takes the claim back, as often as it comes, while the session waits for it', async () => {
  const { ports, finish, session, claim } = await setUp({ claim: true });
  assert.equal(claimOf(await finish()), claim);
  assert.equal(claimOf(await finish()), claim);
  ports.clock.advance((await session()).expiresAt - ports.clock.now() - 1);
  assert.equal(claimOf(await finish()), claim);
  ports.clock.advance(1);
  assert.equal(claimOf(await finish()), undefined, 'at its end nothing is to be claimed');
});

test('once claimed, and where no claim is wanted, there is none to take back', async () => {
  const claimed = await setUp({ claim: true });
  await claimed.finish();
  await claimSession(claimed.ports, await claimed.session(), claimed.claim);
  assert.equal(claimOf(await claimed.finish()), undefined);
  const unlinked = await setUp({ claim: true });
  await unlinked.finish();
  unlinked.ports.store.disturb('connections.read', 'unavailable');
  await assert.rejects(claimSession(unlinked.ports, await unlinked.session(), unlinked.claim), StoreUnavailableError);
  assert.deepEqual([(await unlinked.session()).status, claimOf(await unlinked.finish())], ['authorized', undefined]);
  const free = await setUp();
  assert.deepEqual([claimOf(await free.finish()), (await free.session()).status], [undefined, 'connected']);
});

test('no other browser gets the claim, and no session that failed has one', async () => {
  const { finish } = await setUp({ claim: true });
  await finish();
  assert.equal(claimOf(await finish('another-cookie')), 'foreign_browser');
  const failed = await setUp({ claim: true });
  failed.ports.server.next('exchangeCode', refused('invalid_grant', 'expired authorization code'));
  assert.equal(claimOf(await failed.finish()), undefined);
});

test('a session whose tokens lie in the lifeboat has no claim yet; it has one when they are stored', async () => {
  const { ports, finish, session, claim, maintain } = await setUp({ claim: true });
  let isDown = true;
  ports.store.disturbWhile('connections.create', 'unavailable', () => isDown);
  assert.equal(claimOf(await finish()), undefined);
  assert.equal(ports.lifeboat.all().length, 1);
  isDown = false;
  await maintain();
  await ports.clock.pass(60_001);
  await maintain();
  assert.equal((await session()).status, 'authorized');
  assert.equal(claimOf(await finish()), claim);
});
