/** Any DynamoDB engine on loopback as the contract's engine: each store gets a table of its own, deleted at the end. */
import { randomUUID } from 'node:crypto';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoStore } from '../../functions/adapters/dynamodb/store.ts';
import { isLoopbackHost } from '../../functions/core/hosts.ts';
import { createTable, localDynamoClient, startDynalite } from '../support/dynalite.ts';
import type { StoreEngine } from './store-contract.ts';

/** @throws Error unless `endpoint` is a plain http address on loopback: the suite makes and deletes tables */
export function endpointEngine(endpoint: string): StoreEngine {
  const url = URL.parse(endpoint);
  if (url === null || url.protocol !== 'http:' || !isLoopbackHost(url.hostname)) {
    throw new Error(
      `STORE_CONTRACT_ENDPOINT must be an http address on loopback, such as http://127.0.0.1:8000, for the suite makes and deletes tables there; got ${endpoint}`,
    );
  }
  return tablesOn(async () => ({ client: localDynamoClient(endpoint), close: async () => {} }));
}

export function dynaliteEngine(): StoreEngine {
  return tablesOn(startDynalite);
}

interface Engine {
  readonly client: DynamoDBDocumentClient;
  close(): Promise<void>;
}

function tablesOn(begin: () => Promise<Engine>): StoreEngine {
  let engine: Engine | undefined;
  const tables: string[] = [];
  return {
    async start() {
      engine = await begin();
    },
    async makeStore(options = {}) {
      const { client } = engine!;
      const tableName = `store-contract-${randomUUID()}`;
      await createTable(client, tableName);
      tables.push(tableName);
      return createDynamoStore({ client, tableName, ...options });
    },
    async stop() {
      for (const TableName of tables) await engine?.client.send(new DeleteTableCommand({ TableName }));
      engine?.client.destroy();
      await engine?.close();
    },
  };
}
