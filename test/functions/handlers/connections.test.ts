import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAppCallers } from '../../../functions/core/app-callers.ts';
import { parseConfig } from '../../../functions/core/config.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { createConnectionsHandler } from '../../../functions/handlers/connections.ts';
import { aConnection, anIntegration } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { httpEvent, lambdaContext } from '../runtime/lambda-event.ts';

const account = '111122223333';
const limits = [
  { account, role: 'Sales', apps: { read: ['crm', 'gone'], admin: ['erp'] } },
  { account, role: 'Nobody', apps: { read: [] } },
];
const appCallers = createAppCallers(JSON.stringify(limits));
const config = parseConfig({ apps: { crm: { clientId: 'c', grantLimit: 4 }, erp: { clientId: 'e' } } }, 'test');

async function setUp(tenants: readonly string[] = [], overrides: Partial<Ports> = {}) {
  const ports = memoryPorts({ config, ...overrides });
  const { connection } = await storedConnection(ports);
  for (const tenant of tenants) {
    await ports.store.inner.addUse(connection.id, { tenant, integration: 'sync' });
    await ports.store.inner.integrations.create(anIntegration(tenant, 'sync', { connectionId: connection.id }));
  }
  const handler = createConnectionsHandler(ports);
  const ask = async (method: string, path: string, query = '', role?: string) => {
    const event = httpEvent({ method, path, query });
    if (role !== undefined) {
      const userArn = `arn:aws:sts::${account}:assumed-role/${role}/s`;
      Object.assign(event.requestContext, { authorizer: { iam: { accountId: account, userArn } } });
    }
    const { statusCode, body } = await handler(event, lambdaContext());
    return { status: statusCode, body: body ? JSON.parse(body) : undefined };
  };
  const path = `/connections/${connection.id}`;
  return { ports, connection, path, ask };
}

describe('DELETE /connections/{id}', () => {
  it('is refused where another tenant uses it, whose name is not told, and goes by force', async () => {
    const { ask, path } = await setUp(['acme', 'globex']);
    const { status, body } = await ask('DELETE', path, 'tenant=acme');
    assert.deepEqual([status, body.code, body.other_tenants], [409, 'connection_shared', 1]);
    assert.doesNotMatch(JSON.stringify(body), /globex/);
    assert.equal((await ask('DELETE', path, 'tenant=acme&force=false')).status, 409);
    assert.equal((await ask('DELETE', path)).status, 409);
    assert.equal((await ask('DELETE', path, 'tenant=acme&force=true')).status, 204);
    assert.equal((await ask('GET', path)).body.status, 'disconnected');
  });

  it('goes without force where nobody else uses it', async () => {
    const { ask, path } = await setUp(['acme']);
    assert.equal((await ask('DELETE', path, 'tenant=acme')).status, 204);
    assert.equal((await ask('DELETE', path)).status, 204);
  });

  it('takes force as true or false only, and only here', async () => {
    const { ask, path } = await setUp(['acme']);
    assert.equal((await ask('DELETE', path, 'force=yes')).body.field, 'query.force');
    assert.equal((await ask('GET', path, 'force=true')).body.field, 'query.force');
    assert.equal((await ask('GET', path)).body.status, 'active');
  });
});

describe('GET /connections/{id}', () => {
  it('shows a tenant its own integrations only, and the ledger', async () => {
    const { ask, path, connection } = await setUp(['acme', 'globex']);
    const { body } = await ask('GET', path, 'tenant=acme');
    assert.deepEqual(
      body.integrations.map(({ tenant }: { tenant: string }) => tenant),
      ['acme'],
    );
    assert.deepEqual([body.grants.length, body.grants[0].id, body.grants[0].current], [1, connection.grant.id, true]);
    assert.deepEqual(body.grant_budget, { limit: 4, believed: 1 });
    assert.equal((await ask('GET', path)).body.integrations.length, 2);
  });

  it('shows no tombstone', async () => {
    const { ports, ask, path } = await setUp(['acme', 'globex']);
    const key = { tenant: 'acme', integration: 'sync' };
    const before = await ports.store.inner.integrations.read(key);
    assert.ok(before);
    const revision = before.revision + 1;
    await ports.store.inner.integrations.replace(before, { ...before, status: 'unlinked', revision });
    assert.equal((await ask('GET', path)).body.integrations.length, 1);
  });
});

describe('a caller that is limited to some apps', () => {
  it('lists those of its own, and is refused another', async () => {
    const { ports, ask, connection } = await setUp([], { appCallers });
    await ports.store.inner.connections.create(aConnection(7, { app: 'erp' }));
    const ids = async (query: string, role?: string) =>
      (await ask('GET', '/connections', query, role)).body.connections.map(({ id }: { id: string }) => id);
    assert.deepEqual(await ids('', 'Sales'), [connection.id]);
    assert.deepEqual(await ids('app=crm', 'Sales'), [connection.id]);
    assert.equal((await ids('', 'Other')).length, 2);
    assert.equal((await ask('GET', '/connections', 'app=erp', 'Sales')).status, 403);
    assert.equal((await ask('GET', '/connections', '', 'Nobody')).status, 403);
  });

  it('does not get to another app by a cursor of somebody else’s list', async () => {
    const { ports, ask } = await setUp([], { appCallers });
    await ports.store.inner.connections.create(aConnection(7, { app: 'erp' }));
    const { body } = await ask('GET', '/connections', 'limit=1', 'Other');
    assert.match(body.next_cursor, /^erp\./);
    const cursor = `limit=1&cursor=${encodeURIComponent(body.next_cursor)}`;
    assert.equal((await ask('GET', '/connections', cursor, 'Sales')).body.field, 'query.cursor');
    assert.equal((await ask('GET', '/connections', cursor, 'Other')).body.connections.length, 1);
  });

  it('is refused to show or disconnect another’s', async () => {
    const { ask, path } = await setUp([], { appCallers });
    assert.equal((await ask('DELETE', path, 'force=true', 'Sales')).status, 403);
    assert.equal((await ask('GET', path, '', 'Nobody')).status, 403);
    assert.equal((await ask('GET', path, '', 'Sales')).body.status, 'active');
  });
});
