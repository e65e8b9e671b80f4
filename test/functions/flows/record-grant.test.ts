import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredAuthorization } from '../../../functions/core/duty.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import type { LedgerEntry } from '../../../functions/core/ledger.ts';
import type { Session } from '../../../functions/core/session.ts';
import { exchangeLostMs } from '../../../functions/core/time-limits.ts';
import {
  recordAttempt,
  recordAuthorization,
  recordEnd,
  recordRevocation,
} from '../../../functions/flows/record-grant.ts';
import { aLedger, aSession } from '../../contract/items.ts';
import { memoryPorts, orgA } from '../../support/memory-ports.ts';
import type { Disturbance } from '../../support/scripted-store.ts';
import { attemptsId, connectionId, key } from './callback-world.ts';

const holder = { id: connectionId, app: 'crm' };

function setUp() {
  const ports = memoryPorts();
  const start = ports.clock.now();
  const entries = async (id = connectionId) => (await ports.store.inner.ledgers.read(id))?.entries;
  const sessionOf = (grantId: string, change: Partial<Session> = {}) =>
    aSession(1, { attempt: { id: grantId, begunAt: ports.clock.now() }, ledgerId: attemptsId, ...change });
  const attempt = async (grantId: string, change: Partial<Session> = {}) => {
    const session = sessionOf(grantId, change);
    await recordAttempt(ports, session, grantId, { clock: ports.clock, until: start });
    return session;
  };
  const authorized = (grantId: string, change: Partial<StoredAuthorization> = {}) => {
    const begunAt = ports.clock.now();
    const grant = { id: grantId, begunAt, authorizedAt: begunAt, outcome: 'stored', ledgerId: attemptsId, ...change };
    return { grant: grant as StoredAuthorization, sessionId: aSession(1).id, ...key };
  };
  const stored = (grantId: string, change: Partial<StoredAuthorization> = {}) =>
    recordAuthorization(ports, holder, authorized(grantId, change));
  return { ports, start, entries, sessionOf, attempt, authorized, stored };
}

const ids = (entries: readonly LedgerEntry[] | undefined) => entries?.map(({ id }) => id);

test('an attempt stands in the ledger that its session names, or in that of its integration', async () => {
  const { entries, attempt, start } = setUp();
  const { id: sessionId } = await attempt('a');
  await attempt('b', { ledgerId: connectionId });
  await attempt('c', { ledgerId: undefined });
  assert.deepEqual(await entries(), [{ id: 'b', sessionId, begunAt: start }]);
  assert.deepEqual(await entries(attemptsId), [
    { id: 'a', sessionId, begunAt: start },
    { id: 'c', sessionId, begunAt: start },
  ]);
});

test('an attempt that failed, or was refused and revoked, is settled where it stands', async () => {
  const { ports, entries, attempt, start } = setUp();
  const session = await attempt('a');
  ports.clock.advance(1_000);
  await recordEnd(ports, session, 'a', { outcome: 'refused', reason: 'wrong_org' });
  const refused = { id: 'a', sessionId: session.id, begunAt: start, outcome: 'refused', reason: 'wrong_org' };
  assert.deepEqual(await entries(attemptsId), [{ ...refused, settledAt: start + 1_000 }]);
  ports.clock.advance(1_000);
  await recordEnd(ports, session, 'a', { outcome: 'refused', reason: 'wrong_org', revokedAt: start + 2_000 });
  const revoked = { ...refused, settledAt: start + 1_000, revokedAt: start + 2_000 };
  assert.deepEqual(await entries(attemptsId), [revoked]);
  const other = await attempt('b');
  await recordEnd(ports, other, 'b', { outcome: 'failed', reason: 'expired_code' });
  const [, failed] = (await entries(attemptsId)) ?? [];
  assert.deepEqual([failed?.outcome, failed?.reason, failed?.revokedAt], ['failed', 'expired_code', undefined]);
  assert.equal(await entries(), undefined, 'no connection has anything to do with it');
});

test('a stored authorization moves from its attempt to its connection, with its fingerprint', async () => {
  const { ports, entries, attempt, stored, start } = setUp();
  const { id: sessionId } = await attempt('a');
  await attempt('b');
  ports.clock.advance(1_000);
  await stored('a', { begunAt: start, authorizedAt: start + 500, fingerprint: '0123456789abcdef' });
  assert.deepEqual(await entries(), [
    {
      id: 'a',
      sessionId,
      begunAt: start,
      authorizedAt: start + 500,
      outcome: 'stored',
      fingerprint: '0123456789abcdef',
      settledAt: start + 1_000,
    },
  ]);
  assert.deepEqual(ids(await entries(attemptsId)), ['b'], 'what is under way stays');
});

test('what was believed to be another user’s leaves his ledger', async () => {
  const { ports, entries, attempt, stored } = setUp();
  await attempt('a', { ledgerId: 'crm.other.user' });
  await attempt('b', { ledgerId: 'crm.other.user' });
  await stored('a', { ledgerId: 'crm.other.user' });
  assert.deepEqual([ids(await entries()), ids(await entries('crm.other.user'))], [['a'], ['b']]);
  assert.equal(await ports.store.inner.ledgers.read(attemptsId), undefined);
});

test('whoever comes back for an integration is taken for whoever tried before: its orphans are his', async () => {
  const { ports, entries, attempt, stored } = setUp();
  const session = await attempt('orphan');
  await attempt('refused');
  await attempt('revoked');
  await recordEnd(ports, session, 'refused', { outcome: 'refused', reason: 'wrong_org' });
  await recordEnd(ports, session, 'revoked', { outcome: 'refused', reason: 'wrong_org', revokedAt: 1 });
  ports.clock.advance(exchangeLostMs + 1);
  await attempt('under-way');
  await attempt('new');
  await stored('new');
  assert.deepEqual(ids(await entries())?.toSorted(), ['new', 'orphan', 'revoked']);
  assert.deepEqual(ids(await entries(attemptsId))?.toSorted(), ['refused', 'under-way']);
});

test('what moved is settled where it stands by then: noted again, and as an orphan of which one hears late', async () => {
  const { ports, entries, attempt, stored, start } = setUp();
  const session = await attempt('again');
  await attempt('late');
  const refused = { outcome: 'refused', reason: 'wrong_org', revokedAt: start } as const;
  await recordEnd(ports, session, 'again', refused);
  ports.clock.advance(exchangeLostMs + 1);
  await stored('new');
  assert.deepEqual(ids(await entries(attemptsId)), []);
  for (const id of ['again', 'late']) await recordEnd(ports, session, id, refused);
  const told = (await entries())?.map(({ id, outcome, revokedAt }) => [id, outcome, revokedAt]);
  assert.deepEqual(told?.toSorted(), [
    ['again', 'refused', start],
    ['late', 'refused', start],
    ['new', 'stored', undefined],
  ]);
  assert.deepEqual(ids(await entries(attemptsId)), [], 'it is entered in one ledger');
  await attempt('here');
  await recordEnd(ports, session, 'here', { outcome: 'failed', reason: 'expired_code' });
  assert.deepEqual(ids(await entries(attemptsId)), ['here'], 'what did not move is settled here');
});

test('of another integration, or of another app, nobody is taken for the same', async () => {
  const { ports, entries, attempt, stored } = setUp();
  for (const ledgerId of ['crm/acme/other', 'crm/globex/sync', 'other/acme/sync']) await attempt('x', { ledgerId });
  ports.clock.advance(exchangeLostMs + 1);
  await stored('new');
  assert.deepEqual(ids(await entries()), ['new']);
});

test('the newest stored authorization supersedes the others, and an older one is refused', async () => {
  const { ports, entries, stored, start } = setUp();
  await stored('a');
  ports.clock.advance(1_000);
  await stored('b');
  await stored('late', { outcome: 'refused', authorizedAt: start + 500 });
  const told = (await entries())?.map(({ id, outcome, reason, supersededAt }) => [id, outcome, reason, supersededAt]);
  assert.deepEqual(told, [
    ['a', 'stored', undefined, start + 1_000],
    ['b', 'stored', undefined, undefined],
    ['late', 'refused', 'older_authorization', undefined],
  ]);
});

test('a share enters nothing', async () => {
  const { ports } = setUp();
  await recordAuthorization(ports, holder, { grant: undefined, sessionId: 's', ...key });
  assert.equal(ports.store.calls.size, 0);
});

test('a revocation is noted once, of a grant that is there', async () => {
  const { ports, entries, stored, start } = setUp();
  await stored('a');
  await recordRevocation(ports, connectionId, 'unknown', 'revokedAt');
  await recordRevocation(ports, 'crm.nobody.there', 'a', 'revokedAt');
  assert.equal((await entries())?.[0]?.revokedAt, undefined);
  await recordRevocation(ports, connectionId, 'a', 'revokedAt');
  ports.clock.advance(1_000);
  await recordRevocation(ports, connectionId, 'a', 'revokedAt');
  await recordRevocation(ports, connectionId, 'a', 'givenUpAt');
  const [entry] = (await entries()) ?? [];
  assert.deepEqual([entry?.revokedAt, entry?.givenUpAt], [start, start + 1_000]);
  assert.equal(await entries('crm.nobody.there'), undefined);
});

type World = ReturnType<typeof setUp>;
const steps: [string, (world: World) => Promise<unknown>][] = [
  ['an attempt', ({ attempt }) => attempt('c')],
  ['a failure', ({ ports, sessionOf }) => recordEnd(ports, sessionOf('a'), 'a', { outcome: 'failed' })],
  ['an authorization', ({ stored }) => stored('b')],
  ['a revocation', ({ ports }) => recordRevocation(ports, connectionId, 'old', 'revokedAt')],
];
const disturbances: [string, ...Disturbance[]][] = [
  ['ledgers.create', 'retried'],
  ['ledgers.create', 'answer_lost'],
  ['ledgers.create', 'unavailable'],
  ['ledgers.replace', 'retried'],
  ['ledgers.replace', 'answer_lost'],
  ['ledgers.replace', 'unavailable'],
  ['ledgers.replace', () => undefined, 'answer_lost'],
  ['ledgers.replace', () => undefined, 'unavailable'],
];
for (const [what, step] of steps) {
  test(`${what} is recorded once, however often, and whichever answers are lost`, async () => {
    for (const isFirst of [true, false]) {
      const undisturbed = await ledgersAfter(step, isFirst);
      for (const disturbance of disturbances) {
        assert.deepEqual(await ledgersAfter(step, isFirst, disturbance), undisturbed, disturbance.join(' '));
      }
    }
  });
}

async function ledgersAfter(
  step: (world: World) => Promise<unknown>,
  isFirst: boolean,
  [name = '', ...lost]: readonly [string?, ...Disturbance[]] = [],
): Promise<unknown> {
  const world = setUp();
  const { ports, attempt, stored, entries } = world;
  await attempt('a');
  await attempt('b');
  if (!isFirst) await stored('old');
  ports.store.disturb(name, ...lost);
  for (let times = 0; times < 3; times += 1) {
    await step(world).catch((error) => assert.ok(error instanceof StoreUnavailableError));
  }
  return [await entries(), await entries(attemptsId)];
}

test('who dies between the two ledgers leaves the attempt in both, and the next one takes it out', async () => {
  const { ports, entries, attempt, stored } = setUp();
  await attempt('orphan');
  ports.clock.advance(exchangeLostMs + 1);
  await attempt('a');
  ports.store.disturb('ledgers.replace', 'unavailable');
  await assert.rejects(stored('a'), StoreUnavailableError);
  assert.deepEqual(
    [ids(await entries()), ids(await entries(attemptsId))],
    [
      ['orphan', 'a'],
      ['orphan', 'a'],
    ],
  );
  await stored('a');
  assert.deepEqual([ids(await entries()), await entries(attemptsId)], [['orphan', 'a'], []]);
});

test('of two that settle one attempt at once, neither takes the other’s write for its own', async () => {
  const { ports, entries, attempt, sessionOf } = setUp();
  await attempt('a');
  const refused = { outcome: 'refused', reason: 'wrong_org' } as const;
  ports.store.disturb('ledgers.replace', () => recordEnd(ports, sessionOf('a'), 'a', refused));
  await recordEnd(ports, sessionOf('a'), 'a', { ...refused, revokedAt: 7 });
  assert.equal((await entries(attemptsId))?.[0]?.revokedAt, 7);
});

test('of two that store one authorization at once, the later takes along what the earlier did not see', async () => {
  const { ports, entries, attempt, stored } = setUp();
  await ports.store.inner.ledgers.create(aLedger(connectionId, { entries: [] }));
  await attempt('orphan');
  ports.clock.advance(exchangeLostMs);
  await attempt('a');
  const began = ports.clock.now();
  // One saw the other attempt under way, the other an orphan.
  ports.store.disturb(
    'ledgers.read',
    () => ports.clock.advance(1),
    () => undefined,
  );
  ports.store.disturb('ledgers.replace', async () => {
    const before = await ports.store.inner.ledgers.read(connectionId);
    const entry = { id: 'a', sessionId: aSession(1).id, begunAt: began, outcome: 'stored' as const, settledAt: began };
    const after = { ...before!, entries: [entry], revision: before!.revision + 1, writeId: 'first' };
    await ports.store.inner.ledgers.replace(before!, after);
  });
  await stored('a', { begunAt: began });
  assert.deepEqual([ids(await entries()), await entries(attemptsId)], [['orphan', 'a'], []]);
});

test('an attempt that was believed to be of another user leaves his ledger as it is', async () => {
  const { ports, entries, attempt, stored } = setUp();
  const his = `crm.${orgA}.005000000000009AAA`;
  await attempt('orphan');
  ports.clock.advance(exchangeLostMs + 1);
  const settled = { outcome: 'stored', settledAt: ports.clock.now() } as const;
  const entry = { id: 'orphan', sessionId: aSession(1).id, begunAt: ports.clock.now() - 1_000, ...settled };
  // Stored late, out of the lifeboat: it stands in both, and here it is settled.
  await ports.store.inner.ledgers.create(aLedger(his, { entries: [entry] }));
  await attempt('a', { ledgerId: his });
  await stored('a', { ledgerId: his });
  assert.deepEqual([ids(await entries()), await entries(attemptsId)], [['orphan', 'a'], []]);
  assert.deepEqual(ids(await entries(his)), ['orphan']);
});
