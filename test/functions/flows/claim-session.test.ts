import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { claimOf } from '../../../functions/core/browser-binding.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { unclaimed } from '../../../functions/core/session-claim.ts';
import { sessionErrorOf, sessionStatus } from '../../../functions/core/session-step.ts';
import { claimSession } from '../../../functions/flows/claim-session.ts';
import { createDoDutiesOf } from '../../../functions/flows/maintain.ts';
import { next } from '../../contract/items.ts';
import type { Disturbance } from '../../support/scripted-store.ts';
import { callbackWorld, configOf, connectionId, key, salt } from './callback-world.ts';
import { storeInTurn } from './store-in-turn.ts';

/** The callback is over: the tokens are stored, and the bound browser takes the claim back. */
async function setUp() {
  const world = await callbackWorld({ claim: true, configuration: '{"a":1}' });
  const { ports, session } = world;
  const outcome = await world.finish();
  assert.equal(outcome.kind === 'outcome' && outcome.claim, world.claim);
  ports.store.resetCalls();
  const claim = async (text = world.claim, through: Ports = ports) => claimSession(through, await session(), text);
  const integration = () => ports.store.inner.integrations.read(key);
  const toTheEnd = async () => ports.clock.pass((await session()).expiresAt - ports.clock.now());
  /** While the session may still be claimed: as after a callback that died. */
  const dutyIsDue = async () => {
    ports.clock.advance((await session()).expiresAt - ports.clock.now() - 1);
    const before = (await world.connection())!;
    const duties = Object.entries(before.duties).map(([id, duty]) => [id, { ...duty, dueAt: ports.clock.now() }]);
    const due = next<Connection>(before, { duties: Object.fromEntries(duties) });
    await ports.store.inner.connections.replace(before, due);
  };
  return { ...world, claim, integration, toTheEnd, dutyIsDue };
}

test('until the claim nothing is linked; the claim links, and says so', async () => {
  const { ports, claim, session, integration, connection } = await setUp();
  assert.deepEqual([(await session()).status, await integration()], ['authorized', undefined]);
  const answered = await claim();
  assert.ok(answered !== 'wrong');
  assert.deepEqual([answered.status, answered.connectionId], ['connected', connectionId]);
  assert.deepEqual(answered, await session());
  assert.deepEqual([(await integration())?.status, (await integration())?.configuration], ['linked', '{"a":1}']);
  assert.deepEqual((await connection())?.duties, {});
  assert.equal(ports.configurationRequests.length, 1);
});

test('a wrong claim changes nothing, whatever it is made of', async () => {
  const { ports, claim, session } = await setUp();
  const before = JSON.stringify(ports.store.inner.dump());
  const { binding, id } = await session();
  const wrong = [
    '',
    'x'.repeat(43),
    binding?.claimSha256 ?? '',
    claimOf({ verifierSalt: salt }, 'another-cookie'),
    claimOf({ verifierSalt: 'another-salt' }, `cookie-of-${id}`),
  ];
  for (const text of wrong) assert.equal(await claim(text), 'wrong');
  assert.equal(JSON.stringify(ports.store.inner.dump()), before);
  assert.notEqual(await claim(), 'wrong');
});

test('a claim that is repeated, at once or later, links once', async () => {
  const { ports, claim, integration } = await setUp();
  const [first, second] = await ports.clock.run(Promise.all([claim(), claim()]));
  ports.clock.advance(60_000);
  const third = await claim();
  assert.ok(first !== 'wrong' && second !== 'wrong' && third !== 'wrong');
  assert.deepEqual([third.status, third.claimedAt], ['connected', ports.clock.now() - 60_000]);
  assert.equal((await integration())?.configurationVersion, 1);
});

for (const lost of ['retried', 'answer_lost'] as const) {
  test(`a claim whose write is ${lost} is made, and the service may say it again`, async () => {
    const { ports, claim, session } = await setUp();
    ports.store.disturb('sessions.replace', lost);
    await claim().catch((error) => assert.ok(error instanceof StoreUnavailableError));
    assert.ok((await session()).claimedAt);
    await claim();
    assert.equal((await session()).status, 'connected');
  });
}

test('who dies between the claim and the link is followed by the next claim, or by maintain at the end', async () => {
  for (const follower of ['claim', 'maintain'] as const) {
    const { ports, claim, session, integration, connection, toTheEnd, maintain } = await setUp();
    ports.store.disturb('connections.read', 'unavailable');
    await assert.rejects(claim(), StoreUnavailableError);
    assert.deepEqual([(await session()).status, await integration()], ['authorized', undefined]);
    if (follower === 'claim') await claim();
    else {
      await toTheEnd();
      await maintain();
    }
    assert.equal((await session()).status, 'connected', follower);
    assert.equal((await integration())?.connectionId, connectionId);
    assert.deepEqual([(await connection())?.duties, (await connection())?.status], [{}, 'active']);
  }
});

test('a claim and a run of maintain at one time link once, whichever step comes first', async () => {
  for (const step of ['sessions.replace', 'connections.read', 'connections.replace', 'integrations.read', 'addUse']) {
    const { ports, claim, session, integration, connection, maintain, toTheEnd, dutyIsDue } = await setUp();
    await dutyIsDue();
    ports.store.disturb(step, maintain);
    await claim();
    await toTheEnd();
    await maintain();
    assert.equal((await session()).status, 'connected', step);
    assert.deepEqual([(await integration())?.configurationVersion, (await connection())?.duties], [1, {}], step);
    assert.equal((await connection())?.status, 'active', step);
  }
});

test('however a claim and a worker of the duty interleave, the claim links at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { ports, claim, session, connection, integration, dutyIsDue } = await setUp();
      await dutyIsDue();
      const inTurn = { ...ports, store: storeInTurn(ports.store, scheduler) };
      const worker = createDoDutiesOf(inTurn)(connectionId);
      await scheduler.waitFor(Promise.all([worker, claim(undefined, inTurn)]));
      assert.equal((await session()).status, 'connected');
      assert.deepEqual([(await integration())?.configurationVersion, (await connection())?.status], [1, 'active']);
    }),
    { numRuns: 100 },
  );
});

test('a claim whose duty is put off between its look and its turn links all the same', async () => {
  const { ports, claim, session, dutyIsDue } = await setUp();
  await dutyIsDue();
  const looked = Promise.withResolvers<void>();
  let claiming: ReturnType<typeof claim> | undefined;
  const beginClaim = async () => {
    claiming = claim();
    await looked.promise;
  };
  const letWorkerEnd = async () => {
    looked.resolve();
    await worker;
  };
  // The worker takes the duty, finds no claim, and puts it off; the claim has read the connection just before.
  ports.store.disturb('connections.replace', () => undefined, beginClaim, letWorkerEnd);
  const worker = createDoDutiesOf(ports)(connectionId);
  await worker;
  const answered = await claiming;
  assert.equal(answered !== 'wrong' && answered?.status, 'connected');
  assert.equal((await session()).status, 'connected');
});

test('who claims in the last instant is linked, though the end comes before the link', async () => {
  const { ports, claim, session, connection, maintain } = await setUp();
  ports.clock.advance((await session()).expiresAt - ports.clock.now() - 1);
  const late: Disturbance = () => ports.clock.advance(2);
  ports.store.disturb('connections.read', late);
  await claim();
  await maintain();
  assert.deepEqual([(await session()).status, (await connection())?.status], ['connected', 'active']);
});

test('after the end the claim is too late: the session has failed as unclaimed, and nothing is linked', async () => {
  const { ports, claim, session, integration, toTheEnd, maintain } = await setUp();
  await toTheEnd();
  const answered = await claim();
  assert.ok(answered !== 'wrong');
  const now = ports.clock.now();
  assert.deepEqual([sessionStatus(answered, now), sessionErrorOf(answered, now)], ['failed', unclaimed]);
  assert.equal(answered.claimedAt, undefined);
  await maintain();
  const again = await claim();
  assert.ok(again !== 'wrong');
  assert.deepEqual([again.status, again.error, again.claimedAt], ['failed', unclaimed, undefined]);
  assert.equal(await integration(), undefined);
  assert.equal((await session()).status, 'failed');
});

test('a claim before the callback is over changes nothing', async () => {
  const world = await callbackWorld({ claim: true, status: 'exchanging' });
  const answered = await claimSession(world.ports, await world.session(), world.claim);
  assert.deepEqual(answered, await world.session());
  assert.deepEqual([(await world.session()).status, (await world.session()).claimedAt], ['exchanging', undefined]);
});

test('a sign-in is shown once it is claimed, and links nothing', async () => {
  const config = configOf({ purpose: 'sign_in' });
  const { ports, finish, session, claim } = await callbackWorld({ claim: true }, { config });
  await finish();
  assert.equal((await session()).status, 'authorized');
  const answered = await claimSession(ports, await session(), claim);
  assert.ok(answered !== 'wrong');
  assert.deepEqual([answered.status, answered.identity?.displayName], ['signed_in', 'Ada']);
  assert.deepEqual([await ports.store.inner.integrations.read(key), ports.configurationRequests], [undefined, []]);
});
