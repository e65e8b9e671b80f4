import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Flow, org, otherUser, startFlow, user } from '../support/flow.ts';

async function withFlow(run: (flow: Flow) => Promise<void>): Promise<void> {
  const flow = await startFlow();
  try {
    await run(flow);
  } finally {
    await flow.close();
  }
}

const order = { app: 'crm', tenant: 'acme', integration: 'sync' };

describe('a reauthorization', () => {
  it('by the same user lands on the same connection, with its integrations', () =>
    withFlow(async (flow) => {
      const first = await flow.connect();
      const share = { ...order, integration: 'second', connection_id: first.connectionId };
      assert.equal((await flow.api('POST', '/connect-sessions', share)).status, 200);
      const again = await flow.connect({ reauthorize: true });
      assert.equal(again.connectionId, first.connectionId);
      const { integrations } = (await flow.api('GET', `/connections/${first.connectionId}`)).body;
      assert.deepEqual(integrations.map((one: { integration: string }) => one.integration).sort(), ['second', 'sync']);
    }));

  it('by the successor of an administrator who left moves the integration, and gives the former connection up', () =>
    withFlow(async (flow) => {
      const first = await flow.connect();
      flow.simulator.deactivateUser(org.users[0]?.id ?? '');
      const again = await flow.connect({ reauthorize: true }, otherUser);
      assert.notEqual(again.connectionId, first.connectionId);
      const moved = (await flow.api('GET', '/integrations/acme/sync')).body;
      assert.equal(moved.connection_id, again.connectionId);
      assert.equal((await flow.api('GET', `/connections/${again.connectionId}/token?tenant=acme`)).status, 200);
      assert.equal((await flow.api('GET', `/connections/${first.connectionId}/token?tenant=acme`)).status, 404);
      assert.equal((await flow.api('GET', `/connections/${first.connectionId}`)).body.status, 'disconnected');
    }));

  it('moves one integration and leaves the former connection to those that still use it', () =>
    withFlow(async (flow) => {
      const first = await flow.connect();
      await flow.api('POST', '/connect-sessions', {
        ...order,
        integration: 'second',
        connection_id: first.connectionId,
      });
      await flow.connect({ reauthorize: true }, otherUser);
      assert.equal((await flow.api('GET', `/connections/${first.connectionId}`)).body.status, 'active');
      assert.equal((await flow.token(first.connectionId)).status, 200);
    }));

  it('with connection_id expects that very user', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect();
      const { session } = await flow.connect({ connection_id: connectionId, reauthorize: true }, otherUser);
      assert.equal(session.error.code, 'wrong_user');
      assert.match(session.error.detail, new RegExp(`${org.users[1]?.id}.*expected was ${org.users[0]?.id}`));
      assert.equal(flow.simulator.books.liveGrants().length, 1, 'the surplus grant is revoked');
    }));

  it('of another org is a connection of its own, where no org is expected', () =>
    withFlow(async (flow) => {
      const first = await flow.connect();
      const second = await flow.connect({ integration: 'globex' }, 'alan@globex.example');
      assert.notEqual(first.connectionId, second.connectionId);
      for (const { connectionId } of [first, second]) {
        assert.equal((await flow.api('GET', `/connections/${connectionId}/token?tenant=acme`)).status, 200);
      }
      assert.equal(flow.simulator.books.liveGrants().length, 2);
    }));

  it('is not needed where the user is connected', () =>
    withFlow(async (flow) => {
      const { connectionId } = await flow.connect({}, user);
      const answer = await flow.api('POST', '/connect-sessions', order);
      assert.deepEqual([answer.status, answer.body.connection_id], [200, connectionId]);
      assert.equal(flow.simulator.books.authorizations(), 1);
    }));
});
