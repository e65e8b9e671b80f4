import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createDynamoClient } from '../../../../functions/adapters/dynamodb/client.ts';
import { createDynamoStore } from '../../../../functions/adapters/dynamodb/store.ts';
import { StoreUnavailableError } from '../../../../functions/core/errors.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

describe('the DynamoDB client', () => {
  let requests = 0;
  let answers = false;
  const server = createServer((_, response) => {
    requests += 1;
    if (answers) response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
  });
  let endpoint: string;
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    requests = 0;
  });

  it('gives up after bounded tries of bounded time where the engine never answers', { timeout: 20_000 }, async () => {
    answers = false;
    const client = createDynamoClient({ endpoint, region: 'us-east-1', credentials, requestTimeoutMs: 20 });
    await assert.rejects(createDynamoStore({ client, tableName: 'grants' }).connections.read('x'), (error: unknown) => {
      assert.ok(error instanceof StoreUnavailableError && /TimeoutError/.test(error.message));
      // Counted by the SDK: on a busy machine a try may time out before its request reaches the server.
      const { $metadata } = error.cause as { $metadata: { attempts: number } };
      assert.equal($metadata.attempts, 3);
      return true;
    });
    client.destroy();
  });

  it('tries once where the engine refuses for good', async () => {
    answers = true;
    const client = createDynamoClient({ endpoint, region: 'us-east-1', credentials });
    await assert.rejects(
      createDynamoStore({ client, tableName: 'grants' }).connections.read('x'),
      StoreUnavailableError,
    );
    assert.equal(requests, 1);
    client.destroy();
  });

  it('by default tries three times, with a second to connect and two to answer', async () => {
    answers = true;
    const client = createDynamoClient({ endpoint, region: 'us-east-1', credentials });
    assert.equal(await client.config.maxAttempts(), 3);
    // The handler reads its options at its first request.
    await assert.rejects(createDynamoStore({ client, tableName: 'grants' }).connections.read('x'));
    const handler = client.config.requestHandler as unknown as { httpHandlerConfigs(): Record<string, unknown> };
    const { connectionTimeout, requestTimeout, throwOnRequestTimeout } = handler.httpHandlerConfigs();
    assert.deepEqual([connectionTimeout, requestTimeout, throwOnRequestTimeout], [1000, 2000, true]);
    client.destroy();
  });
});
