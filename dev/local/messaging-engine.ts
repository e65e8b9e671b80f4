/**
 * SQS, SNS and S3 for the local stack: `fauxqs`, in memory or on disk, behind the guard.
 *
 * Its own `startFauxqs` listens on every interface, and its `buildApp` takes no data folder; so the app is built here
 * and handed the stores and the persistence that the package holds but does not export.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildAppOptions, buildApp } from 'fauxqs';
import { localRegion } from './aws-clients.ts';
import { type Listener, listen } from './listener.ts';
import { listByBytes } from './s3-listing-order.ts';

type Stores = NonNullable<BuildAppOptions['stores']>;

interface Persistence {
  readonly db: { prepare(sql: string): { run(...values: unknown[]): unknown } };
  updateMessageReady(messageId: string): void;
  load(sqs: Stores['sqsStore'], sns: Stores['snsStore'], s3: Stores['s3Store']): void;
  close(): void;
}

/** @param folder SQLite files; absent: in memory */
export async function startMessagingEngine(folder: string | undefined): Promise<Listener> {
  const stores = await createStores();
  const persistence = folder === undefined ? undefined : await attachPersistence(stores, folder);
  const app = buildApp({ logger: false, defaultRegion: localRegion, stores });
  await app.ready();
  const listener = await listen(app.server, { name: 'the SQS, SNS and S3 engine', port: 0 });
  return {
    ...listener,
    close: async () => {
      await app.close();
      await listener.close();
      persistence?.close();
    },
  };
}

async function createStores(): Promise<Stores> {
  const [{ SqsStore }, { SnsStore }, { S3Store }] = await Promise.all([
    importFile('sqs/sqsStore.js'),
    importFile('sns/snsStore.js'),
    importFile('s3/s3Store.js'),
  ]);
  const stores: Stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  listByBytes(stores.s3Store);
  return stores;
}

/** Loads what is there, then writes through. In this order: a load into attached stores would delete messages. */
async function attachPersistence(stores: Stores, folder: string): Promise<Persistence> {
  const { PersistenceManager } = await importFile('persistence.js');
  const persistence = new PersistenceManager(folder) as Persistence;
  mendMessageReady(persistence);
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  for (const queue of stores.sqsStore.allQueues()) {
    // What the last process had received and not deleted: nobody works on it any more. In memory only, before the
    // persistence is attached; the next start would do it again.
    for (const receiptHandle of [...queue.inflightMessages.keys()]) queue.changeVisibility(receiptHandle, 0);
    Object.assign(queue, { persistence });
  }
  for (const store of Object.values(stores)) Object.assign(store, { persistence });
  return persistence;
}

/**
 * A message that becomes visible again keeps its counts: the package (2.4.1) sets them to null too, which its own table
 * refuses, and the message is gone until the next start.
 */
function mendMessageReady(persistence: Persistence): void {
  const ready = persistence.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => void ready.run(messageId);
}

// biome-ignore lint/suspicious/noExplicitAny: these files of the package are reached by address, so they have no type
function importFile(path: string): Promise<any> {
  const root = dirname(fileURLToPath(import.meta.resolve('fauxqs')));
  return import(pathToFileURL(join(root, path)).href);
}
