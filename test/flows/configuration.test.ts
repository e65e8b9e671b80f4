import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ConfigurationEvent, Ports } from '../../functions/core/ports.ts';
import { type Flow, org, startFlow, user, worksAtSalesforce } from '../support/flow.ts';

const path = '/integrations/acme/sync';
/** Of the 60 s that a function has here, less what is kept to record the outcome. */
const stepTimeMs = 55_000;

describe('configuring an integration', () => {
  let flow: Flow;
  let step: (event: ConfigurationEvent) => Promise<void>;
  let events: ConfigurationEvent[];
  let dead: boolean;

  beforeEach(async () => {
    events = [];
    step = async () => undefined;
    dead = false;
    flow = await startFlow({ change: withStep });
  });
  afterEach(() => flow.close());

  /** The step of this test, in processes that may die in it: nothing that they ask of the store happens then. */
  function withStep(ports: Ports): Ports {
    const store = new Proxy(ports.store, {
      get(target, name) {
        if (name === 'integrations' && dead) throw new Error('The process was killed.');
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const configurationStep = {
      run: (event: ConfigurationEvent) => {
        events.push(event);
        return step(event);
      },
    };
    return { ...ports, store, configurationStep };
  }

  const show = async () => (await flow.api('GET', path)).body;
  const put = (configuration: unknown) => flow.api('PUT', `${path}/configuration`, { configuration });
  const person = () => {
    const [found] = org.users;
    assert.ok(found);
    return found;
  };

  it('follows the link by its queue, with the configuration of the session', async () => {
    const { connectionId } = await flow.connect({ configuration: { objects: ['Contact'] } });
    assert.deepEqual([(await show()).status, events], ['linked', []]);
    await flow.stack.tick();
    assert.deepEqual(
      events.map(({ connection_id, configuration, configuration_version }) => [
        connection_id,
        configuration,
        configuration_version,
      ]),
      [[connectionId, { objects: ['Contact'] }, 1]],
    );
    const { status, connection_status, configured_at } = await show();
    assert.deepEqual([status, connection_status], ['configured', 'active']);
    assert.equal(Date.parse(configured_at), flow.clock.now());
  });

  it('thrown, timed out and killed ten times changes no token and needs no new authorization', async () => {
    const { connectionId } = await flow.connect();
    const tokens = await heldTokens(connectionId);
    for (let tries = 0; tries < 10; tries += 1) {
      // Three tries of one message, then it is set aside, and a PUT asks for the next.
      if (tries > 0 && tries % 3 === 0) assert.equal((await put({ tries })).status, 202);
      const how = tries % 3;
      if (how === 0) {
        step = () => Promise.reject(new Error(`no such field (${tries})`));
        await flow.stack.tick();
      } else if (how === 1) {
        const begun = Promise.withResolvers<void>();
        step = () => {
          begun.resolve();
          return new Promise(() => undefined);
        };
        const ticked = flow.stack.tick();
        await begun.promise;
        flow.clock.advance(stepTimeMs);
        await ticked;
      } else {
        step = async () => {
          dead = true;
        };
        await flow.stack.tick();
        dead = false;
      }
      assert.equal(events.length, tries + 1);
      assert.equal((await show()).status, 'configuration_failed');
    }
    assert.match((await show()).reason, /no such field \(9\)/);
    assert.deepEqual(await heldTokens(connectionId), tokens);
    assert.equal(flow.tokenRequests('authorization_code'), 1);
    assert.equal(flow.simulator.books.liveGrants().length, 1);

    step = async () => undefined;
    await flow.stack.tick();
    assert.deepEqual([(await show()).status, (await show()).reason], ['configured', undefined]);
    assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
    assert.equal(flow.tokenRequests('authorization_code'), 1);
  });

  it('again by PUT runs the step with what is new, and no grant is spent', async () => {
    await flow.connect({ configuration: 1 });
    await flow.stack.tick();
    assert.deepEqual((await put({ a: 2 })).body, { configuration_version: 2 });
    assert.equal((await show()).status, 'linked');
    await flow.stack.tick();
    assert.deepEqual(
      events.map(({ configuration }) => configuration),
      [1, { a: 2 }],
    );
    assert.equal((await show()).configuration_version, 2);
    assert.equal(flow.tokenRequests('authorization_code'), 1);
  });

  it('never believes an older version: its message comes late, and does nothing', async () => {
    await flow.connect();
    await put(2);
    await flow.stack.tick();
    assert.deepEqual(
      events.map(({ configuration_version }) => configuration_version),
      [2],
    );
  });

  it('finds a deactivated user early, and says who must do what', async () => {
    const { connectionId } = await flow.connect();
    flow.simulator.books.deactivateUser(person().id, { endSessions: false });
    await flow.stack.tick();
    assert.match((await show()).reason, /^user_inactive: .*administrator/);
    assert.deepEqual(events, []);
    flow.simulator.books.reactivateUser(person().id);
    await put(1);
    await flow.stack.tick();
    assert.equal((await show()).status, 'configured');
    assert.equal((await flow.api('GET', `/connections/${connectionId}`)).body.status, 'active');
  });

  it('waits out an outage of Salesforce', async () => {
    await flow.connect();
    for (const outage of ['html503', 'maintenance'] as const) {
      flow.simulator.switches[outage] = true;
      await flow.stack.tick();
      assert.match((await show()).reason, /^salesforce_unavailable: /);
      flow.simulator.switches[outage] = false;
    }
    await flow.stack.tick();
    assert.equal((await show()).status, 'configured');
  });

  it('gets a newer token where Salesforce has ended the session', async () => {
    const { connectionId } = await flow.connect();
    flow.simulator.books.expireSession((await flow.token(connectionId)).body.access_token);
    await flow.stack.tick();
    assert.equal((await show()).status, 'configured');
    assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
  });

  it('compares the grants with Salesforce’s own list, and says where it may not', async () => {
    const { connectionId } = await flow.connect();
    const compared = async () => (await flow.api('GET', `/connections/${connectionId}`)).body.grants_at_salesforce;
    await flow.stack.tick();
    assert.deepEqual([(await compared()).listed, (await compared()).held, (await compared()).not_held], [1, 1, 0]);
    flow.simulator.switches.oauthTokenQuery = 'insufficient_access';
    await put(2);
    await flow.stack.tick();
    assert.deepEqual([(await compared()).note, (await show()).status], ['INSUFFICIENT_ACCESS', 'configured']);
  });

  async function heldTokens(connectionId: string) {
    const stored = await flow.stack.ports.store.connections.read(connectionId);
    const { id, refreshes, accessToken, refreshToken } = stored?.grant ?? {};
    assert.ok(refreshToken);
    return { id, refreshes, accessToken, refreshToken, authorizedAt: stored?.authorizedAt, status: stored?.status };
  }
});

describe('unlinking an integration', () => {
  let flow: Flow;
  beforeEach(async () => {
    flow = await startFlow();
  });
  afterEach(() => flow.close());

  it('leaves the connection to the others, and the last one disconnects it', async () => {
    const { connectionId } = await flow.connect();
    const shared = { app: 'crm', tenant: 'acme', integration: 'export', connection_id: connectionId };
    assert.equal((await flow.api('POST', '/connect-sessions', shared)).status, 200);
    assert.equal((await flow.api('DELETE', path)).status, 204);
    assert.equal((await flow.api('GET', path)).status, 404);
    assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
    assert.equal((await flow.api('DELETE', '/integrations/acme/export')).status, 204);
    assert.equal((await flow.token(connectionId)).status, 410);
    await flow.stack.tick();
    assert.equal(flow.simulator.books.liveGrants().length, 0);
    assert.equal((await flow.api('DELETE', path)).status, 204);
    assert.equal((await flow.api('DELETE', '/integrations/acme/never')).status, 404);
  });

  it('is undone by a connect that begins after it', async () => {
    const { connectionId } = await flow.connect();
    await flow.api('DELETE', path);
    flow.clock.advance(1_000);
    const again = await flow.connect();
    assert.equal(again.connectionId, connectionId);
    assert.equal((await flow.api('GET', path)).body.connection_status, 'active');
  });

  it('of one tenant takes nothing from another', async () => {
    const { connectionId } = await flow.connect();
    await flow.connect({ tenant: 'globex' }, user);
    const refused = await flow.api('DELETE', `/connections/${connectionId}?tenant=acme`);
    assert.deepEqual([refused.status, refused.body.code, refused.body.other_tenants], [409, 'connection_shared', 1]);
    assert.equal((await flow.api('DELETE', path)).status, 204);
    assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}?tenant=globex`)).status, 204);
    assert.equal((await flow.token(connectionId)).status, 410);
  });
});
