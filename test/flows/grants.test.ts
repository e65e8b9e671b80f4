import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Flow, type FlowOptions, otherUser, startFlow, user } from '../support/flow.ts';

const minuteMs = 60_000;
const graceMs = 15 * minuteMs;
const dayMs = 24 * 60 * minuteMs;
const order = { app: 'crm', tenant: 'acme', integration: 'sync' };

async function withFlow(run: (flow: Flow) => Promise<void>, options?: FlowOptions): Promise<void> {
  const flow = await startFlow(options);
  try {
    await run(flow);
  } finally {
    await flow.close();
  }
}

/** A second later: Salesforce's `issued_at` orders authorizations. */
function again(flow: Flow, username?: string) {
  flow.clock.advance(1_000);
  return flow.connect({ reauthorize: true }, username);
}

/** An authorization whose answer never came: Salesforce has made a grant, and nobody holds its tokens. */
async function orphan(flow: Flow, more: Record<string, unknown> = {}): Promise<void> {
  flow.clock.advance(1_000);
  flow.simulator.switches.resetAfterProcessing = true;
  const { session } = await flow.connect({ reauthorize: true, ...more });
  flow.simulator.switches.resetAfterProcessing = false;
  assert.deepEqual([session.status, session.error.code], ['failed', 'lost_response']);
}

const shown = async (flow: Flow, id: string) => (await flow.api('GET', `/connections/${id}`)).body;

describe('the ledger of grants', () => {
  for (const [limit, eviction] of [
    [5, 'oldest'],
    [4, 'lru'],
  ] as const) {
    it(`keeps one live grant through twenty reauthorizations in a row (limit ${limit}, ${eviction})`, () =>
      withFlow(
        async (flow) => {
          Object.assign(flow.simulator.switches, { grantLimit: limit, eviction });
          const { connectionId } = await flow.connect();
          for (let round = 0; round < 20; round += 1) {
            const next = await again(flow);
            assert.equal(next.connectionId, connectionId);
            assert.equal((await flow.token(connectionId)).status, 200);
          }
          assert.equal(flow.simulator.books.authorizations(), 21);
          assert.deepEqual(flow.simulator.books.evictions(), [], 'Salesforce never had to evict one');
          flow.clock.advance(graceMs + minuteMs);
          await flow.stack.tick();
          const [living, ...more] = flow.simulator.books.liveGrants();
          assert.deepEqual(more, []);
          const { grants } = await shown(flow, connectionId);
          const [current] = grants.filter((one: { current: boolean }) => one.current);
          assert.equal(current.fingerprint, living?.firstRefreshTokenFingerprint);
          assert.ok(grants.every((one: { current: boolean; revoked_at?: string }) => one.current || one.revoked_at));
        },
        {
          change: (ports) => ({
            ...ports,
            config: {
              ...ports.config,
              apps: { ...ports.config.apps, crm: { ...ports.config.apps.crm!, grantLimit: limit } },
            },
          }),
        },
      ));
  }

  it('shows each attempt with its outcome and times, and no token', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      flow.simulator.switches.nextErrors = [
        { endpoint: 'token', error: 'invalid_grant', error_description: 'expired authorization code' },
      ];
      await again(flow);
      await orphan(flow);
      flow.clock.advance(10 * minuteMs);
      await again(flow);
      const { grants } = await shown(flow, connectionId);
      assert.deepEqual(
        grants.map((one: { outcome: string }) => one.outcome),
        ['stored', 'orphaned', 'failed', 'stored'],
      );
      const [current, , failed, first] = grants;
      assert.ok(current.current && !first.current);
      assert.equal(failed.reason, 'expired_code');
      assert.ok(first.superseded_at && first.revocation_due_at && !first.revoked_at);
      const text = JSON.stringify(grants);
      for (const grant of flow.simulator.books.grants()) assert.ok(!text.includes(grant.id));
      assert.match(current.fingerprint, /^[0-9a-f]{16}$/);
    }));

  it('counts attempts of a user who was not known to the one who came back for that integration', () =>
    withFlow(async (flow) => {
      await orphan(flow, { reauthorize: false });
      await orphan(flow, { reauthorize: false });
      flow.clock.advance(10 * minuteMs);
      const { connectionId } = await flow.connect();
      const { grants, grant_budget } = await shown(flow, connectionId);
      assert.deepEqual(
        grants.map((one: { outcome: string }) => one.outcome),
        ['stored', 'orphaned', 'orphaned'],
      );
      assert.deepEqual(grant_budget, { limit: 5, believed: 3 });
    }));
});

describe('the budget of grants', () => {
  it('refuses one more where orphans fill it, and says so, unless it is forced', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      for (let round = 0; round < 4; round += 1) await orphan(flow);
      flow.clock.advance(10 * minuteMs);
      const refused = await flow.api('POST', '/connect-sessions', { ...order, reauthorize: true });
      assert.deepEqual([refused.status, refused.body.code], [409, 'grant_limit_near']);
      assert.deepEqual(refused.body.budget, { limit: 5, stored: 1, owed: 0, orphans: 4 });
      assert.equal(flow.simulator.books.liveGrants().length, 5);
      assert.equal((await flow.token(connectionId)).status, 200);
      assert.equal(
        (await flow.api('POST', '/connect-sessions', { ...order, reauthorize: true, force: true })).status,
        201,
      );
      // Without asking for another authorization, none is needed.
      assert.equal((await flow.api('POST', '/connect-sessions', order)).status, 200);
    }));

  it('refuses one more at once where each answer was lost and the user tried again', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      for (let round = 0; round < 4; round += 1) await orphan(flow);
      const refused = await flow.api('POST', '/connect-sessions', { ...order, reauthorize: true });
      assert.deepEqual([refused.status, refused.body.code], [409, 'grant_limit_near']);
      assert.deepEqual(flow.simulator.books.evictions(), []);
      assert.equal((await flow.token(connectionId)).status, 200);
    }));

  it('knows a user by the login_hint, and believes no hint that is nobody’s', () =>
    withFlow(async (flow) => {
      await flow.connect();
      for (let round = 0; round < 4; round += 1) await orphan(flow);
      flow.clock.advance(10 * minuteMs);
      const other = { ...order, integration: 'other' };
      const hinted = await flow.api('POST', '/connect-sessions', { ...other, login_hint: user.toUpperCase() });
      assert.deepEqual([hinted.status, hinted.body.code], [409, 'grant_limit_near']);
      assert.equal((await flow.api('POST', '/connect-sessions', { ...other, login_hint: otherUser })).status, 201);
      assert.equal((await flow.api('POST', '/connect-sessions', other)).status, 201);
    }));

  it('never stands in the way of a dead connection’s cure', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      for (let round = 0; round < 4; round += 1) await orphan(flow);
      for (const grant of flow.simulator.books.liveGrants()) flow.simulator.books.revokeGrant(grant.id);
      flow.clock.advance(3 * 60 * minuteMs);
      const reading = flow.token(connectionId);
      await flow.clock.someoneWaits(5_000);
      flow.clock.advance(5_000);
      assert.equal((await reading).body.code, 'reauthorization_required');
      for (const more of [{ reauthorize: true }, { connection_id: connectionId }, {}]) {
        assert.equal((await flow.api('POST', '/connect-sessions', { ...order, ...more })).status, 201);
      }
    }));

  it('forgets orphans after thirty days', () =>
    withFlow(async (flow) => {
      await flow.connect();
      for (let round = 0; round < 4; round += 1) await orphan(flow);
      flow.clock.advance(31 * dayMs);
      assert.equal((await flow.api('POST', '/connect-sessions', { ...order, reauthorize: true })).status, 201);
    }));

  it('spends nothing where a tenant’s other integration shares the connection', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      const share = { ...order, integration: 'second', connection_id: connectionId };
      const shared = await flow.api('POST', '/connect-sessions', share);
      assert.deepEqual([shared.status, shared.body], [200, { status: 'connected', connection_id: connectionId }]);
      assert.equal((await flow.api('GET', '/integrations/acme/second')).body.connection_id, connectionId);
      assert.equal(flow.simulator.books.authorizations(), 1);
      const foreign = await flow.api('POST', '/connect-sessions', { ...share, tenant: 'globex' });
      assert.deepEqual([foreign.status, foreign.body.code], [404, 'unknown_connection']);
    }));
});

describe('grants that are not kept', () => {
  it('are revoked at once: a wrong org, a bad signature, a foreign host', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      const before = flow.simulator.books.liveGrants().map(({ id }) => id);
      flow.simulator.switches.wrongSignature = true;
      assert.equal((await again(flow)).session.error.code, 'wrong_signature');
      flow.simulator.switches.wrongSignature = false;
      flow.simulator.switches.foreignInstanceUrl = 'https://evil.example';
      assert.equal((await again(flow)).session.error.code, 'foreign_instance');
      flow.simulator.switches.foreignInstanceUrl = null;
      const { session } = await again(flow, 'alan@globex.example');
      assert.equal(session.error.code, 'wrong_org');
      assert.match(session.error.detail, /00D8d.*expected was 00D5g/);
      assert.deepEqual(
        flow.simulator.books.liveGrants().map(({ id }) => id),
        before,
      );
      const { grants } = await shown(flow, connectionId);
      const refused = grants.filter((one: { outcome: string }) => one.outcome === 'refused');
      assert.deepEqual(
        refused.map((one: { reason: string }) => one.reason),
        ['wrong_org', 'foreign_instance', 'wrong_signature'],
      );
      assert.ok(refused.every((one: { revoked_at?: string }) => one.revoked_at));
    }));

  it('are given up after seven days of failing, with one alert', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      await again(flow);
      const refuse = () => {
        flow.simulator.switches.nextErrors = Array.from({ length: 5 }, () => ({
          endpoint: 'revoke' as const,
          error: 'server_error',
          error_description: 'not now',
          status: 500,
        }));
      };
      flow.clock.advance(graceMs);
      refuse();
      await flow.stack.tick();
      assert.equal(flow.simulator.books.liveGrants().length, 2);
      flow.clock.advance(8 * dayMs);
      refuse();
      await flow.stack.tick();
      flow.clock.advance(minuteMs);
      await flow.stack.tick();
      const alerts = flow.stack.alerts().filter((one) => one.cause === 'revocation_given_up');
      assert.equal(alerts.length, 1);
      assert.match(alerts[0]?.remedy ?? '', /OAuth Usage/);
      const [, older] = (await shown(flow, connectionId)).grants;
      assert.ok(older.revocation_given_up_at);
    }));
});
