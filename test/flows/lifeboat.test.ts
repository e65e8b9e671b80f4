import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LifeboatUnavailableError, StoreUnavailableError } from '../../functions/core/errors.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { type Flow, startFlow, user, worksAtSalesforce } from '../support/flow.ts';

const hourMs = 3_600_000;
/** Longer than a function's tries of the store, shorter than its life. */
const triesMs = 52_000;

/** DynamoDB refuses every write of a connection once Salesforce has answered, until it is told to be back. */
interface Outage {
  down: boolean;
  /** Moves the time on when the first write is refused. */
  begin?(): void;
}

function withOutage(outage: Outage): (ports: Ports) => Ports {
  const refuse = (): never => {
    outage.begin?.();
    throw new StoreUnavailableError('The store is down.');
  };
  return (ports) => {
    const { connections } = ports.store;
    const failing: typeof connections = {
      read: (key) => connections.read(key),
      create: async (item) => (outage.down ? refuse() : connections.create(item)),
      replace: async (before, after) => {
        // A claim still goes through: the outage comes in the middle.
        const answered = after.grant?.lease === undefined || before.grant?.lease !== undefined;
        return outage.down && answered ? refuse() : connections.replace(before, after);
      },
    };
    const store = new Proxy(ports.store, {
      get: (target, name) => (name === 'connections' ? failing : Reflect.get(target, name)),
    });
    return { ...ports, store };
  };
}

async function interrupted(run: (flow: Flow, outage: Outage) => Promise<void>): Promise<void> {
  const outage: Outage = { down: false };
  const flow = await startFlow({ change: withOutage(outage) });
  let begun = false;
  outage.begin = () => {
    if (!begun) flow.clock.advance(triesMs);
    begun = true;
  };
  try {
    await run(flow, outage);
  } finally {
    await flow.close();
  }
}

async function saved(flow: Flow): Promise<number> {
  return (await flow.stack.ports.lifeboat.list(10)).items.length;
}

async function assertNewestStored(flow: Flow, connectionId: string): Promise<void> {
  const token = await flow.token(connectionId);
  assert.equal(token.status, 200);
  assert.ok(await worksAtSalesforce(token));
  assert.equal(await saved(flow), 0, 'nothing is left in the lifeboat');
  flow.clock.advance(3 * hourMs);
  const later = await flow.token(connectionId);
  assert.equal(later.status, 200, 'the stored refresh token is the newest');
  assert.ok(await worksAtSalesforce(later));
  assert.equal(flow.simulator.books.liveGrants().length, 1);
}

describe('a store that is down in the middle', () => {
  for (const first of ['maintain', 'the next refresh'] as const) {
    it(`of a refresh with rotation costs no token; ${first} comes first`, () =>
      interrupted(async (flow, outage) => {
        flow.simulator.switches.rotation = true;
        const { connectionId } = await flow.connect();
        flow.clock.advance(1.5 * hourMs);
        outage.down = true;
        await flow.stack.handlers['schedule-refreshes']({});
        const { grant } = (await flow.stack.ports.store.connections.read(connectionId)) ?? {};
        const request = {
          version: 1,
          connectionId,
          generation: { grantId: grant?.id, refreshes: grant?.refreshes },
          reason: 'due',
        };
        const report = await flow.stack.handlers.refresh(request);
        assert.deepEqual(report, { version: 1, outcome: 'in_lifeboat' });
        assert.equal(await saved(flow), 1);
        outage.down = false;
        flow.clock.advance(80_000);
        if (first === 'maintain') await flow.stack.handlers.maintain({});
        else assert.equal(((await flow.stack.handlers.refresh(request)) as { outcome: string }).outcome, 'refreshed');
        assert.equal(flow.tokenRequests('refresh_token'), 1, 'the old refresh token was not sent again');
        await assertNewestStored(flow, connectionId);
      }));
  }

  it('of a callback costs no token and no second authorization', () =>
    interrupted(async (flow, outage) => {
      outage.down = true;
      const started = await flow.api('POST', '/connect-sessions', { app: 'crm', tenant: 'acme', integration: 'sync' });
      const person = flow.browser();
      const login = await person.open(started.body.connect_url);
      const callbackUrl = flow.simulator.authorize(login, { username: user, decision: 'allow' });
      const during = await person.get(callbackUrl);
      assert.match(during.text, /being stored/);
      assert.equal(await saved(flow), 1);
      outage.down = false;
      await flow.stack.tick();
      flow.clock.advance(61_000);
      await flow.stack.tick();
      const session = (await flow.api('GET', `/connect-sessions/${started.body.session_id}`)).body;
      assert.equal(session.status, 'connected');
      assert.equal(flow.tokenRequests('authorization_code'), 1);
      assert.match((await person.get(callbackUrl)).text, /Salesforce is connected/);
      await assertNewestStored(flow, session.connection_id);
    }));

  it('of a callback revives nothing that was disconnected meanwhile: the session says so, the grant is revoked', () =>
    interrupted(async (flow, outage) => {
      const { connectionId } = await flow.connect();
      const order = { app: 'crm', tenant: 'acme', integration: 'sync', reauthorize: true };
      const started = await flow.api('POST', '/connect-sessions', order);
      const person = flow.browser();
      const login = await person.open(started.body.connect_url);
      outage.down = true;
      await person.get(flow.simulator.authorize(login, { username: user, decision: 'allow' }));
      outage.down = false;
      assert.equal(await saved(flow), 1);
      assert.equal((await flow.api('DELETE', `/connections/${connectionId}`)).status, 204);
      await flow.stack.tick();
      const session = (await flow.api('GET', `/connect-sessions/${started.body.session_id}`)).body;
      assert.deepEqual([session.status, session.error.code], ['failed', 'disconnected']);
      assert.equal((await flow.token(connectionId)).status, 410);
      await flow.stack.tick();
      assert.equal(flow.simulator.books.liveGrants().length, 0);
      assert.equal(await saved(flow), 0);
    }));

  it('is alerted once, however often maintain looks', () =>
    interrupted(async (flow, outage) => {
      flow.simulator.switches.rotation = true;
      await flow.connect();
      flow.clock.advance(1.5 * hourMs);
      outage.down = true;
      await flow.stack.handlers['schedule-refreshes']({});
      await flow.stack.tick();
      await flow.stack.tick();
      const alerts = flow.stack.alerts().filter((alert) => alert.type === 'tokens_in_lifeboat');
      assert.equal(alerts.length, 1);
    }));

  it('keeps the refresh waiting while the lifeboat cannot be read either', async () => {
    const outage: Outage = { down: false };
    let unreadable = false;
    const flow = await startFlow({
      change: (ports) => {
        const { lifeboat } = ports;
        const failing: typeof lifeboat = {
          put: (entry) => lifeboat.put(entry),
          list: (...all) => lifeboat.list(...all),
          remove: (entry) => lifeboat.remove(entry),
          ofConnection: async (id) => {
            if (unreadable) throw new LifeboatUnavailableError('The lifeboat is down.');
            return lifeboat.ofConnection(id);
          },
        };
        return withOutage(outage)({ ...ports, lifeboat: failing });
      },
    });
    let begun = false;
    outage.begin = () => {
      if (!begun) flow.clock.advance(triesMs);
      begun = true;
    };
    try {
      flow.simulator.switches.rotation = true;
      const { connectionId } = await flow.connect();
      flow.clock.advance(1.5 * hourMs);
      const { grant } = (await flow.stack.ports.store.connections.read(connectionId)) ?? {};
      const generation = { grantId: grant?.id, refreshes: grant?.refreshes };
      const request = { version: 1, connectionId, generation, reason: 'due' };
      outage.down = true;
      await flow.stack.handlers.refresh(request);
      outage.down = false;
      unreadable = true;
      flow.clock.advance(80_000);
      await flow.stack.handlers.refresh(request);
      assert.equal(flow.tokenRequests('refresh_token'), 1, 'nothing is sent while nobody can look');
      unreadable = false;
      flow.clock.advance(80_000);
      await flow.stack.handlers.refresh(request);
      assert.equal(flow.tokenRequests('refresh_token'), 1);
      await assertNewestStored(flow, connectionId);
    } finally {
      await flow.close();
    }
  });
});
