/** What `adopt-restore` acts on: the tables of this environment's account and region, with patience for a full table. */
import { setTimeout } from 'node:timers/promises';
import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { createDynamoClient } from '../functions/adapters/dynamodb/client.ts';
import { itemOf } from '../functions/adapters/dynamodb/collection.ts';
import { connectionKind } from '../functions/adapters/dynamodb/kinds.ts';
import { createDynamoStore } from '../functions/adapters/dynamodb/store.ts';
import { createTableRecords } from '../functions/adapters/dynamodb/table-records.ts';
import type { Connection } from '../functions/core/connection.ts';
import type { Ledger } from '../functions/core/ledger.ts';
import type { Collection } from '../functions/core/ports.ts';
import type { TableRecords } from '../functions/core/table-identity.ts';

export interface AdoptionTable {
  readonly name: string;
  readonly records: TableRecords;
  readonly connections: Collection<string, Connection>;
  readonly ledgers: Collection<string, Ledger>;
  /** All of them, page by page, as strongly consistent reads. Throws `UnreadableItemError`. */
  pages(): AsyncIterable<readonly Connection[]>;
}

export interface AdoptionWorld {
  table(name: string): AdoptionTable;
  now(): number;
  wait(ms: number): Promise<void>;
  /** Told while it runs. */
  say(line: string): void;
}

export function adoptionWorld(
  client: DynamoDBDocumentClient = createDynamoClient({ maxAttempts: 10, requestTimeoutMs: 10_000 }),
): AdoptionWorld {
  return {
    table(name) {
      const { connections, ledgers } = createDynamoStore({ client, tableName: name });
      const records = createTableRecords(client, name);
      return { name, records, connections, ledgers, pages: () => pagesOf(client, name) };
    },
    now: Date.now,
    wait: async (ms) => void (await setTimeout(ms)),
    say: (line) => void process.stderr.write(`${line}\n`),
  };
}

/** A page is 1 MB of table at most: this is 200 GB. */
const pagesAtMost = 200_000;

async function* pagesOf(client: DynamoDBDocumentClient, tableName: string): AsyncIterable<readonly Connection[]> {
  let cursor: Record<string, unknown> | undefined;
  for (let pages = 0; pages < pagesAtMost; pages += 1) {
    const page = await client.send(
      new ScanCommand({
        TableName: tableName,
        ConsistentRead: true,
        FilterExpression: 'begins_with(pk, :of) AND sk = :kind',
        ExpressionAttributeValues: { ':of': 'C#', ':kind': 'C' },
        ExclusiveStartKey: cursor,
      }),
    );
    yield (page.Items ?? []).map((stored) => itemOf(connectionKind, stored));
    cursor = page.LastEvaluatedKey;
    if (cursor === undefined) return;
  }
  throw new Error(`${tableName} has more than ${pagesAtMost} pages.`);
}
