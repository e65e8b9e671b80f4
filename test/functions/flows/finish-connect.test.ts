import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { bindingOf, cookieName, stateOf } from '../../../functions/core/browser-binding.ts';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import type { Session } from '../../../functions/core/session.ts';
import { createFinishConnect } from '../../../functions/flows/finish-connect.ts';
import { createMaintain } from '../../../functions/flows/maintain.ts';
import { aSession } from '../../contract/items.ts';
import {
  clientSecret,
  memoryPorts,
  orgA,
  remaining,
  stored,
  storedConnection,
  unsealed,
  userA,
} from '../../support/memory-ports.ts';
import { json, refused, type Turn, timedOut } from '../../support/token-server.ts';

const id = 's'.repeat(43);
const cookies = { [cookieName(id)]: 'cookie' };
const state = stateOf(id, 'cookie');

async function setUp(change: Partial<Session> = {}, overrides: Partial<Ports> = {}) {
  const ports = memoryPorts(overrides);
  await ports.store.inner.sessions.create(aSession(1, { id, binding: bindingOf(id, 'cookie', 'salt'), ...change }));
  const finishConnect = createFinishConnect(ports);
  const code = ports.server.code(orgA, userA);
  const finish = (parameters = {}, shown: Record<string, string> = cookies, timeMs?: number) =>
    ports.clock.run(
      finishConnect({ state, code: new Secret(code), ...parameters }, shown, remaining(ports.clock, timeMs)),
    );
  const session = async () => (await ports.store.inner.sessions.read(id))!;
  return { ports, finish, finishConnect, session, code };
}

test('a callback stores the pair first and alone, then links and asks for its configuration', async () => {
  const { ports, finish, session } = await setUp();
  const writes: string[] = [];
  ports.store.disturb('connections.create', () => void writes.push('tokens'));
  ports.store.disturb('addUse', () => void writes.push('link'));
  const { send } = ports.configurationQueue;
  ports.configurationQueue.send = async (request) => {
    writes.push('configuration');
    await send(request);
  };
  const outcome = await finish();
  assert.deepEqual(writes, ['tokens', 'link', 'configuration']);
  assert.ok(outcome.kind === 'outcome');
  assert.equal(outcome.session.status, 'connected');
  assert.equal(unsealed((await stored(ports)).grant.refreshToken), 'refresh-1-0');
  assert.deepEqual((await stored(ports)).duties, {});
  assert.equal((await session()).connectionId, (await stored(ports)).id);
  assert.deepEqual(ports.configurationRequests, [
    { version: 1, tenant: 'acme', integration: 'sync', configurationVersion: 1 },
  ]);
});

test('a code is exchanged once, however often and however closely the callback comes', async () => {
  const { ports, finish, finishConnect, code } = await setUp();
  const parameters = { state, code: new Secret(code) };
  const both = Promise.all([1, 2, 3].map(() => finishConnect(parameters, cookies, remaining(ports.clock))));
  const outcomes = await ports.clock.run(both);
  assert.ok(outcomes.every(({ kind }) => kind === 'outcome'));
  const again = await finish();
  assert.equal(again.kind === 'outcome' && again.session.status, 'connected');
  assert.equal(ports.server.count('exchangeCode'), 1);
});

test('a session that was consumed although the answer was lost is this attempt’s own', async () => {
  const { ports, finish } = await setUp();
  ports.store.disturb('sessions.replace', 'retried');
  const outcome = await finish();
  assert.equal(outcome.kind === 'outcome' && outcome.session.status, 'connected');
  assert.equal(ports.server.count('exchangeCode'), 1);
});

test('a foreign browser, an unknown or outdated state and a missing code spend nothing', async () => {
  const { ports, finish, session } = await setUp();
  assert.equal((await finish({}, {})).kind, 'foreign_browser');
  assert.equal((await finish({}, { [cookieName(id)]: 'other' })).kind, 'foreign_browser');
  assert.equal((await finish({ state: 'x' })).kind, 'unknown_state');
  assert.equal((await finish({ state: stateOf('t'.repeat(43), 'cookie') })).kind, 'unknown_state');
  assert.equal((await finish({ state: `${id}.${'x'.repeat(43)}` })).kind, 'outdated_state');
  assert.equal((await finish({ code: undefined })).kind, 'missing_code');
  assert.equal((await session()).status, 'pending');
  assert.deepEqual(ports.server.requests, []);
});

test('an error of the authorization ends the session with its remedy', async () => {
  const { finish, session } = await setUp();
  await finish({ error: 'access_denied', code: undefined });
  assert.deepEqual([(await session()).status, (await session()).error?.code], ['failed', 'access_denied']);
});

test('what is acquired before the exchange fails before the exchange', async () => {
  const unset = {
    of: async () => {
      throw new AppMisconfiguredError('crm', 'unset');
    },
  };
  const { ports, finish, session } = await setUp({}, { secrets: unset });
  await finish();
  assert.equal((await session()).error?.code, 'app_misconfigured');
  assert.deepEqual(ports.server.requests, []);
  const late = await setUp();
  await late.finish({}, cookies, 44_999);
  assert.equal((await late.session()).error?.code, 'too_late');
  assert.deepEqual(late.ports.server.requests, []);
});

test('a token write whose answer is lost, or that is refused for a while, is written once', async () => {
  for (const disturbances of [['retried'], ['answer_lost'], ['unavailable', 'unavailable', 'answer_lost']] as const) {
    const { ports, finish } = await setUp();
    ports.store.disturb('connections.create', ...disturbances);
    const outcome = await finish();
    assert.equal(outcome.kind === 'outcome' && outcome.session.status, 'connected');
    assert.equal(ports.server.count('exchangeCode'), 1);
    assert.equal(unsealed((await stored(ports)).grant.refreshToken), 'refresh-1-0');
  }
});

const refusals: [string, Partial<Session>, Record<string, unknown>, string][] = [
  ['another org', { expectedOrgId: '00D000000000002AAA' }, {}, 'wrong_org'],
  ['another user', { expectedUserId: '005000000000002AAA' }, {}, 'wrong_user'],
  ['a foreign instance', {}, { instance_url: 'https://evil.org' }, 'foreign_instance'],
  ['a foreign identity', {}, { id: 'https://evil.org/id/x/y' }, 'foreign_identity'],
  ['a wrong signature', {}, { signature: 'forged' }, 'wrong_signature'],
];
for (const [what, change, extra, code] of refusals) {
  test(`${what} is refused, nothing is stored, and the grant is revoked at once`, async () => {
    const { ports, finish, session } = await setUp(change);
    ports.server.extra = extra;
    await finish();
    assert.deepEqual(
      [(await session()).status, (await session()).error?.code, (await session()).duties],
      ['failed', code, {}],
    );
    assert.equal(ports.server.grants[0]?.alive, false);
    await assert.rejects(stored(ports));
  });
}

test('a refused grant whose revocation fails is revoked by maintain', async () => {
  const { ports, finish, session } = await setUp({ expectedOrgId: '00D000000000002AAA' });
  ports.server.next('revoke', () => timedOut);
  await finish();
  assert.equal(Object.keys((await session()).duties).length, 1);
  await ports.clock.pass(3_700_000);
  await ports.clock.run(createMaintain(ports)(() => 60_000));
  assert.deepEqual((await session()).duties, {});
  assert.equal(ports.server.grants[0]?.alive, false);
});

test('a signature is checked against a secret that was rotated since it was read', async () => {
  const reads: (boolean | undefined)[] = [];
  const secrets: Ports['secrets'] = {
    async of(_app, options) {
      reads.push(options?.fresh);
      return { current: new Secret(options?.fresh ? clientSecret : 'old-secret') };
    },
  };
  const { ports, finish, session } = await setUp({}, { secrets });
  const identity = `https://login.salesforce.com/id/${orgA}/${userA}`;
  const text = `${identity}${ports.clock.now()}`;
  ports.server.extra = { signature: createHmac('sha256', clientSecret).update(text).digest('base64') };
  await finish();
  assert.deepEqual(reads, [undefined, true]);
  assert.equal((await session()).status, 'connected');
});

const ends: [string, Turn, string][] = [
  ['a spent code', refused('invalid_grant', 'expired authorization code'), 'expired_code'],
  ['a wrong client secret', refused('invalid_client', 'invalid client credentials'), 'app_misconfigured'],
  ['a wrong verifier', refused('invalid_grant', 'invalid code verifier'), 'exchange_refused'],
  ['a silence', () => timedOut, 'lost_response'],
  ['an outage', () => json(503, {}), 'lost_response'],
];
for (const [what, turn, code] of ends) {
  test(`${what} ends the session as ${code}`, async () => {
    const { ports, finish, session } = await setUp();
    ports.server.next('exchangeCode', turn);
    await finish();
    assert.deepEqual([(await session()).status, (await session()).error?.code], ['failed', code]);
  });
}

test('an authorization that is older than the stored one is revoked, and its integration linked all the same', async () => {
  const { ports, finish, session } = await setUp();
  const at = ports.clock.now() + 1_000;
  await storedConnection(ports, { connection: { authorizedAt: at } });
  await finish();
  const { grant, duties } = await stored(ports);
  assert.deepEqual([grant.id, duties], ['grant-2', {}]);
  assert.deepEqual(
    ports.server.grants.map(({ alive }) => alive),
    [false, true],
  );
  assert.equal((await session()).status, 'connected');
});

test('a newer authorization supersedes the stored one, which lives on for its grace of fifteen minutes', async () => {
  const { ports, finish } = await setUp();
  await storedConnection(ports);
  ports.clock.advance(1_000);
  await finish();
  assert.deepEqual(
    ports.server.grants.map(({ alive }) => alive),
    [true, true],
  );
  await ports.clock.pass(899_000);
  await ports.clock.run(createMaintain(ports)(() => 60_000));
  assert.deepEqual(
    ports.server.grants.map(({ alive }) => alive),
    [true, true],
  );
  await ports.clock.pass(2_000);
  await ports.clock.run(createMaintain(ports)(() => 60_000));
  assert.deepEqual(
    ports.server.grants.map(({ alive }) => alive),
    [true, false],
  );
  assert.equal(unsealed((await stored(ports)).grant.refreshToken), 'refresh-1-0');
});

test('an exchange that a disconnect overtook revives nothing, and its grant is revoked', async () => {
  const { ports, finish, session } = await setUp();
  await storedConnection(ports, {
    connection: { status: 'disconnected', disconnectedAt: ports.clock.now() + 5_000 },
  });
  await finish();
  assert.equal((await session()).error?.code, 'disconnected');
  assert.equal(ports.server.grants[0]?.alive, false);
  assert.equal((await stored(ports)).status, 'disconnected');
});
