import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Handlers } from '../../dev/local/lambda.ts';
import { createLocalHandlers } from '../../dev/local/local-handlers.ts';
import type { ConfigurationStep, Ports } from '../../functions/core/ports.ts';
import { createCallbackHandler } from '../../functions/handlers/callback.ts';
import { createRefreshHandler } from '../../functions/handlers/refresh.ts';
import { dyingAfter } from '../support/dying.ts';
import { type Flow, startFlow, user, worksAtSalesforce } from '../support/flow.ts';

const hourMs = 3_600_000;

function withHandlers(ports: Ports, changed: Record<string, unknown>): Handlers {
  return { ...createLocalHandlers(ports), ...changed } as Handlers;
}

async function walkToCallback(flow: Flow): Promise<{ sessionId: string; status: number }> {
  const started = await flow.api('POST', '/connect-sessions', { app: 'crm', tenant: 'acme', integration: 'sync' });
  const person = flow.browser();
  const login = await person.open(started.body.connect_url);
  const answer = await person.get(flow.simulator.authorize(login, { username: user, decision: 'allow' }));
  return { sessionId: started.body.session_id, status: answer.status };
}

describe('deaths', () => {
  it('links without a second authorization after the process died right behind the token write', async () => {
    const flow = await startFlow({
      createHandlers: (ports) =>
        withHandlers(ports, {
          callback: createCallbackHandler(dyingAfter(ports, (after) => after.grant !== undefined)),
        }),
    });
    try {
      const { sessionId } = await walkToCallback(flow);
      assert.equal((await flow.api('GET', `/connect-sessions/${sessionId}`)).body.status, 'exchanging');
      flow.clock.advance(61_000);
      await flow.stack.tick();
      const session = (await flow.api('GET', `/connect-sessions/${sessionId}`)).body;
      assert.equal(session.status, 'connected');
      const shown = (await flow.api('GET', `/connections/${session.connection_id}`)).body;
      assert.equal(shown.integrations[0].status, 'configured');
      assert.ok(await worksAtSalesforce(await flow.token(session.connection_id)));
      assert.equal(flow.tokenRequests('authorization_code'), 1);
    } finally {
      await flow.close();
    }
  });

  it('says lost_response for a session whose process died before the token write', async () => {
    const flow = await startFlow({
      createHandlers: (ports) => {
        const salesforce: Ports['salesforce'] = {
          ...ports.salesforce,
          async exchangeCode(...all) {
            await ports.salesforce.exchangeCode(...all);
            throw new Error('The process was killed.');
          },
        };
        return withHandlers(ports, { callback: createCallbackHandler({ ...ports, salesforce }) });
      },
    });
    try {
      const { sessionId, status } = await walkToCallback(flow);
      assert.equal(status, 500);
      flow.clock.advance(5 * 60_000);
      await flow.stack.tick();
      const session = (await flow.api('GET', `/connect-sessions/${sessionId}`)).body;
      assert.equal(session.status, 'failed');
      assert.equal(session.error.code, 'lost_response');
    } finally {
      await flow.close();
    }
  });

  it('refreshes again after a worker died with its claim, and not before its lease has ended', async () => {
    let dying = true;
    const flow = await startFlow({
      createHandlers: (ports) => {
        const healthy = createRefreshHandler(ports);
        const mortal = createRefreshHandler(dyingAfter(ports, (after) => after.grant?.lease !== undefined));
        const refresh: typeof healthy = (event, context) => (dying ? mortal : healthy)(event, context);
        return withHandlers(ports, { refresh });
      },
    });
    try {
      const { connectionId } = await flow.connect();
      flow.clock.advance(1.5 * hourMs);
      await flow.stack.tick();
      dying = false;
      assert.equal(flow.tokenRequests('refresh_token'), 0);
      await flow.stack.tick();
      assert.equal(flow.tokenRequests('refresh_token'), 0, 'the lease lives');
      flow.clock.advance(76_000);
      await flow.stack.tick();
      assert.equal(flow.tokenRequests('refresh_token'), 1);
      assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
    } finally {
      await flow.close();
    }
  });

  it('leaves the tokens alone when a configuration throws, ten times over, with one grant', async () => {
    let broken = true;
    const configurationStep: ConfigurationStep = {
      async run() {
        if (broken) throw new Error('The CRM object Widget__c is missing.');
      },
    };
    const flow = await startFlow({ change: (ports) => ({ ...ports, configurationStep }) });
    try {
      const { connectionId, session } = await flow.connect();
      assert.equal(session.status, 'connected');
      for (let tries = 0; tries < 10; tries += 1) {
        const order = { app: 'crm', tenant: 'acme', integration: 'sync', configuration: { tries } };
        assert.equal((await flow.api('POST', '/connect-sessions', order)).status, 200);
        await flow.stack.tick();
        const [integration] = (await flow.api('GET', `/connections/${connectionId}`)).body.integrations;
        assert.equal(integration.status, 'configuration_failed');
        assert.equal(integration.reason, 'The CRM object Widget__c is missing.');
        assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
      }
      broken = false;
      const order = { app: 'crm', tenant: 'acme', integration: 'sync', configuration: { mended: true } };
      await flow.api('POST', '/connect-sessions', order);
      await flow.stack.tick();
      const [integration] = (await flow.api('GET', `/connections/${connectionId}`)).body.integrations;
      assert.equal(integration.status, 'configured');
      assert.equal(flow.simulator.books.grants().length, 1);
    } finally {
      await flow.close();
    }
  });
});

describe('failures of a refresh', () => {
  it('takes an outage for an outage: the token is kept and works again afterwards', async () => {
    const flow = await startFlow();
    try {
      const { connectionId } = await flow.connect();
      flow.simulator.switches.html503 = true;
      flow.clock.advance(3 * hourMs);
      const during = await flow.token(connectionId);
      assert.equal(during.status, 200);
      assert.equal(during.body.stale, true, 'past its time, it may still live');
      assert.equal((await flow.api('GET', `/connections/${connectionId}`)).body.status, 'active');
      flow.simulator.switches.html503 = false;
      flow.clock.advance(2 * hourMs);
      const after = await flow.token(connectionId);
      assert.equal(after.status, 200);
      assert.ok(await worksAtSalesforce(after));
    } finally {
      await flow.close();
    }
  });

  it('calls a revoked grant dead only at the second sighting, and says what to do', async () => {
    const flow = await startFlow();
    try {
      const { connectionId } = await flow.connect();
      flow.simulator.revokeGrant(flow.simulator.books.liveGrants()[0]?.id ?? '');
      flow.clock.advance(3 * hourMs);
      const reading = flow.token(connectionId);
      await flow.clock.someoneWaits(5_000);
      assert.equal((await flow.api('GET', `/connections/${connectionId}`)).body.status, 'active');
      flow.clock.advance(5_000);
      const answer = await reading;
      assert.equal(answer.status, 409);
      assert.equal(answer.body.code, 'reauthorization_required');
      assert.deepEqual(answer.body.connect, {
        app: 'crm',
        tenant: 'acme',
        integration: 'sync',
        connection_id: connectionId,
      });
      assert.equal(flow.tokenRequests('refresh_token'), 2);
      await flow.stack.tick();
      assert.deepEqual(flow.stack.alerts(), [], 'for two minutes an incident of the org could tell it');
      flow.clock.advance(120_000);
      await flow.stack.tick();
      const [alert, ...more] = flow.stack.alerts();
      assert.equal(alert?.type, 'reauthorization_required');
      assert.deepEqual(alert?.connection_ids, [connectionId]);
      assert.equal(more.length, 0);
      // The body that it gives does cure it, on the same connection.
      const cured = await flow.connect(answer.body.connect);
      assert.equal(cured.connectionId, connectionId);
      assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
      await flow.stack.tick();
      assert.equal(flow.stack.alerts().at(-1)?.type, 'connection_recovered');
    } finally {
      await flow.close();
    }
  });

  it('recovers a connection whose first answer of dead was wrong', async () => {
    const flow = await startFlow();
    try {
      const { connectionId } = await flow.connect();
      const dead = {
        endpoint: 'token',
        error: 'invalid_grant',
        error_description: 'expired access/refresh token',
      } as const;
      flow.simulator.switches.nextErrors = [dead];
      flow.clock.advance(3 * hourMs);
      const reading = flow.token(connectionId);
      await flow.clock.someoneWaits(5_000);
      flow.clock.advance(5_000);
      assert.equal((await reading).status, 200);
    } finally {
      await flow.close();
    }
  });

  it('answers refresh_pending during an outage once the token cannot live any more', async () => {
    const flow = await startFlow();
    try {
      const { connectionId } = await flow.connect();
      flow.simulator.switches.html503 = true;
      flow.clock.advance(25 * hourMs);
      const dead = await flow.token(connectionId);
      assert.equal(dead.status, 503);
      assert.equal(dead.body.code, 'refresh_pending');
      assert.ok(Number(dead.headers.get('retry-after')) > 0);
    } finally {
      await flow.close();
    }
  });

  const stale = { status: 200, code: undefined };
  const admin = { status: 409, code: 'admin_action_required' };
  const operator = { status: 503, code: 'app_misconfigured' };
  const kept: [string, string, { status: number; code: string | undefined }][] = [
    ['invalid_grant', 'token request is already being processed', stale],
    ['invalid_grant', 'expired authorization code', stale],
    ['invalid_grant', 'inactive user', admin],
    ['invalid_grant', 'ip restricted', admin],
    ['invalid_grant', 'a description nobody knows', stale],
    ['invalid_client', 'invalid client credentials', operator],
    ['rate_limit_exceeded', 'login rate exceeded', stale],
    ['unknown_error', 'retry your request', stale],
    ['a_code_nobody_knows', '', stale],
  ];
  for (const [error, error_description, expected] of kept) {
    it(`keeps the token on ${error}: ${error_description}`, async () => {
      const flow = await startFlow();
      try {
        const { connectionId } = await flow.connect();
        flow.clock.advance(3 * hourMs);
        const wrong = { endpoint: 'token', error, error_description } as const;
        flow.simulator.switches.nextErrors = [wrong];
        const answer = await flow.token(connectionId);
        assert.deepEqual({ status: answer.status, code: answer.body.code }, expected, JSON.stringify(answer.body));
        if (expected === stale) assert.equal(answer.body.stale, true);
        const shown = (await flow.api('GET', `/connections/${connectionId}`)).body;
        assert.notEqual(shown.status, 'reauthorization_required');
        assert.equal(shown.last_failure.error, error);
        assert.equal(flow.tokenRequests('refresh_token'), 1, 'a connection in backoff is answered at once');
        const again = await flow.token(connectionId);
        assert.equal(again.status, expected.status);
        assert.equal(flow.tokenRequests('refresh_token'), 1);
        flow.clock.advance(2 * hourMs);
        await flow.stack.tick();
        const later = await flow.token(connectionId);
        assert.equal(later.status, 200);
        assert.equal(later.body.stale, undefined);
        assert.ok(await worksAtSalesforce(later));
      } finally {
        await flow.close();
      }
    });
  }
});
