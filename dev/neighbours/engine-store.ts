/** A store on an embedded DynamoDB engine, for one run. */
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { createDynamoStore } from '../../functions/adapters/dynamodb/store.ts';
import type { Store } from '../../functions/core/ports.ts';
import { localClientConfig } from '../local/aws-clients.ts';
import { startDynamoDbEngine } from '../local/dynamodb-engine.ts';
import { ensureTable, localTableName } from '../local/local-table.ts';

/** As many as Lambda instances would have among them; and patient, for a busy machine is no failed run. */
const sockets = 200;
const patienceMs = 20_000;

export async function withEngineStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const engine = await startDynamoDbEngine(undefined);
  const { endpoint, region, credentials } = localClientConfig(engine.url);
  const limits = { maxSockets: sockets, connectionTimeoutMs: patienceMs, requestTimeoutMs: patienceMs };
  const client = createDynamoClient({ endpoint, region, credentials, ...limits });
  try {
    await ensureTable(client, endpoint);
    return await use(createDynamoStore({ client, tableName: localTableName }));
  } finally {
    client.destroy();
    await engine.close();
  }
}
