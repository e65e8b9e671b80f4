/**
 * Somebody who may write connections, and read no token (the roles of `connect`, `connections`, `callback`), names a host
 * of their own in an item: neither we nor a service may send there what the item's seals hold.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Connection } from '../../functions/core/connection.ts';
import { type Flow, jwtOrder, startFlow } from '../support/flow.ts';

const hourMs = 3_600_000;

/** Answers nothing and remembers what it was sent. */
async function startThief() {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { heard, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

let flow: Flow;
let thief: Awaited<ReturnType<typeof startThief>>;
beforeEach(async () => {
  [flow, thief] = await Promise.all([startFlow(), startThief()]);
});
afterEach(async () => {
  thief.server.closeAllConnections();
  thief.server.close();
  await flow.close();
});

async function write(connectionId: string, change: (before: Connection) => Connection): Promise<void> {
  const { connections } = flow.stack.ports.store;
  const before = await connections.read(connectionId);
  assert.ok(before);
  const after = { ...change(before), revision: before.revision + 1, writeId: 'thief' };
  assert.equal(await connections.replace(before, after), 'written');
}

const withGrant = (change: Partial<NonNullable<Connection['grant']>>) => (before: Connection) => {
  assert.ok(before.grant);
  return { ...before, grant: { ...before.grant, ...change } };
};

describe('a connection that names a foreign login host', () => {
  it('is not refreshed there: neither its refresh token nor the client secret goes out', async () => {
    const { connectionId } = await flow.connect();
    await write(connectionId, withGrant({ loginUrl: thief.url }));
    flow.clock.advance(3 * hourMs);
    const { status, body } = await flow.token(connectionId);
    assert.deepEqual([status, body.code], [503, 'app_misconfigured']);
    assert.match(body.detail, /names the login host http:\/\/127\.0\.0\.1:\d+/);
    await flow.stack.tick();
    assert.deepEqual(thief.heard, []);
  });

  it('costs its grant nothing: named rightly again, it goes on', async () => {
    const { connectionId } = await flow.connect();
    const before = (await flow.stack.ports.store.connections.read(connectionId))?.grant?.loginUrl ?? '';
    await write(connectionId, withGrant({ loginUrl: thief.url }));
    flow.clock.advance(3 * hourMs);
    await flow.token(connectionId);
    await write(connectionId, withGrant({ loginUrl: before }));
    flow.clock.advance(10 * 60_000);
    assert.equal((await flow.token(connectionId)).status, 200);
  });

  it('logs in there neither by assertion nor as the client', async () => {
    for (const order of [jwtOrder, { app: 'crm-service' }]) {
      const { body } = await flow.introduce(order);
      await write(body.id, withGrant({ loginUrl: thief.url }));
      flow.clock.advance(3 * hourMs);
      assert.equal((await flow.token(body.id)).body.code, 'app_misconfigured', order.app);
    }
    assert.deepEqual(thief.heard, []);
  });

  it('is not revoked there', async () => {
    const { connectionId } = await flow.connect();
    await write(connectionId, withGrant({ loginUrl: thief.url }));
    assert.equal((await flow.api('DELETE', `/connections/${connectionId}`)).status, 204);
    for (let minutes = 0; minutes < 60; minutes += 20) {
      flow.clock.advance(20 * 60_000);
      await flow.stack.tick();
    }
    assert.deepEqual(thief.heard, []);
    const held = await flow.stack.ports.store.connections.read(connectionId);
    assert.ok(
      Object.values(held?.duties ?? {}).some(({ kind }) => kind === 'revoke'),
      'the duty stays open',
    );
  });
});

describe('a connection that names a foreign instance', () => {
  it('hands its token to nobody, who would take it there', async () => {
    const { connectionId } = await flow.connect();
    assert.equal((await flow.token(connectionId)).status, 200);
    await write(connectionId, withGrant({ instanceUrl: thief.url }));
    const { status, body } = await flow.token(connectionId);
    assert.deepEqual([status, body.code, body.access_token], [503, 'app_misconfigured', undefined]);
  });

  it('is not asked there by its configuration step', async () => {
    const { connectionId } = await flow.connect();
    await flow.stack.tick();
    await write(connectionId, withGrant({ instanceUrl: thief.url }));
    const put = await flow.api('PUT', '/integrations/acme/sync/configuration', { configuration: { a: 1 } });
    assert.equal(put.status, 202);
    await flow.stack.tick();
    assert.deepEqual(thief.heard, []);
  });
});

describe('a session that names a foreign login host', () => {
  it('exchanges no code there', async () => {
    const order = { app: 'crm', tenant: 'acme', integration: 'sync' };
    const started = await flow.api('POST', '/connect-sessions', order);
    const person = flow.browser();
    const login = await person.open(started.body.connect_url);
    const { sessions } = flow.stack.ports.store;
    const session = await sessions.read(started.body.session_id);
    assert.ok(session);
    const foreign = { ...session, loginUrl: thief.url, revision: session.revision + 1, writeId: 'thief' };
    assert.equal(await sessions.replace(session, foreign), 'written');
    await person.get(flow.simulator.authorize(login, { username: 'ada@acme.example', decision: 'allow' }));
    assert.deepEqual(thief.heard, []);
  });
});
