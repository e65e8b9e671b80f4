import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawAnswer } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import type { Session } from '../../../functions/core/session.ts';
import { memoryPorts, orgA, userA, usernameA } from '../../support/memory-ports.ts';
import { json, refused, timedOut } from '../../support/token-server.ts';
import { attemptsId, callbackWorld, configOf, connectionId } from './callback-world.ts';

const identity = { orgId: orgA, userId: userA };
const ada = {
  user_id: userA,
  organization_id: orgA,
  username: usernameA,
  display_name: 'Ada',
  email: 'a@acme.example',
};

async function setUp(change: Partial<Session> = {}) {
  const ports = memoryPorts({ config: configOf({ purpose: 'sign_in' }) });
  // As scopes without `refresh_token` ask for it.
  ports.server.extra = { refresh_token: undefined };
  ports.others.identity = () => json(200, ada);
  const world = await callbackWorld(change, {}, ports);
  const revoked = () => ports.server.requests.filter(({ kind }) => kind === 'revoke').map(({ token }) => token);
  const nothingIsKept = async () => {
    assert.equal(await world.connection(), undefined);
    assert.deepEqual([await world.ledger(), await world.ledger(attemptsId)], [undefined, undefined]);
    assert.deepEqual([ports.lifeboat.all(), (await world.session()).duties], [[], {}]);
    assert.deepEqual(ports.configurationRequests, []);
  };
  return { ...world, revoked, nothingIsKept };
}

test('a sign-in shows who it is, and keeps no token: the access token is revoked', async () => {
  const { ports, finish, session, revoked, nothingIsKept } = await setUp();
  const outcome = await finish();
  assert.ok(outcome.kind === 'outcome');
  assert.deepEqual([outcome.session.status, (await session()).status], ['signed_in', 'signed_in']);
  assert.deepEqual(outcome.session.identity, (await session()).identity);
  assert.deepEqual((await session()).identity, {
    ...identity,
    username: usernameA,
    displayName: 'Ada',
    email: 'a@acme.example',
  });
  assert.deepEqual(revoked(), ['access-1-1']);
  const [call, ...more] = ports.apiCalls;
  assert.deepEqual(
    [call?.user, call?.accessToken, call?.instanceUrl, more],
    [identity, 'access-1-1', 'https://example.my.salesforce.com', []],
  );
  await nothingIsKept();
});

test('the first write after the answer holds the identity and owes the revocation; names and revocation come after', async () => {
  for (const claim of [undefined, true]) {
    const { ports, finish, session, revoked } = await setUp({ claim });
    let seen: Session | undefined;
    ports.others.identity = async () => {
      seen = await session();
      assert.deepEqual(revoked(), []);
      return json(200, ada);
    };
    await finish();
    assert.deepEqual([seen?.status, seen?.identity], [claim ? 'authorized' : 'signed_in', identity]);
    const [duty, ...more] = Object.values(seen?.duties ?? {});
    assert.ok(duty?.kind === 'revoke' && more.length === 0);
    assert.deepEqual([duty.reason, duty.tokenPurpose], ['signed_in', 'access']);
    // Consumed, signed in, and nothing between.
    assert.equal(seen?.revision, 3);
  }
});

test('a sign-in that is to be claimed waits for it, and the bound browser takes the claim back', async () => {
  const { finish, session, claim, nothingIsKept } = await setUp({ claim: true });
  const outcome = await finish();
  assert.equal(outcome.kind === 'outcome' && outcome.claim, claim);
  assert.equal((await session()).status, 'authorized');
  await nothingIsKept();
});

const answers: [string, RawAnswer, Partial<Session['identity']>][] = [
  ['of another user', json(200, { ...ada, user_id: '005000000000002AAA' }), {}],
  ['of another org', json(200, { ...ada, organization_id: '00D000000000002AAA' }), {}],
  ['that names nobody', json(200, { username: usernameA }), {}],
  ['that is refused', json(403, ada), {}],
  ['that is no JSON', { kind: 'answer', status: 200, contentType: 'text/html', body: new Secret('<html>') }, {}],
  ['that does not come', timedOut, {}],
  ['with a name of 257 characters', json(200, { ...ada, username: 'x'.repeat(257), email: 7 }), { displayName: 'Ada' }],
];
for (const [what, answer, names] of answers) {
  test(`an answer of the identity URL ${what} names nobody wrongly, and the sign-in stands`, async () => {
    const { ports, finish, session, revoked } = await setUp();
    ports.others.identity = () => answer;
    await finish();
    assert.deepEqual([(await session()).status, (await session()).identity], ['signed_in', { ...identity, ...names }]);
    assert.deepEqual(revoked(), ['access-1-1']);
  });
}

test('names that cannot be kept are left out, and the token is revoked all the same', async () => {
  const { ports, finish, session, revoked } = await setUp();
  // Consumed, signed in, named.
  ports.store.disturb(
    'sessions.replace',
    () => undefined,
    () => undefined,
    'unavailable',
  );
  await finish();
  assert.deepEqual([(await session()).status, (await session()).identity], ['signed_in', identity]);
  assert.deepEqual([revoked(), (await session()).duties], [['access-1-1'], {}]);
});

test('a refresh token that should not be there is revoked, and its grant with it', async () => {
  const { ports, finish, session, revoked, nothingIsKept } = await setUp();
  ports.server.extra = {};
  await finish();
  assert.deepEqual([revoked(), ports.server.grants[0]?.alive], [['refresh-1-0'], false]);
  assert.equal((await session()).status, 'signed_in');
  await nothingIsKept();
});

test('a revocation that fails is owed, and done by maintain', async () => {
  const { ports, finish, session, revoked, maintain, nothingIsKept } = await setUp();
  ports.server.next('revoke', () => timedOut);
  await finish();
  assert.deepEqual([(await session()).status, Object.keys((await session()).duties).length], ['signed_in', 1]);
  await ports.clock.pass(3_700_000);
  await maintain();
  assert.deepEqual(revoked(), ['access-1-1', 'access-1-1']);
  assert.equal((await session()).status, 'signed_in');
  await nothingIsKept();
});

for (const lost of ['retried', 'answer_lost', 'unavailable'] as const) {
  test(`a sign-in whose first write is ${lost} is signed in once`, async () => {
    const { ports, finish, session, revoked } = await setUp();
    ports.store.disturb('sessions.replace', () => undefined, lost);
    await finish();
    assert.deepEqual([(await session()).status, (await session()).identity?.username], ['signed_in', usernameA]);
    assert.deepEqual([ports.server.count('exchangeCode'), revoked()], [1, ['access-1-1']]);
  });
}

test('where the store refuses to the last, the token lies in the lifeboat, and maintain revokes it', async () => {
  const { ports, finish, session, revoked, maintain, nothingIsKept } = await setUp();
  let isDown = true;
  ports.store.disturbWhile('sessions.replace', 'unavailable', () => isDown && ports.server.count('exchangeCode') > 0);
  await finish();
  assert.deepEqual([ports.lifeboat.all().map(({ kind }) => kind), revoked(), ports.apiCalls], [['duty'], [], []]);
  assert.deepEqual([(await session()).status, (await session()).identity], ['exchanging', undefined]);
  isDown = false;
  await maintain();
  await ports.clock.pass(3_700_000);
  await maintain();
  assert.deepEqual([(await session()).status, (await session()).error?.code], ['failed', 'lost_response']);
  assert.deepEqual(revoked(), ['access-1-1']);
  await nothingIsKept();
});

test('who comes from another org is not signed in, and his token is revoked', async () => {
  const { ports, finish, session, revoked, nothingIsKept } = await setUp({ expectedOrgId: '00D000000000002AAA' });
  await finish();
  const { status, error, identity: shown } = await session();
  assert.deepEqual([status, error?.code, shown], ['failed', 'wrong_org', undefined]);
  assert.deepEqual([revoked(), ports.apiCalls], [['access-1-1'], []]);
  await nothingIsKept();
});

test('a code that Salesforce refuses signs nobody in, and spends nothing', async () => {
  const { ports, finish, session, revoked, nothingIsKept } = await setUp();
  ports.server.next('exchangeCode', refused('invalid_grant', 'expired authorization code'));
  await finish();
  assert.deepEqual([(await session()).error?.code, revoked()], ['expired_code', []]);
  await nothingIsKept();
});

test('an app that keeps tokens signs nobody in by itself', async () => {
  const { finish, session, connection, ports } = await callbackWorld();
  await finish();
  assert.deepEqual([(await session()).identity, ports.apiCalls], [undefined, []]);
  assert.equal((await connection())?.id, connectionId);
});
