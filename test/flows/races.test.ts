import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Flow, type FlowOptions, otherUser, startFlow, user, worksAtSalesforce } from '../support/flow.ts';
import { slowCallback, slowMs } from '../support/slow-callback.ts';

const hourMs = 3_600_000;

async function withFlow(run: (flow: Flow) => Promise<void>, options?: FlowOptions): Promise<void> {
  const flow = await startFlow(options);
  try {
    await run(flow);
  } finally {
    await flow.close();
  }
}

describe('races', () => {
  it('answers 50 concurrent reads of an expired token with one token request', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      flow.clock.advance(3 * hourMs);
      const answers = await Promise.all(Array.from({ length: 50 }, () => flow.token(connectionId)));
      assert.deepEqual(new Set(answers.map((one) => one.status)), new Set([200]));
      assert.equal(new Set(answers.map((one) => one.body.access_token)).size, 1);
      assert.equal(flow.tokenRequests('refresh_token'), 1);
    }));

  it('answers 50 readers under rotation with one token request, and the grant lives', () =>
    withFlow(async (flow) => {
      flow.simulator.switches.rotation = true;
      const { connectionId } = await flow.connect();
      flow.clock.advance(3 * hourMs);
      const answers = await Promise.all(Array.from({ length: 50 }, () => flow.token(connectionId)));
      assert.ok(answers.every((one) => one.status === 200));
      assert.equal(flow.tokenRequests('refresh_token'), 1);
      assert.equal(flow.simulator.books.liveGrants().length, 1);
    }));

  for (const rotation of [false, true]) {
    const how = rotation ? 'with rotation' : 'without rotation';

    it(`keeps a reauthorization that completes during a slow refresh, ${how}`, () =>
      withFlow(async (flow) => {
        flow.simulator.switches.rotation = rotation;
        const { connectionId } = await flow.connect();
        flow.clock.advance(3 * hourMs);
        flow.simulator.switches.slowAfterMs = slowMs;
        const reading = flow.token(connectionId);
        await flow.clock.someoneWaits(slowMs);
        flow.simulator.switches.slowAfterMs = 0;
        // The refresh is processed and its answer on the way: now the user authorizes again.
        const again = await flow.connect({ reauthorize: true });
        assert.equal(again.connectionId, connectionId);
        const newGrant = (await flow.api('GET', `/connections/${connectionId}`)).body.grants[0].id;
        flow.clock.advance(slowMs);
        await reading;
        await assertNewestSurvives(flow, connectionId, newGrant);
      }));

    it(`keeps a reauthorization that began before a refresh and completes after it, ${how}`, () =>
      withFlow(async (flow) => {
        flow.simulator.switches.rotation = rotation;
        const { connectionId } = await flow.connect();
        flow.clock.advance(3 * hourMs);
        const { callback } = await slowCallback(flow, { reauthorize: true });
        const refreshed = await flow.token(connectionId);
        assert.equal(refreshed.status, 200);
        assert.equal(flow.tokenRequests('refresh_token'), 1);
        flow.clock.advance(slowMs);
        await callback;
        const grants = (await flow.api('GET', `/connections/${connectionId}`)).body.grants;
        assert.equal(grants[0].refreshes, 0, 'the stored grant is the new one');
        await assertNewestSurvives(flow, connectionId, grants[0].id);
      }));
  }

  it('exchanges a code once when two callbacks come with one state', () =>
    withFlow(async (flow) => {
      const order = { app: 'crm', tenant: 'acme', integration: 'sync' };
      const started = await flow.api('POST', '/connect-sessions', order);
      const person = flow.browser();
      const login = await person.open(started.body.connect_url);
      const callbackUrl = flow.simulator.authorize(login, { username: user, decision: 'allow' });
      const both = await Promise.all([person.get(callbackUrl), person.get(callbackUrl)]);
      assert.ok(both.every((one) => one.status === 200));
      assert.equal(flow.tokenRequests('authorization_code'), 1);
      const later = await person.get(callbackUrl);
      assert.match(later.text, /Salesforce is connected/, 'a repeated callback shows the outcome');
      assert.equal(flow.tokenRequests('authorization_code'), 1);
    }));

  it('links both integrations when an older authorization arrives after a newer one', () =>
    withFlow(async (flow) => {
      const { sessionId, callback } = await slowCallback(flow, { integration: 'slow' });
      flow.clock.advance(1_000);
      const newer = await flow.connect({ integration: 'quick' });
      const grant = (await flow.api('GET', `/connections/${newer.connectionId}`)).body.grants[0].id;
      flow.clock.advance(slowMs);
      await callback;
      const shown = (await flow.api('GET', `/connections/${newer.connectionId}`)).body;
      assert.equal(shown.grants[0].id, grant, 'the newer authorization stays');
      assert.equal(shown.integrations.length, 2);
      assert.equal((await flow.api('GET', `/connect-sessions/${sessionId}`)).body.status, 'connected');
      assert.equal(flow.simulator.books.liveGrants().length, 1, 'the older one was revoked at once');
      assert.ok(await worksAtSalesforce(await flow.token(newer.connectionId)));
    }));

  it('keeps users of one org apart', () =>
    withFlow(async (flow) => {
      const first = await flow.connect({ integration: 'a' });
      const second = await flow.connect({ integration: 'b' }, otherUser);
      assert.notEqual(first.connectionId, second.connectionId);
      const tokens = await Promise.all([flow.token(first.connectionId), flow.token(second.connectionId)]);
      assert.notEqual(tokens[0]?.body.access_token, tokens[1]?.body.access_token);
    }));
});

async function assertNewestSurvives(flow: Flow, connectionId: string, grantId: string): Promise<void> {
  const token = await flow.token(connectionId);
  assert.equal(token.status, 200);
  assert.ok(await worksAtSalesforce(token));
  flow.clock.advance(16 * 60_000);
  await flow.stack.tick();
  const live = flow.simulator.books.liveGrants();
  assert.equal(live.length, 1, 'the superseded grant is revoked after its grace');
  const shown = (await flow.api('GET', `/connections/${connectionId}`)).body;
  const living = shown.grants.filter((one: { revoked_at?: string }) => one.revoked_at === undefined);
  assert.deepEqual(
    living.map((one: { id: string; current: boolean }) => [one.id, one.current]),
    [[grantId, true]],
  );
  flow.clock.advance(3 * hourMs);
  const later = await flow.token(connectionId);
  assert.equal(later.status, 200, 'its refresh token works');
  assert.ok(await worksAtSalesforce(later));
}
