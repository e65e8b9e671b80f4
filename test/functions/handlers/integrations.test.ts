import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAppCallers } from '../../../functions/core/app-callers.ts';
import { parseConfig } from '../../../functions/core/config.ts';
import type { Integration } from '../../../functions/core/integration.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { createConnectionsHandler } from '../../../functions/handlers/connections.ts';
import { anIntegration } from '../../contract/items.ts';
import { memoryPorts, orgA, storedConnection, userA } from '../../support/memory-ports.ts';
import { type EventOptions, httpEvent, lambdaContext } from '../runtime/lambda-event.ts';

const account = '111122223333';
const limits = [{ account, role: 'Sales', apps: { read: ['crm'], connect: ['crm'], admin: ['crm'] } }];
const appCallers = createAppCallers(JSON.stringify(limits));
const config = parseConfig(
  { apps: { crm: { clientId: 'c' }, erp: { clientId: 'e' }, wms: { clientId: 'w' } } },
  'test',
);

async function setUp(change: Partial<Integration> = {}, overrides: Partial<Ports> = {}) {
  const ports = memoryPorts({ config, ...overrides });
  const { connection } = await storedConnection(ports);
  await ports.store.inner.addUse(connection.id, { tenant: 'acme', integration: 'sync' });
  const item = anIntegration('acme', 'sync', { connectionId: connection.id, configuration: '{"pass":"p"}', ...change });
  await ports.store.inner.integrations.create(item);
  const handler = createConnectionsHandler(ports);
  const ask = async (method: string, path: string, more: Partial<EventOptions> & { role?: string } = {}) => {
    const { role, ...rest } = more;
    const event = httpEvent({ method, path, ...rest });
    if (role !== undefined) {
      const userArn = `arn:aws:sts::${account}:assumed-role/${role}/s`;
      Object.assign(event.requestContext, { authorizer: { iam: { accountId: account, userArn } } });
    }
    const { statusCode, body, headers } = await handler(event, lambdaContext());
    return { status: statusCode, body: body ? JSON.parse(body) : undefined, headers };
  };
  const put = (configuration: unknown, path = '/integrations/acme/sync/configuration', role?: string) =>
    ask('PUT', path, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(configuration),
      ...(role === undefined ? {} : { role }),
    });
  const read = () => ports.store.inner.integrations.read({ tenant: 'acme', integration: 'sync' });
  return { ports, connection, ask, put, read };
}

const erp = `erp.${orgA}.${userA}`;

describe('GET /integrations/{tenant}/{integration}', () => {
  it('answers its state, and never its configuration', async () => {
    const { ask, connection, ports } = await setUp({ linkedAt: Date.UTC(2026, 10, 21, 12) });
    const { status, body } = await ask('GET', '/integrations/acme/sync');
    assert.equal(status, 200);
    assert.deepEqual(body, {
      tenant: 'acme',
      integration: 'sync',
      connection_id: connection.id,
      connection_status: 'active',
      status: 'linked',
      configuration_version: 1,
      linked_at: '2026-11-21T12:00:00.000Z',
    });
    assert.equal(ports.store.calls.get('integrations.replace'), undefined);
  });

  it('answers 404 for what never was, a tombstone, and what no integration can be called', async () => {
    const { ask } = await setUp({ status: 'unlinked' });
    for (const path of ['/integrations/acme/sync', '/integrations/acme/other', '/integrations/a%20b/sync']) {
      const { status, body } = await ask('GET', path);
      assert.deepEqual([status, body.code], [404, 'unknown_integration'], path);
    }
  });

  it('takes no query', async () => {
    const { ask } = await setUp();
    assert.deepEqual((await ask('GET', '/integrations/acme/sync', { query: 'tenant=x' })).body.field, 'query.tenant');
  });
});

describe('DELETE /integrations/{tenant}/{integration}', () => {
  it('answers 204, also when repeated, and 404 for what never was', async () => {
    const { ask, read } = await setUp();
    assert.equal((await ask('DELETE', '/integrations/acme/sync')).status, 204);
    assert.equal((await read())?.status, 'unlinked');
    assert.equal((await ask('DELETE', '/integrations/acme/sync')).status, 204);
    assert.equal((await ask('DELETE', '/integrations/acme/other')).status, 404);
    assert.equal((await ask('DELETE', '/integrations/a%2Fb/other')).status, 404);
  });
});

describe('PUT /integrations/{tenant}/{integration}/configuration', () => {
  it('answers 202 with the version whose step runs', async () => {
    const { put, read, ports } = await setUp();
    const { status, body } = await put({ configuration: { a: [1, null] } });
    assert.deepEqual([status, body], [202, { configuration_version: 2 }]);
    assert.equal((await read())?.configuration, '{"a":[1,null]}');
    assert.equal(ports.configurationRequests.length, 1);
  });

  it('takes any JSON value, null too, and refuses a body without one', async () => {
    const { put, read } = await setUp();
    assert.equal((await put({ configuration: null })).status, 202);
    assert.equal((await read())?.configuration, 'null');
    for (const body of [{}, { configuration: 1, more: 2 }, []]) {
      const answer = await put(body);
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request'], JSON.stringify(body));
    }
    assert.match((await put({})).body.detail, /^configuration is missing: any JSON value, null too/);
    assert.equal((await read())?.configurationVersion, 2);
  });

  it('takes 16 KB as JSON and no byte more', async () => {
    const { put, read } = await setUp();
    assert.equal((await put({ configuration: 'x'.repeat(16_384 - 2) })).status, 202);
    const { status, body } = await put({ configuration: 'x'.repeat(16_384 - 1) });
    assert.deepEqual([status, body.code, body.field], [413, 'too_large', 'configuration']);
    assert.match(body.detail, /16384 bytes.*it has 16385/);
    assert.equal((await read())?.configurationVersion, 2);
  });

  it('answers 404 for what is not there', async () => {
    const { put } = await setUp();
    assert.equal((await put({ configuration: 1 }, '/integrations/acme/other/configuration')).status, 404);
  });

  it('says that a queue did not take it, and when to repeat', async () => {
    const { put } = await setUp({}, { configurationQueue: { send: () => Promise.reject(new Error('down')) } });
    const { status, body, headers } = await put({ configuration: 1 });
    assert.deepEqual([status, body.code], [503, 'store_unavailable']);
    assert.equal(headers?.['retry-after'], '5');
  });
});

describe('a caller that is limited to some apps', () => {
  it('is refused integrations on connections of others, and nothing is changed', async () => {
    const { ask, put, read } = await setUp({ connectionId: erp }, { appCallers });
    for (const refused of [
      await ask('GET', '/integrations/acme/sync', { role: 'Sales' }),
      await ask('DELETE', '/integrations/acme/sync', { role: 'Sales' }),
      await put({ configuration: 1 }, undefined, 'Sales'),
    ]) {
      assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden']);
    }
    assert.deepEqual([(await read())?.status, (await read())?.configurationVersion], ['linked', 1]);
    assert.equal((await ask('GET', '/integrations/acme/sync', { role: 'Other' })).status, 200);
  });

  it('may act on those of its own', async () => {
    const { ask, put } = await setUp({}, { appCallers });
    assert.equal((await ask('GET', '/integrations/acme/sync', { role: 'Sales' })).status, 200);
    assert.equal((await put({ configuration: 1 }, undefined, 'Sales')).status, 202);
    assert.equal((await ask('DELETE', '/integrations/acme/sync', { role: 'Sales' })).status, 204);
  });
});
