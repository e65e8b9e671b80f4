/** When `POST /connect-sessions` spends one of the user's grants, makes room for one, or refuses to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { LedgerEntry } from '../../../functions/core/ledger.ts';
import type { Problem } from '../../../functions/core/problem.ts';
import { createDoDutiesOf } from '../../../functions/flows/maintain.ts';
import { type ConnectOrder, startConnect } from '../../../functions/flows/start-connect.ts';
import { aLedger, aLedgerEntry, anIntegration } from '../../contract/items.ts';
import { memoryPorts, orgA, storedConnection, userA, usernameA } from '../../support/memory-ports.ts';
import { connectionId, key, oweRevocation } from './callback-world.ts';

interface Filling {
  readonly owed?: number;
  readonly orphans?: number;
  readonly connection?: Partial<Connection>;
  /** @default true */
  readonly linked?: boolean;
}

async function setUp({ owed = 0, orphans = 0, connection = {}, linked = true }: Filling) {
  const ports = memoryPorts();
  ports.others.maintain = createDoDutiesOf(ports);
  await storedConnection(ports, { connection: { username: usernameA, ...connection } });
  await ports.store.inner.rememberUsername('crm', usernameA, connectionId);
  if (linked) {
    await ports.store.inner.integrations.create(anIntegration('acme', 'sync', { connectionId, status: 'configured' }));
    await ports.store.inner.addUse(connectionId, key);
  }
  for (let n = 1; n <= owed; n += 1) await oweRevocation(ports, `older-${n}`);
  const begunAt = ports.clock.now() - 3_600_000;
  const entries: LedgerEntry[] = Array.from({ length: orphans }, (_, n) => aLedgerEntry(n, { begunAt }));
  await ports.store.inner.ledgers.create(aLedger(connectionId, { entries }));
  const start = async (change: Partial<ConnectOrder> = {}, limit = 5): Promise<Problem | number> => {
    const appConfig = { ...ports.config.apps.crm!, grantLimit: limit };
    const { loginUrl } = appConfig;
    const order = { app: 'crm', appConfig, ...key, loginUrl, reauthorize: false, force: false, ...change };
    const answer = await startConnect(ports, order, () => undefined);
    if (answer.kind === 'problem') return answer.problem;
    assert.ok(answer.kind === 'json');
    return answer.status;
  };
  const codeOf = async (change: Partial<ConnectOrder> = {}, limit?: number) => {
    const answer = await start(change, limit);
    return typeof answer === 'number' ? answer : answer.code;
  };
  const living = () => ports.server.grants.filter(({ alive }) => alive).length;
  return { ports, start, codeOf, living };
}

const again = { reauthorize: true };

test('what is connected needs no grant, however full the budget', async () => {
  const { ports, codeOf, living } = await setUp({ owed: 4, orphans: 4 });
  assert.equal(await codeOf(), 200);
  assert.equal(await codeOf({ integration: 'second', connectionId }), 200);
  assert.deepEqual([ports.maintained, living()], [[], 5]);
});

test('superseded grants make room: they are revoked before the user is sent to Salesforce', async () => {
  const { ports, codeOf, living } = await setUp({ owed: 4 });
  assert.equal(await codeOf(again), 201);
  assert.deepEqual([ports.maintained, living()], [[connectionId], 1]);
});

test('superseded grants never refuse anybody, though they could not be revoked just now', async () => {
  const { ports, codeOf } = await setUp({ owed: 9 });
  ports.others.maintain = () => Promise.reject(new Error('throttled'));
  assert.equal(await codeOf(again), 201);
});

test('where there is room nobody is asked, and the grace stays', async () => {
  const { ports, codeOf, living } = await setUp({ owed: 2, orphans: 1 });
  assert.equal(await codeOf(again), 201);
  assert.deepEqual([ports.maintained, living()], [[], 3]);
});

test('only orphans fill it for good: then the service is told, with what is believed and who must act', async () => {
  const { ports, start } = await setUp({ owed: 2, orphans: 4 });
  const problem = await start(again);
  assert.ok(typeof problem !== 'number');
  assert.equal(problem.code, 'grant_limit_near');
  assert.deepEqual(problem.members?.budget, { limit: 5, stored: 1, owed: 0, orphans: 4 });
  assert.match(problem.detail, new RegExp(`User ${userA} of org ${orgA} .* 5 live grants of app crm.* keeps 5`));
  assert.match(String(problem.members?.remedy), /force: true/);
  assert.deepEqual(ports.maintained, [connectionId], 'what we hold was revoked first');
  assert.equal([...ports.store.calls.keys()].includes('sessions.create'), false);
});

test('the limit is the app’s: one orphan fewer has room, and of four it has not', async () => {
  assert.equal(await (await setUp({ orphans: 3 })).codeOf(again), 201);
  assert.equal(await (await setUp({ orphans: 3 })).codeOf(again, 4), 'grant_limit_near');
  assert.equal(await (await setUp({ orphans: 2 })).codeOf(again, 4), 201);
});

test('who insists gets his link', async () => {
  const { codeOf } = await setUp({ orphans: 4 });
  assert.equal(await codeOf({ ...again, force: true }), 201);
});

test('a connection that does not work may always be cured', async () => {
  for (const status of ['reauthorization_required', 'admin_action_required', 'disconnected'] as const) {
    const { codeOf } = await setUp({ orphans: 9, connection: { status } });
    assert.equal(await codeOf(), 201, status);
    assert.equal(await codeOf({ connectionId }), 201, status);
  }
});

test('connection_id is refused like the integration of its own', async () => {
  const { codeOf } = await setUp({ orphans: 4 });
  assert.equal(await codeOf({ integration: 'second', connectionId, ...again }), 'grant_limit_near');
});

test('a login hint that is a stored username tells who will come, in capitals too', async () => {
  for (const loginHint of [usernameA, usernameA.toUpperCase()]) {
    const { codeOf, ports, living } = await setUp({ orphans: 4, linked: false });
    assert.equal(await codeOf({ loginHint }), 'grant_limit_near', loginHint);
    assert.equal(await codeOf({ loginHint, force: true }), 201);
    assert.equal(living(), 1);
    const room = await setUp({ owed: 4, linked: false });
    assert.equal(await room.codeOf({ loginHint }), 201);
    assert.deepEqual([room.ports.maintained, room.living()], [[connectionId], 1]);
    const [session] = Object.values(room.ports.store.inner.dump()).filter(isSession);
    assert.deepEqual([session?.ledgerId, session?.expectedUserId], [connectionId, undefined], 'a belief, not expected');
    assert.deepEqual(ports.published, []);
  }
});

test('a hint is believed of a connection that does not know its username yet', async () => {
  const { codeOf } = await setUp({ orphans: 4, linked: false, connection: { username: undefined } });
  assert.equal(await codeOf({ loginHint: usernameA }), 'grant_limit_near');
});

function isSession(item: unknown): item is { ledgerId?: string; expectedUserId?: string } {
  return typeof item === 'object' && item !== null && 'loginHint' in item;
}

test('a login hint that is nobody’s here, or no longer his, tells nothing', async () => {
  const { codeOf, ports } = await setUp({ orphans: 4, linked: false });
  assert.equal(await codeOf({ loginHint: 'bob@acme.example' }), 201);
  assert.equal(await codeOf(), 201);
  await ports.store.inner.rememberUsername('other', 'bob@acme.example', connectionId);
  assert.equal(await codeOf({ loginHint: 'bob@acme.example' }), 201, 'of another app');
  await ports.store.inner.rememberUsername('crm', 'bob@acme.example', connectionId);
  assert.equal(await codeOf({ loginHint: 'bob@acme.example' }), 201, 'the connection says that it is another’s');
  await ports.store.inner.rememberUsername('crm', 'gone@acme.example', 'crm.x.y');
  assert.equal(await codeOf({ loginHint: 'gone@acme.example' }), 201);
});

test('where another org is expected, the budget of this one’s user is in nobody’s way', async () => {
  const expectedOrgId = '00D000000000002AAA';
  const linked = await setUp({ orphans: 4 });
  assert.equal(await linked.codeOf({ expectedOrgId }), 201);
  assert.equal(await linked.codeOf({ expectedOrgId: orgA, ...again }), 'grant_limit_near');
  const hinted = await setUp({ orphans: 4, linked: false });
  assert.equal(await hinted.codeOf({ expectedOrgId, loginHint: usernameA }), 201);
  assert.deepEqual([linked.ports.maintained, hinted.ports.maintained], [[], []]);
});

test('a login hint says that another user than the linked one will come: his budget counts', async () => {
  const successor = 'grace@acme.example';
  const stranger = await setUp({ orphans: 4 });
  assert.equal(await stranger.codeOf(again), 'grant_limit_near');
  assert.equal(await stranger.codeOf({ ...again, loginHint: successor }), 201);
  assert.equal(await stranger.codeOf({ ...again, loginHint: successor, connectionId }), 'grant_limit_near');
  const stored = await setUp({});
  const { store } = stored.ports;
  const linked = (await store.inner.connections.read(connectionId))!;
  const hisId = `crm.${orgA}.005000000000009AAA`;
  await store.inner.connections.create({ ...linked, revision: 1, id: hisId, username: successor });
  await store.inner.rememberUsername('crm', successor, hisId);
  const begunAt = stored.ports.clock.now() - 3_600_000;
  const entries = [1, 2, 3, 4].map((n) => aLedgerEntry(n, { begunAt }));
  await store.inner.ledgers.create(aLedger(hisId, { entries }));
  assert.equal(await stored.codeOf(again), 201);
  assert.equal(await stored.codeOf({ ...again, loginHint: successor }), 'grant_limit_near');
});
