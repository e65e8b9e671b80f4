import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Integration } from '../../../functions/core/integration.ts';
import { reconfigureIntegration } from '../../../functions/flows/reconfigure-integration.ts';
import { showIntegration } from '../../../functions/flows/show-integration.ts';
import { anIntegration } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';

const key = { tenant: 'acme', integration: 'sync' };
const anybody = () => undefined;

async function setUp(change: Partial<Integration> = {}) {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports);
  const item = anIntegration('acme', 'sync', { connectionId: connection.id, ...change });
  await ports.store.inner.integrations.create(item);
  return { ports, connection, item, read: () => ports.store.inner.integrations.read(key) };
}

test('a new configuration is a new version, stored before its step is asked for', async () => {
  const { ports, read } = await setUp({ status: 'configuration_failed', reason: 'why', configuredAt: 1 });
  const storedThen: (number | undefined)[] = [];
  const configurationQueue = {
    send: async () => void storedThen.push((await read())?.configurationVersion),
  };
  const result = await reconfigureIntegration({ ...ports, configurationQueue }, key, '{"a":2}', anybody);
  assert.deepEqual(result, { kind: 'queued', version: 2 });
  assert.deepEqual(storedThen, [2]);
  const after = await read();
  assert.deepEqual(
    [after?.status, after?.reason, after?.configuredAt, after?.configuration],
    ['linked', undefined, undefined, '{"a":2}'],
  );
});

test('its step is asked for by that version', async () => {
  const { ports } = await setUp();
  await reconfigureIntegration(ports, key, 'null', anybody);
  assert.deepEqual(ports.configurationRequests, [{ version: 1, ...key, configurationVersion: 2 }]);
});

test('without a configuration it is run once more with what it has', async () => {
  const { ports, read } = await setUp({ configuration: '{"a":1}' });
  await reconfigureIntegration(ports, key, undefined, anybody);
  assert.deepEqual([(await read())?.configuration, (await read())?.configurationVersion], ['{"a":1}', 2]);
});

test('what is not there, or was unlinked, is unknown, and nothing is asked for', async () => {
  const ports = memoryPorts();
  assert.deepEqual(await reconfigureIntegration(ports, key, '1', anybody), { kind: 'unknown' });
  const gone = await setUp({ status: 'unlinked' });
  assert.deepEqual(await reconfigureIntegration(gone.ports, key, '1', anybody), { kind: 'unknown' });
  assert.deepEqual(await gone.read(), gone.item);
  assert.deepEqual([ports.configurationRequests, gone.ports.configurationRequests], [[], []]);
});

test('a caller that may not act on its app changes nothing', async () => {
  const { ports, read, item, connection } = await setUp();
  const problem = { code: 'forbidden', detail: 'not yours' } as const;
  const asked: string[] = [];
  const result = await reconfigureIntegration(ports, key, '1', (id) => {
    asked.push(id);
    return problem;
  });
  assert.deepEqual([result, asked], [{ kind: 'refused', problem }, [connection.id]]);
  assert.deepEqual([await read(), ports.configurationRequests], [item, []]);
});

test('a queue that does not take it is said, with what to do', async () => {
  const { ports, read } = await setUp();
  const configurationQueue = { send: () => Promise.reject(new Error('down')) };
  const result = await reconfigureIntegration({ ...ports, configurationQueue }, key, '1', anybody);
  assert.ok(result.kind === 'refused');
  assert.equal(result.problem.code, 'store_unavailable');
  assert.match(result.problem.detail, /version 2.*repeat the request/);
  assert.equal((await read())?.configurationVersion, 2);
});

test('an integration is shown with its connection; a tombstone and what never was are not', async () => {
  const { ports, connection, item } = await setUp();
  assert.deepEqual(await showIntegration(ports, key), { integration: item, connection });
  assert.equal(await showIntegration(ports, { ...key, tenant: 'other' }), undefined);
  const gone = await setUp({ status: 'unlinked' });
  assert.equal(await showIntegration(gone.ports, key), undefined);
});
