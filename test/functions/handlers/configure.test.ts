import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigurationStep } from '../../../functions/core/ports.ts';
import { createConfigureHandler } from '../../../functions/handlers/configure.ts';
import { anIntegration } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { lambdaContext, sqsEvent } from '../runtime/lambda-event.ts';

const key = { tenant: 'acme', integration: 'sync' };
const request = { version: 1, ...key, configurationVersion: 1 };

async function setUp(configurationStep?: ConfigurationStep) {
  const ports = memoryPorts(configurationStep === undefined ? {} : { configurationStep });
  const { connection } = await storedConnection(ports);
  await ports.store.inner.integrations.create(anIntegration('acme', 'sync', { connectionId: connection.id }));
  const handler = createConfigureHandler(ports);
  const receive = async (...bodies: unknown[]) => {
    const texts = bodies.map((body) => JSON.stringify(body));
    const { batchItemFailures } = await ports.clock.run(handler(sqsEvent(...texts), lambdaContext()));
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { ports, receive, read: () => ports.store.inner.integrations.read(key) };
}

describe('the configure function', () => {
  it('runs what its messages ask for', async () => {
    const { ports, receive, read } = await setUp();
    assert.deepEqual(await receive(request), []);
    assert.equal((await read())?.status, 'configured');
    assert.equal(ports.configured.length, 1);
  });

  it('gives a failed message back to the queue, alone, its reason recorded without what looks like a token', async () => {
    const token = '00D5g000004aCme!AQEAQfakefakefakefakefakefake';
    const { receive, read } = await setUp({ run: () => Promise.reject(new Error(`refused ${token}`)) });
    assert.deepEqual(await receive(request, { ...request, tenant: 'nobody' }), ['message-0']);
    assert.deepEqual([(await read())?.status, (await read())?.reason], ['configuration_failed', 'refused [redacted]']);
  });

  it('takes a lasting failure as done: no try of its own would help', async () => {
    const { ports, receive, read } = await setUp();
    ports.others.token = () => ({ kind: 'problem', code: 'disconnected', detail: 'gone' });
    assert.deepEqual(await receive(request), []);
    assert.equal((await read())?.status, 'configuration_failed');
  });

  it('sets a message aside that it does not understand', async () => {
    const { ports, receive } = await setUp();
    const bad = [
      { ...request, version: 2 },
      { ...request, tenant: 'a b' },
      { ...request, integration: undefined },
      { ...request, configurationVersion: 0 },
      null,
    ];
    assert.deepEqual(
      await receive(...bad),
      bad.map((_, index) => `message-${index}`),
    );
    assert.deepEqual([ports.configured, ports.tokenReads], [[], []]);
  });
});
