/** The port `Store` on one DynamoDB table; see `table.ts` for its schema and `collection.ts` for compare-and-set. */
import { setTimeout as waitFor } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Log, Store } from '../../core/ports.ts';
import { createCollection } from './collection.ts';
import { createCounting } from './counting.ts';
import { createDataKeys } from './data-keys.ts';
import { createDueIndexes } from './due-indexes.ts';
import {
  appKind,
  connectionKind,
  incidentKind,
  integrationKind,
  introductionKind,
  ledgerKind,
  sessionKind,
  watchKind,
} from './kinds.ts';
import { createListing } from './listing.ts';
import { defaultShards } from './table.ts';
import type { TableAccess } from './table-access.ts';
import { createUsernames } from './usernames.ts';
import { createUses } from './uses.ts';
import { createWaitingReaders } from './waiting-readers.ts';
import { createWatchListing } from './watch-listing.ts';

export interface DynamoStoreOptions {
  /** With `removeUndefinedValues`, as `createDynamoClient` makes it. */
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** Of the due and duty indexes; all releases on one table must agree. @default 16 */
  readonly shards?: number;
  /** Told of index rows that cannot be read. @default none */
  readonly log?: Pick<Log, 'warn'>;
  /** Waits between the tries of a batch read. @default a timer */
  readonly wait?: (ms: number) => Promise<void>;
}

export function createDynamoStore(options: DynamoStoreOptions): Store {
  const { client, tableName, shards = defaultShards, log = { warn: () => {} } } = options;
  const { wait = async (ms) => void (await waitFor(ms)) } = options;
  const access: TableAccess = { client, tableName, shards, log, wait };
  return {
    sessions: createCollection(access, sessionKind),
    connections: createCollection(access, connectionKind),
    integrations: createCollection(access, integrationKind),
    ledgers: createCollection(access, ledgerKind),
    introductions: createCollection(access, introductionKind),
    apps: createCollection(access, appKind),
    incidents: createCollection(access, incidentKind),
    watches: createCollection(access, watchKind),
    shards,
    ...createDueIndexes(access),
    ...createListing(access),
    ...createCounting(access),
    ...createWatchListing(access),
    ...createUses(access),
    ...createWaitingReaders(access),
    ...createUsernames(access),
    ...createDataKeys(access),
  };
}
