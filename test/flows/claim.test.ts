import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ports } from '../../functions/core/ports.ts';
import { type Flow, otherUser, startFlow, user } from '../support/flow.ts';

const minuteMs = 60_000;
const returnTo = 'http://127.0.0.1:9/back';

/** The local stack's apps do without; deployed, claiming is the default. */
function claiming(ports: Ports): Ports {
  const apps = Object.fromEntries(
    Object.entries(ports.config.apps).map(([name, app]) => [name, { ...app, claim: true }]),
  );
  return { ...ports, config: { ...ports.config, apps } };
}

async function withFlow(run: (flow: Flow) => Promise<void>): Promise<void> {
  const flow = await startFlow({ change: claiming });
  try {
    await run(flow);
  } finally {
    await flow.close();
  }
}

/** What stands in the address that the browser was sent back to. */
function returned(callback: { headers: Headers }): URLSearchParams {
  return new URL(callback.headers.get('location') ?? '').searchParams;
}

const claim = (flow: Flow, sessionId: string, value: string) =>
  flow.api('POST', `/connect-sessions/${sessionId}/claim`, { claim: value });

describe('claiming a connect session', () => {
  it('links nothing before the service claims, and everything after', () =>
    withFlow(async (flow) => {
      const { sessionId, callback, session } = await flow.connect({ return_to: returnTo });
      const query = returned(callback);
      assert.equal(callback.status, 303);
      assert.deepEqual([query.get('connect_session'), query.get('status')], [sessionId, 'authorized']);
      assert.equal(session.status, 'authorized');
      assert.equal(session.connection_id, undefined, 'whose connection it is, is told after the claim');
      assert.equal((await flow.api('GET', '/integrations/acme/sync')).status, 404);

      const answer = await claim(flow, sessionId, query.get('claim') ?? '');
      assert.deepEqual([answer.status, answer.body.status], [200, 'connected']);
      const id = answer.body.connection_id;
      assert.equal((await flow.api('GET', `/connections/${id}/token?tenant=acme`)).status, 200);
      await flow.stack.tick();
      assert.equal((await flow.api('GET', '/integrations/acme/sync')).body.status, 'configured');
    }));

  it('takes the same claim twice, and no other', () =>
    withFlow(async (flow) => {
      const { sessionId, callback } = await flow.connect({ return_to: returnTo });
      const value = returned(callback).get('claim') ?? '';
      for (const wrong of ['x', sessionId, value.slice(1), `${value}=`]) {
        const answer = await claim(flow, sessionId, wrong);
        assert.deepEqual([answer.status, answer.body.code, answer.body.field], [400, 'invalid_request', 'claim']);
      }
      assert.equal((await flow.api('GET', `/connect-sessions/${sessionId}`)).body.status, 'authorized');
      assert.equal((await claim(flow, sessionId, value)).body.status, 'connected');
      assert.equal((await claim(flow, sessionId, value)).body.status, 'connected');
      assert.equal((await claim(flow, 'A'.repeat(43), value)).body.code, 'unknown_session');
    }));

  it('sends the bound browser back with the claim as often as it asks, until it is of no more use', () =>
    withFlow(async (flow) => {
      const order = { app: 'crm', tenant: 'acme', integration: 'sync', return_to: returnTo };
      const started = await flow.api('POST', '/connect-sessions', order);
      const person = flow.browser();
      const login = await person.open(started.body.connect_url);
      const address = flow.simulator.authorize(login, { username: user, decision: 'allow' });
      const first = returned(await person.get(address));
      const again = returned(await person.get(address));
      assert.equal(again.get('claim'), first.get('claim'));
      assert.equal(flow.tokenRequests('authorization_code'), 1, 'nothing is spent by it');
      await claim(flow, started.body.session_id, first.get('claim') ?? '');
      const after = returned(await person.get(address));
      assert.deepEqual([after.get('status'), after.has('claim')], ['connected', false]);
      const stranger = await flow.browser().get(address);
      assert.equal(stranger.status, 403);
      assert.ok(!stranger.text.includes(first.get('claim') ?? ''));
    }));

  it('stops the link that was mailed to a victim', () =>
    withFlow(async (flow) => {
      // The attacker is a customer too: he asks the product for a link, opens it himself, and mails it to the victim.
      const order = { app: 'crm', tenant: 'mallory', integration: 'theft', return_to: returnTo };
      const started = await flow.api('POST', '/connect-sessions', order);
      const sessionId = started.body.session_id;
      const attacker = flow.browser();
      await attacker.open(started.body.connect_url);
      const victim = flow.browser();
      const login = await victim.open(started.body.connect_url);
      const callback = await victim.get(flow.simulator.authorize(login, { username: user, decision: 'allow' }));
      // The victim comes back to the product, where nobody or somebody else is logged in: the product does not claim.
      assert.equal(returned(callback).get('status'), 'authorized');

      const [connection] = (await flow.api('GET', '/connections?app=crm')).body.connections;
      const asAttacker = () => flow.api('GET', `/connections/${connection.id}/token?tenant=mallory`);
      assert.equal((await asAttacker()).status, 404);
      const seen = await flow.api('GET', `/connect-sessions/${sessionId}`);
      assert.equal(seen.body.connection_id, undefined);
      const linkSecret = new URL(started.body.connect_url).pathname.split('/').at(-1) ?? '';
      for (const guess of [linkSecret, sessionId]) {
        assert.equal((await claim(flow, sessionId, guess)).status, 400);
      }

      flow.clock.advance(16 * minuteMs);
      await flow.stack.tick();
      const ended = (await flow.api('GET', `/connect-sessions/${sessionId}`)).body;
      assert.deepEqual([ended.status, ended.error.code], ['failed', 'unclaimed']);
      assert.equal((await asAttacker()).status, 404);
      assert.equal((await flow.api('GET', '/integrations/mallory/theft')).status, 404);
      await flow.stack.tick();
      assert.equal(flow.simulator.books.liveGrants().length, 0, 'what nobody claimed is revoked');
      assert.equal((await flow.api('GET', `/connections/${connection.id}`)).body.status, 'disconnected');
    }));

  it('does not take the victim’s own connection away with it', () =>
    withFlow(async (flow) => {
      const own = await flow.connect({ tenant: 'victim', return_to: returnTo });
      const mine = await claim(flow, own.sessionId, returned(own.callback).get('claim') ?? '');
      const id = mine.body.connection_id;
      await flow.connect({ tenant: 'mallory', return_to: returnTo });
      flow.clock.advance(16 * minuteMs);
      await flow.stack.tick();
      await flow.stack.tick();
      const shown = (await flow.api('GET', `/connections/${id}?tenant=victim`)).body;
      assert.equal(shown.status, 'active');
      assert.equal((await flow.api('GET', `/connections/${id}/token?tenant=victim`)).status, 200);
      assert.equal((await flow.api('GET', `/connections/${id}/token?tenant=mallory`)).status, 404);
      assert.equal(flow.simulator.books.liveGrants().length, 1);
    }));

  it('takes a claim until the end of the session and none after', () =>
    withFlow(async (flow) => {
      const first = await flow.connect({ return_to: returnTo });
      flow.clock.advance(15 * minuteMs - 1);
      assert.equal(
        (await claim(flow, first.sessionId, returned(first.callback).get('claim') ?? '')).body.status,
        'connected',
      );
      const second = await flow.connect({ integration: 'other', return_to: returnTo }, otherUser);
      flow.clock.advance(15 * minuteMs);
      const late = await claim(flow, second.sessionId, returned(second.callback).get('claim') ?? '');
      assert.deepEqual([late.status, late.body.status, late.body.error.code], [200, 'failed', 'unclaimed']);
    }));

  it('asks for return_to, for the claim comes back by it', () =>
    withFlow(async (flow) => {
      const order = { app: 'crm', tenant: 'acme', integration: 'sync' };
      const answer = await flow.api('POST', '/connect-sessions', order);
      assert.deepEqual([answer.status, answer.body.code, answer.body.field], [400, 'invalid_request', 'return_to']);
      assert.match(answer.body.detail, /apps\.crm\.claim/);
    }));

  it('says of a session that was overtaken by a newer one that its authorization is not used', () =>
    withFlow(async (flow) => {
      const first = await flow.connect({ return_to: returnTo });
      flow.clock.advance(1_000);
      const second = await flow.connect({ return_to: returnTo }, otherUser);
      const newer = await claim(flow, second.sessionId, returned(second.callback).get('claim') ?? '');
      assert.equal(newer.body.status, 'connected');
      const older = await claim(flow, first.sessionId, returned(first.callback).get('claim') ?? '');
      assert.deepEqual(
        [older.body.status, older.body.error.code, older.body.connection_id],
        ['failed', 'overtaken', undefined],
      );
      assert.equal((await flow.api('GET', '/integrations/acme/sync')).body.connection_id, newer.body.connection_id);
      await flow.stack.tick();
      assert.equal(flow.simulator.books.liveGrants().length, 1, 'what is not used is given back');
    }));

  it('links nothing that was unlinked while its session waited for the claim', () =>
    withFlow(async (flow) => {
      const own = await flow.connect({ return_to: returnTo });
      await claim(flow, own.sessionId, returned(own.callback).get('claim') ?? '');
      const again = await flow.connect({ return_to: returnTo, reauthorize: true });
      flow.clock.advance(1_000);
      assert.equal((await flow.api('DELETE', '/integrations/acme/sync')).status, 204);
      const late = await claim(flow, again.sessionId, returned(again.callback).get('claim') ?? '');
      assert.deepEqual([late.body.status, late.body.error.code], ['failed', 'overtaken']);
      assert.equal((await flow.api('GET', '/integrations/acme/sync')).status, 404);
    }));
});
