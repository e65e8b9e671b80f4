/** What `data-keys` acts on: a table of this environment's account and region, and its KMS. */
import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { createDynamoClient } from '../functions/adapters/dynamodb/client.ts';
import { itemOf } from '../functions/adapters/dynamodb/collection.ts';
import { createDataKeyRecords, type DataKeyRecords } from '../functions/adapters/dynamodb/data-key-records.ts';
import { connectionKind } from '../functions/adapters/dynamodb/kinds.ts';
import { createDynamoStore } from '../functions/adapters/dynamodb/store.ts';
import { createJoseSealer } from '../functions/adapters/jose-sealer.ts';
import { createKmsClient, createKmsKeyWrapper } from '../functions/adapters/kms-key-wrapper.ts';
import { createSystemRandom } from '../functions/adapters/system-random.ts';
import type { Connection } from '../functions/core/connection.ts';
import type { Collection, KeyWrapper, Random, Sealer } from '../functions/core/ports.ts';
import type { DataKeysOptions } from './data-keys-line.ts';

export interface DataKeysWorld {
  readonly records: DataKeyRecords;
  readonly connections: Collection<string, Connection>;
  /** Of one org, as strongly consistent reads. Throws `UnreadableItemError`. */
  connectionsOf(orgId: string): Promise<readonly Connection[]>;
  readonly keys: Pick<KeyWrapper, 'generateDataKey'>;
  readonly sealer: Pick<Sealer, 'keyIdOf'>;
  readonly random: Random;
  now(): number;
}

export function dataKeysWorld(
  { table, kmsKey }: Pick<DataKeysOptions, 'table' | 'kmsKey'>,
  client: DynamoDBDocumentClient = createDynamoClient({ maxAttempts: 10, requestTimeoutMs: 10_000 }),
): DataKeysWorld {
  return {
    records: createDataKeyRecords(client, table),
    connections: createDynamoStore({ client, tableName: table }).connections,
    connectionsOf: (orgId) => scanned(client, table, orgId),
    // Of `rotate` only, which has it.
    keys: createKmsKeyWrapper({ client: createKmsClient(), keyId: kmsKey ?? '' }),
    sealer: createJoseSealer(),
    random: createSystemRandom(),
    now: Date.now,
  };
}

/** A page is 1 MB of table at most: this is 200 GB. */
const pagesAtMost = 200_000;

/** By a scan, for it finds those of an app that the configuration has no more. */
async function scanned(client: DynamoDBDocumentClient, TableName: string, orgId: string): Promise<Connection[]> {
  const found: Connection[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  for (let pages = 0; pages < pagesAtMost; pages += 1) {
    const page = await client.send(
      new ScanCommand({
        TableName,
        ConsistentRead: true,
        FilterExpression: 'begins_with(pk, :of) AND sk = :kind AND orgId = :org',
        ExpressionAttributeValues: { ':of': 'C#', ':kind': 'C', ':org': orgId },
        ExclusiveStartKey,
      }),
    );
    found.push(...(page.Items ?? []).map((stored) => itemOf(connectionKind, stored)));
    ExclusiveStartKey = page.LastEvaluatedKey;
    if (ExclusiveStartKey === undefined) return found;
  }
  throw new Error(`${TableName} has more than ${pagesAtMost} pages.`);
}
