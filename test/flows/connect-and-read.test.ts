import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Flow, org, startFlow, worksAtSalesforce } from '../support/flow.ts';

const hourMs = 3_600_000;

describe('from the connect link to a token that works', () => {
  let flow: Flow;
  beforeEach(async () => {
    flow = await startFlow();
  });
  afterEach(() => flow.close());

  it('connects a user once and hands out a token that works', async () => {
    const { session, connectionId, callback } = await flow.connect();
    assert.equal(callback.status, 200);
    assert.match(callback.text, /Salesforce is connected/);
    assert.equal(session.status, 'connected');
    const token = await flow.token(connectionId);
    assert.equal(token.status, 200);
    assert.ok(await worksAtSalesforce(token));
    const shown = await flow.api('GET', `/connections/${connectionId}`);
    assert.equal(shown.body.status, 'active');
    assert.equal(shown.body.org_id, org.id);
    assert.deepEqual(shown.body.integrations, [
      { tenant: 'acme', integration: 'sync', status: 'linked', configuration_version: 1 },
    ]);
    await flow.stack.tick();
    const [integration] = (await flow.api('GET', `/connections/${connectionId}`)).body.integrations;
    assert.equal(integration.status, 'configured');
    assert.equal(flow.simulator.books.liveGrants().length, 1);
  });

  it('sends the browser back to return_to with the outcome, and to nowhere else', async () => {
    const allowed = await flow.connect({ return_to: 'http://127.0.0.1:9/done?x=1' });
    assert.equal(allowed.callback.status, 303);
    const location = new URL(allowed.callback.headers.get('location') ?? '');
    assert.equal(location.origin + location.pathname, 'http://127.0.0.1:9/done');
    assert.equal(location.searchParams.get('x'), '1');
    assert.equal(location.searchParams.get('connect_session'), allowed.sessionId);
    assert.equal(location.searchParams.get('status'), 'connected');
    for (const return_to of ['https://evil.example/done', 'http://127.0.0.1.evil.example/', 'javascript:alert(1)']) {
      const order = { app: 'crm', tenant: 'acme', integration: 'x', return_to };
      const refused = await flow.api('POST', '/connect-sessions', order);
      assert.equal(refused.status, 400);
      assert.equal(refused.body.field, 'return_to');
    }
  });

  it('asks for no second authorization while the integration is connected, unless asked to', async () => {
    const { connectionId } = await flow.connect();
    const again = await flow.api('POST', '/connect-sessions', { app: 'crm', tenant: 'acme', integration: 'sync' });
    assert.equal(again.status, 200);
    assert.deepEqual(again.body, { status: 'connected', connection_id: connectionId });
    const order = { app: 'crm', tenant: 'acme', integration: 'sync', reauthorize: true };
    assert.equal((await flow.api('POST', '/connect-sessions', order)).status, 201);
  });

  it('shares a connection between integrations of a tenant by connection_id, and not with another tenant', async () => {
    const { connectionId } = await flow.connect();
    const order = { app: 'crm', integration: 'second', connection_id: connectionId };
    const shared = await flow.api('POST', '/connect-sessions', { ...order, tenant: 'acme' });
    assert.equal(shared.status, 200);
    const foreign = await flow.api('POST', '/connect-sessions', { ...order, tenant: 'other' });
    assert.equal(foreign.status, 404);
    assert.equal(foreign.body.code, 'unknown_connection');
    const shown = await flow.api('GET', `/connections/${connectionId}`);
    assert.deepEqual(
      shown.body.integrations.map((one: { integration: string }) => one.integration),
      ['second', 'sync'],
    );
    assert.equal(flow.simulator.books.grants().length, 1);
  });

  it('answers 404 for a tenant that has no integration on the connection', async () => {
    const { connectionId } = await flow.connect();
    for (const path of [`/connections/${connectionId}`, `/connections/${connectionId}/token`]) {
      assert.equal((await flow.api('GET', `${path}?tenant=acme`)).status, 200);
      const foreign = await flow.api('GET', `${path}?tenant=acme2`);
      assert.equal(foreign.status, 404);
      assert.equal(foreign.body.code, 'unknown_connection');
    }
  });

  it('reads a live token without a call to Salesforce', async () => {
    const { connectionId } = await flow.connect();
    await flow.token(connectionId);
    const before = flow.simulator.books.requests().length;
    for (let reads = 0; reads < 5; reads += 1) await flow.token(connectionId);
    assert.equal(flow.simulator.books.requests().length, before);
  });

  it('learns the session length by introspection, once per grant', async () => {
    flow.simulator.switches.sessionMinutes = 15;
    const { connectionId } = await flow.connect();
    const { body } = await flow.token(connectionId);
    const lifetimeMs = Date.parse(body.expires_at) - Date.parse(body.issued_at);
    assert.equal(lifetimeMs, 15 * 60_000);
    flow.clock.advance(16 * 60_000);
    assert.equal((await flow.token(connectionId)).status, 200);
    assert.equal(flow.simulator.books.requests({ endpoint: 'introspect' }).length, 1);
  });

  it('assumes two hours where introspection is off', async () => {
    flow.simulator.switches.introspection = 'off';
    flow.simulator.switches.sessionMinutes = 15;
    const { connectionId } = await flow.connect();
    const { body } = await flow.token(connectionId);
    assert.equal(Date.parse(body.expires_at) - Date.parse(body.issued_at), 2 * hourMs);
  });

  it('refreshes on the schedule what is in use, and keeps the new token', async () => {
    const { connectionId } = await flow.connect();
    const first = await flow.token(connectionId);
    flow.clock.advance(1.5 * hourMs);
    await flow.stack.tick();
    assert.equal(flow.tokenRequests('refresh_token'), 1);
    const second = await flow.token(connectionId);
    assert.notEqual(second.body.access_token, first.body.access_token);
    assert.ok(await worksAtSalesforce(second));
    await flow.stack.tick();
    assert.equal(flow.tokenRequests('refresh_token'), 1, 'nothing is due any more');
  });

  it('refreshes what nobody reads only once a day', async () => {
    await flow.connect();
    flow.clock.advance(2 * hourMs);
    await flow.stack.tick();
    assert.equal(flow.tokenRequests('refresh_token'), 1);
    flow.clock.advance(12 * hourMs);
    await flow.stack.tick();
    assert.equal(flow.tokenRequests('refresh_token'), 1);
    flow.clock.advance(13 * hourMs);
    await flow.stack.tick();
    assert.equal(flow.tokenRequests('refresh_token'), 2);
  });

  it('keeps the rotated refresh token of every refresh', async () => {
    flow.simulator.switches.rotation = true;
    const { connectionId } = await flow.connect();
    for (let cycle = 1; cycle <= 4; cycle += 1) {
      flow.clock.advance(2 * hourMs);
      const token = await flow.token(connectionId);
      assert.equal(token.status, 200);
      assert.ok(await worksAtSalesforce(token));
      assert.equal(flow.tokenRequests('refresh_token'), cycle);
    }
    assert.equal(flow.simulator.books.liveGrants().length, 1);
  });

  it('never serves a rejected token again, to anyone', async () => {
    const { connectionId } = await flow.connect();
    const first = await flow.token(connectionId);
    flow.simulator.expireSession(first.body.access_token);
    const rejected_token_sha256 = createHash('sha256').update(first.body.access_token).digest('hex');
    const newer = await flow.api('POST', `/connections/${connectionId}/token`, { rejected_token_sha256 });
    assert.equal(newer.status, 200);
    assert.notEqual(newer.body.access_token, first.body.access_token);
    assert.ok(await worksAtSalesforce(newer));
    const late = await flow.api('POST', `/connections/${connectionId}/token`, { rejected_token_sha256 });
    assert.equal(late.body.access_token, newer.body.access_token, 'a late rejection costs no refresh');
    assert.equal(flow.tokenRequests('refresh_token'), 1);
  });

  it('does not serve a rejected token while Salesforce is down', async () => {
    const { connectionId } = await flow.connect();
    const first = await flow.token(connectionId);
    const rejected_token_sha256 = createHash('sha256').update(first.body.access_token).digest('hex');
    flow.simulator.switches.html503 = true;
    const rejected = await flow.api('POST', `/connections/${connectionId}/token`, { rejected_token_sha256 });
    assert.equal(rejected.status, 503);
    assert.equal(rejected.body.code, 'refresh_pending');
    assert.equal((await flow.token(connectionId)).status, 503);
  });

  it('lists connections by app, org and status, page by page', async () => {
    const [first, second] = org.users;
    await flow.connect({ integration: 'a' }, first?.username);
    await flow.connect({ integration: 'b' }, second?.username);
    const page = await flow.api('GET', '/connections?limit=1');
    assert.equal(page.body.connections.length, 1);
    const rest = await flow.api('GET', `/connections?limit=1&cursor=${encodeURIComponent(page.body.next_cursor)}`);
    assert.equal(rest.body.connections.length, 1);
    assert.notEqual(rest.body.connections[0].id, page.body.connections[0].id);
    assert.equal((await flow.api('GET', `/connections?org_id=${org.id}&status=active`)).body.connections.length, 2);
    assert.equal((await flow.api('GET', '/connections?status=disconnected')).body.connections.length, 0);
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'status=alive', 'cursor=nonsense', 'colour=red']) {
      assert.equal((await flow.api('GET', `/connections?${query}`)).status, 400, query);
    }
  });
});
