/** DynamoDB for tests: an engine in memory on a random loopback port, and stores on tables of their own. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { createDynamoStore, type DynamoStoreOptions } from '../../functions/adapters/dynamodb/store.ts';
import { createTableInput } from '../../functions/adapters/dynamodb/table.ts';
import type { Store } from '../../functions/core/ports.ts';

export interface Dynalite {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly client: DynamoDBDocumentClient;
  close(): Promise<void>;
}

export interface TestStore extends Dynalite {
  readonly store: Store;
  readonly tableName: string;
}

export async function startDynalite(): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // It throws, from an event, when a client goes away in the middle of a request: that would end the test's process.
  server.on('request', (request: IncomingMessage) => {
    request.removeAllListeners('error');
    request.on('error', () => request.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = localDynamoClient(endpoint);
  return {
    endpoint,
    client,
    async close() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An engine with one table and the store on it. */
export async function startTestStore(options: Partial<Pick<DynamoStoreOptions, 'shards'>> = {}): Promise<TestStore> {
  const engine = await startDynalite();
  const tableName = 'grantkeeper-test';
  await createTable(engine.client, tableName);
  return { ...engine, tableName, store: createDynamoStore({ client: engine.client, tableName, ...options }) };
}

/** For an engine on loopback, which wants credentials but judges none. Patient: a busy machine is no failed test. */
export function localDynamoClient(endpoint: string): DynamoDBDocumentClient {
  return createDynamoClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    connectionTimeoutMs: 20_000,
    requestTimeoutMs: 20_000,
  });
}

const readyTries = 200;
const readyPollMs = 10;

/** Resolves when the table can be used; at most some two seconds. */
export async function createTable(client: DynamoDBDocumentClient, tableName: string): Promise<void> {
  await client.send(new CreateTableCommand(createTableInput(tableName)));
  for (let tries = 0; tries < readyTries; tries += 1) {
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    if (table?.TableStatus === 'ACTIVE') return;
    await setTimeout(readyPollMs);
  }
  throw new Error(`table ${tableName} is not active after ${readyTries} looks`);
}
