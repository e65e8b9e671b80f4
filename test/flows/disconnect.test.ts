import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Flow, otherUser, startFlow, worksAtSalesforce } from '../support/flow.ts';
import { slowCallback, slowMs } from '../support/slow-callback.ts';

describe('DELETE /connections/{id}', () => {
  let flow: Flow;
  beforeEach(async () => {
    flow = await startFlow();
  });
  afterEach(() => flow.close());

  it('makes the connection unreadable at once, revokes its grant, forgets its tokens, and may be repeated', async () => {
    const { connectionId } = await flow.connect();
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}`)).status, 204);
    const read = await flow.token(connectionId);
    assert.equal(read.status, 410);
    assert.equal(read.body.code, 'disconnected');
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}`)).status, 204);
    await flow.stack.tick();
    assert.equal(flow.simulator.books.liveGrants().length, 0);
    const stored = await flow.stack.ports.store.connections.read(connectionId);
    assert.deepEqual([stored?.grant, stored?.duties], [undefined, {}]);
    const shown = await flow.api('GET', `/connections/${connectionId}`);
    assert.equal(shown.body.status, 'disconnected');
  });

  it('answers 404 for an unknown connection and for a tenant without an integration on it', async () => {
    const { connectionId } = await flow.connect();
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}?tenant=other`)).status, 404);
    assert.equal((await flow.api('DELETE', `/connections/${connectionId.replace('crm.', 'crx.')}`)).status, 404);
    assert.equal((await flow.token(connectionId)).status, 200);
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}?tenant=acme`)).status, 204);
  });

  it('works while Salesforce is down, and revokes when it is back', async () => {
    const { connectionId } = await flow.connect();
    flow.simulator.switches.html503 = true;
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}`)).status, 204);
    await flow.stack.tick();
    assert.equal((await flow.token(connectionId)).status, 410);
    assert.equal(flow.simulator.books.liveGrants().length, 1);
    flow.simulator.switches.html503 = false;
    flow.clock.advance(5 * 60_000);
    await flow.stack.tick();
    assert.equal(flow.simulator.books.liveGrants().length, 0);
  });

  it('is not undone by a callback that began before it, whose grant is revoked', async () => {
    const { connectionId } = await flow.connect();
    const { sessionId, callback } = await slowCallback(flow, { reauthorize: true });
    flow.clock.advance(1_000);
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}`)).status, 204);
    flow.clock.advance(slowMs);
    await callback;
    assert.equal((await flow.token(connectionId)).status, 410);
    assert.equal((await flow.api('GET', `/connect-sessions/${sessionId}`)).body.error.code, 'disconnected');
    await flow.stack.tick();
    assert.equal(flow.simulator.books.liveGrants().length, 0);
  });

  it('repeated, holds against what began between the two as well', async () => {
    const { connectionId } = await flow.connect();
    await flow.api('DELETE', `/connections/${connectionId}`);
    flow.clock.advance(1_000);
    const { callback } = await slowCallback(flow);
    flow.clock.advance(1_000);
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}`)).status, 204);
    flow.clock.advance(slowMs);
    await callback;
    assert.equal((await flow.token(connectionId)).status, 410);
  });

  it('is undone by a connect that begins after it', async () => {
    const { connectionId } = await flow.connect();
    await flow.api('DELETE', `/connections/${connectionId}`);
    flow.clock.advance(1_000);
    const again = await flow.connect();
    assert.equal(again.connectionId, connectionId);
    assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
    await flow.stack.tick();
    assert.equal(flow.simulator.books.liveGrants().length, 1);
  });

  it('takes a rotated token that a refresh brings meanwhile into its revocation', async () => {
    flow.simulator.switches.rotation = true;
    const { connectionId } = await flow.connect({}, otherUser);
    flow.clock.advance(3 * 3_600_000);
    flow.simulator.switches.slowAfterMs = slowMs;
    const reading = flow.token(connectionId);
    await flow.clock.someoneWaits(slowMs);
    flow.simulator.switches.slowAfterMs = 0;
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}`)).status, 204);
    flow.clock.advance(slowMs);
    assert.equal((await reading).status, 503, 'the reader has waited its twenty seconds');
    assert.equal((await flow.token(connectionId)).status, 410);
    flow.clock.advance(80_000);
    await flow.stack.tick();
    assert.equal(flow.simulator.books.liveGrants().length, 0);
  });
});
