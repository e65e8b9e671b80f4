import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inactivityOf } from '../../../dev/simulator/orgs.ts';
import { Simulator } from '../../../dev/simulator/simulator.ts';
import {
  acme,
  ada,
  allow,
  assertRefused,
  authorizeUrl,
  callLimits,
  connect,
  get,
  globex,
  grace,
  minuteMs,
  origin,
  post,
  read,
  refresh,
  secretApp,
  simulate,
} from './client.ts';

const path = `/id/${acme.id}/${ada.id}`;

async function identity(simulator: Simulator, token: string): Promise<[status: number, text: string]> {
  const response = await get(simulator, path, token);
  return [response.status, await response.text()];
}

describe('the identity URL of an inactive user', () => {
  it('is refused as inactive while its session lives on, and answers again once it is reactivated', async () => {
    const { simulator } = simulate({ switches: { deactivationEndsSessions: false } });
    const { access } = await connect(simulator);
    simulator.deactivateUser(ada.id);
    assert.deepEqual(await identity(simulator, access), [404, 'Inactive']);
    assert.equal(await callLimits(simulator, access), 200);
    simulator.books.reactivateUser(ada.id);
    assert.equal((await identity(simulator, access))[0], 200);
  });

  it('tells of it where the switch says so', async () => {
    const { simulator } = simulate({ switches: { deactivationEndsSessions: false, inactiveIdentity: 'told' } });
    const { access } = await connect(simulator);
    const active = async () => (await read(await get(simulator, path, access))).body.active;
    assert.equal(await active(), true);
    simulator.deactivateUser(ada.id);
    assert.equal(await active(), false);
  });

  it('is slow, and loses its answer, as the other OAuth endpoints do', async () => {
    const waited: number[] = [];
    const wait = async (ms: number) => void waited.push(ms);
    const { simulator } = simulate({ wait });
    const { access } = await connect(simulator);
    Object.assign(simulator.switches, { slowMs: 10, slowAfterMs: 20 });
    assert.equal((await identity(simulator, access))[0], 200);
    assert.deepEqual(waited, [10, 20]);
    simulator.switches.resetAfterProcessing = true;
    await assert.rejects(identity(simulator, access), TypeError);
  });

  it('knows no token where the deactivation ended the session', async () => {
    const { simulator } = simulate();
    const { access } = await connect(simulator);
    simulator.deactivateUser(ada.id);
    assert.deepEqual(await identity(simulator, access), [403, 'Bad_OAuth_Token']);
    assert.equal(await callLimits(simulator, access), 401);
  });

  it('leaves a session to run out by itself, and a refresh is refused either way', async () => {
    const { simulator, clock } = simulate({ switches: { deactivationEndsSessions: false } });
    const { access, refresh: token } = await connect(simulator);
    const other = await connect(simulator, { username: grace.username });
    simulator.deactivateUser(ada.id);
    assertRefused(await refresh(simulator, token), 'invalid_grant', 'inactive user');
    assert.equal((await refresh(simulator, other.refresh)).status, 200);
    clock.advance(120 * minuteMs);
    assert.deepEqual(await identity(simulator, access), [403, 'Bad_OAuth_Token']);
  });
});

describe('an inactive org', () => {
  it('answers its users as inactive, refuses their refreshes, and no other org’s', async () => {
    const { simulator } = simulate({ switches: { deactivationEndsSessions: false } });
    const { access, refresh: token } = await connect(simulator);
    const elsewhere = await connect(simulator, { username: 'alan@globex.example' });
    assert.equal(simulator.deactivateOrg(acme.id), true);
    assert.deepEqual(await identity(simulator, access), [404, 'Inactive']);
    assertRefused(await refresh(simulator, token), 'inactive_org', 'organization is inactive');
    assert.equal(simulator.books.isLiveRefreshToken(token), false);
    assert.equal((await refresh(simulator, elsewhere.refresh)).status, 200);
    simulator.books.reactivateOrg(acme.id);
    assert.equal(simulator.books.isLiveRefreshToken(token), true);
  });

  it('lets nobody in: neither by its page nor by a code given before', async () => {
    const { simulator } = simulate();
    const form = allow(simulator);
    const { access } = await connect(simulator);
    simulator.deactivateOrg(acme.id);
    assert.equal(await callLimits(simulator, access), 401);
    assertRefused(await post(simulator, '/services/oauth2/token', form), 'inactive_org', 'organization is inactive');
    const location = simulator.authorize(authorizeUrl(), { username: ada.username, decision: 'allow' });
    assert.equal(new URL(location).searchParams.get('error'), 'inactive_org');
    const page = await (await simulator.fetch(new Request(authorizeUrl()))).text();
    assert.match(page, new RegExp(`value="${ada.id}" disabled`));
    assert.ok(page.includes(`value="${globex.users[0]?.id}" checked`), 'the first of another org is chosen');
  });

  it('stays inactive in a snapshot, and a state of the release before has none', async () => {
    const { simulator, clock } = simulate();
    simulator.deactivateOrg(acme.id);
    const state = structuredClone(simulator.snapshot()) as { books: { inactiveOrgIds?: string[] } };
    const resume = () => new Simulator({ origin, now: clock.now, apps: [secretApp], state });
    assert.equal(inactivityOf(resume().books.person(ada.id)), 'inactive_org');
    delete state.books.inactiveOrgIds;
    assert.equal(inactivityOf(resume().books.person(ada.id)), undefined);
  });

  it('that is unknown cannot be deactivated', () => {
    const { simulator } = simulate();
    assert.equal(simulator.deactivateOrg('00D000000000000AAA'), false);
    assert.equal(simulator.books.reactivateOrg('00D000000000000AAA'), false);
  });
});

describe('deactivation over HTTP', () => {
  const send = async (simulator: Simulator, route: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    return simulator.fetch(new Request(origin + route, { method: 'POST', body: JSON.stringify(body), headers }));
  };

  it('keeps the sessions where the switch says so', async () => {
    const { simulator } = simulate({ switches: { deactivationEndsSessions: false } });
    const { access } = await connect(simulator);
    assert.equal((await send(simulator, '/simulator/deactivate-user', { user_id: ada.id })).status, 200);
    assert.equal((await send(simulator, '/simulator/deactivate-org', { org_id: acme.id })).status, 200);
    assert.equal(await callLimits(simulator, access), 200);
    simulator.switches.deactivationEndsSessions = true;
    await send(simulator, '/simulator/deactivate-org', { org_id: acme.id });
    assert.equal(await callLimits(simulator, access), 401);
  });

  it('hears which org there is not', async () => {
    const { simulator } = simulate();
    assert.equal((await send(simulator, '/simulator/deactivate-org', { org_id: 'x' })).status, 404);
    assert.equal((await send(simulator, '/simulator/reactivate-org', {})).status, 400);
  });
});
