import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  acme,
  ada,
  allow,
  assertRefused,
  callLimits,
  connect,
  expiredToken,
  grace,
  minuteMs,
  post,
  publicApp,
  refresh,
  simulate,
  type Tokens,
} from './client.ts';

async function connectTimes(times: number, { simulator, clock }: ReturnType<typeof simulate>): Promise<Tokens[]> {
  const tokens: Tokens[] = [];
  for (let count = 0; count < times; count += 1) {
    tokens.push(await connect(simulator));
    clock.advance(minuteMs);
  }
  return tokens;
}

describe('the limit of grants', () => {
  it('lets five live, and the sixth silently ends the first', async () => {
    const simulation = simulate();
    const tokens = await connectTimes(5, simulation);
    const { books } = simulation.simulator;
    assert.equal(books.liveGrants().length, 5);
    await connectTimes(1, simulation);
    const first = books.grantOfRefreshToken(tokens[0]?.refresh ?? '');
    assert.equal(first?.endedBy, 'evicted by grant-6');
    assert.equal(books.liveGrants({ clientId: 'local-client', userId: ada.id }).length, 5);
    assertRefused(await refresh(simulation.simulator, tokens[0]?.refresh ?? ''), ...expiredToken);
    assert.equal(await callLimits(simulation.simulator, tokens[0]?.access ?? ''), 401);
    assert.equal((await refresh(simulation.simulator, tokens[1]?.refresh ?? '')).status, 200);
  });

  it('is four where the switch says so', async () => {
    const simulation = simulate({ switches: { grantLimit: 4 } });
    await connectTimes(5, simulation);
    assert.equal(simulation.simulator.books.liveGrants().length, 4);
  });

  it('ends the oldest even if it was just used', async () => {
    const simulation = simulate({ switches: { eviction: 'oldest' } });
    const tokens = await connectTimes(5, simulation);
    await refresh(simulation.simulator, tokens[0]?.refresh ?? '');
    await connectTimes(1, simulation);
    assert.deepEqual(endedIds(simulation), ['grant-1']);
  });

  it('ends the least recently used where the switch says so', async () => {
    const simulation = simulate({ switches: { eviction: 'lru' } });
    const tokens = await connectTimes(5, simulation);
    await refresh(simulation.simulator, tokens[0]?.refresh ?? '');
    await connectTimes(1, simulation);
    assert.deepEqual(endedIds(simulation), ['grant-2']);
  });

  it('counts each user and each app alone', async () => {
    const simulation = simulate();
    await connectTimes(5, simulation);
    await connect(simulation.simulator, { username: grace.username });
    await connect(simulation.simulator, { clientId: publicApp.clientId });
    assert.equal(simulation.simulator.books.liveGrants().length, 7);
  });

  it('is not reached by authorizations that get no refresh token', async () => {
    const simulation = simulate();
    await connectTimes(5, simulation);
    await post(simulation.simulator, '/services/oauth2/token', allow(simulation.simulator, { scope: 'api' }));
    assert.deepEqual(endedIds(simulation), []);
  });

  it('frees a place when a grant is revoked', async () => {
    const simulation = simulate();
    await connectTimes(5, simulation);
    simulation.simulator.revokeGrant('grant-3');
    await connectTimes(1, simulation);
    assert.deepEqual(endedIds(simulation), ['grant-3']);
  });
});

describe('the end of an org', () => {
  it('ends all its grants and no other', async () => {
    const { simulator } = simulate();
    const here = [await connect(simulator), await connect(simulator, { username: grace.username })];
    const elsewhere = await connect(simulator, { username: 'alan@globex.example' });
    assert.equal(simulator.revokeOrg(acme.id), 2);
    for (const { refresh: token } of here) assertRefused(await refresh(simulator, token), ...expiredToken);
    assert.equal((await refresh(simulator, elsewhere.refresh)).status, 200);
  });
});

function endedIds({ simulator }: ReturnType<typeof simulate>): string[] {
  return simulator.books
    .grants()
    .filter((grant) => grant.endedAt !== undefined)
    .map((grant) => grant.id);
}
