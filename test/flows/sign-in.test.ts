import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ports } from '../../functions/core/ports.ts';
import { type Flow, org, otherOrg, startFlow, user } from '../support/flow.ts';

async function withFlow(run: (flow: Flow) => Promise<void>, change?: (ports: Ports) => Ports): Promise<void> {
  const flow = await startFlow(change === undefined ? {} : { change });
  try {
    await run(flow);
  } finally {
    await flow.close();
  }
}

const signIn = (flow: Flow, more: Record<string, unknown> = {}) =>
  flow.connect({ app: 'crm-login', integration: 'login', ...more });

/** Grants of the app that nobody has ended, access tokens that still work among them. */
const open = (flow: Flow) =>
  flow.simulator.books.grants({ clientId: 'local-login-client' }).filter((one) => one.endedBy === undefined).length;

describe('a sign-in app', () => {
  it('tells who the user is, and keeps no token', () =>
    withFlow(async (flow) => {
      const { session } = await signIn(flow);
      assert.equal(session.status, 'signed_in');
      assert.deepEqual(session.identity, {
        org_id: org.id,
        user_id: org.users[0]?.id,
        username: user,
        display_name: org.users[0]?.name,
        email: user,
      });
      assert.deepEqual((await flow.api('GET', '/connections?app=crm-login')).body.connections, []);
      assert.equal(flow.simulator.books.revocations().length, 1);
      assert.equal(open(flow), 0);
    }));

  it('revokes also what maintain has to revoke for it', () =>
    withFlow(async (flow) => {
      flow.simulator.switches.nextErrors = [
        { endpoint: 'revoke', error: 'server_error', error_description: '', status: 500 },
      ];
      await signIn(flow);
      assert.equal(open(flow), 1);
      flow.clock.advance(3 * 60_000);
      await flow.stack.tick();
      assert.equal(open(flow), 0);
    }));

  it('signs in where the identity URL does not answer, by ids alone', () =>
    withFlow(async (flow) => {
      flow.simulator.switches.nextErrors = [
        { endpoint: 'identity', error: 'Internal Error', error_description: '', status: 404 },
      ];
      const { session } = await signIn(flow);
      assert.deepEqual(session.identity, { org_id: org.id, user_id: org.users[0]?.id });
    }));

  it('refuses another org than the expected one', () =>
    withFlow(async (flow) => {
      const { session } = await signIn(flow, { expected_org_id: otherOrg.id });
      assert.deepEqual([session.status, session.error.code, session.identity], ['failed', 'wrong_org', undefined]);
      assert.equal(open(flow), 0);
    }));

  it('shows the identity only to the service that claims, where the app wants a claim', () =>
    withFlow(
      async (flow) => {
        const { sessionId, callback, session } = await signIn(flow, { return_to: 'http://127.0.0.1:9/back' });
        assert.deepEqual([session.status, session.identity], ['authorized', undefined]);
        const value = new URL(callback.headers.get('location') ?? '').searchParams.get('claim');
        const path = `/connect-sessions/${sessionId}/claim`;
        assert.equal((await flow.api('POST', path, { claim: 'guess' })).status, 400);
        const claimed = await flow.api('POST', path, { claim: value });
        assert.deepEqual([claimed.body.status, claimed.body.identity.username], ['signed_in', user]);
      },
      (ports) => ({
        ...ports,
        config: {
          ...ports.config,
          apps: { 'crm-login': { ...ports.config.apps['crm-login']!, claim: true } },
        },
      }),
    ));

  for (const field of ['connection_id', 'configuration', 'reauthorize']) {
    it(`takes no ${field}`, () =>
      withFlow(async (flow) => {
        const value = field === 'reauthorize' ? true : 'x';
        const order = { app: 'crm-login', tenant: 'acme', integration: 'login', [field]: value };
        const answer = await flow.api('POST', '/connect-sessions', order);
        assert.deepEqual([answer.status, answer.body.field], [400, field]);
      }));
  }
});
