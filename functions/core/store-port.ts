/** The store: compare-and-set over items, the indexes of what is due, and the records beside connections. */
import type { IncidentAlertType } from './alert.ts';
import type { AppState } from './circuit.ts';
import type { Connection, ConnectionStatus } from './connection.ts';
import { GrantkeeperError } from './errors.ts';
import type { Generation } from './generation.ts';
import type { Incident } from './incident.ts';
import type { Integration } from './integration.ts';
import type { Introduction } from './introduction.ts';
import type { Ledger } from './ledger.ts';
import type { KeyPurpose } from './sealing-ports.ts';
import type { Session } from './session.ts';
import type { Versioned } from './versioned.ts';
import type { ReaderCounts, ReaderStep } from './waiting-readers.ts';
import type { Watch } from './watch.ts';

/** `conflict`: the item is not as the caller saw it (another revision, or it is there already, or gone). */
export type Written = 'written' | 'conflict';

/**
 * Compare-and-set over one kind of item. All reads are strongly consistent.
 *
 * A write may be applied although its answer was lost, and the SDK's retry then reports `conflict`: callers read again
 * and look for their own `writeId`. Throws `StoreUnavailableError` when the store does not answer in bounded tries; a
 * write's outcome is then unknown.
 */
export interface Collection<Key, Item extends Versioned> {
  read(key: Key): Promise<Item | undefined>;
  /** Writes `item` if none with its key is there. `item.revision` is 1. */
  create(item: Item): Promise<Written>;
  /**
   * Writes `after` over `before` if the stored revision is still `before.revision`; `after.revision` is one more.
   * Attributes that this release does not know stay as they are.
   */
  replace(before: Item, after: Item): Promise<Written>;
}

/** What the schedule needs to know of a due connection, read from the index (eventually consistent). */
export interface DueConnection {
  readonly connectionId: string;
  readonly orgId: string;
  readonly generation: Generation;
  readonly nextRefreshAt: number;
}

export interface DueDuty {
  readonly holder: 'connection' | 'session' | 'app' | 'incident' | 'watch';
  readonly id: string;
  readonly dueAt: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; absent: this was the last page. */
  readonly cursor?: string;
}

export interface ConnectionFilter {
  readonly app: string;
  readonly orgId?: string;
  readonly status?: ConnectionStatus;
}

export interface IntegrationKey {
  readonly tenant: string;
  readonly integration: string;
}

/** A data key, wrapped, of one org and purpose: put if absent, then read. */
export interface StoredDataKey {
  readonly orgId: string;
  readonly purpose: KeyPurpose;
  readonly id: string;
  readonly wrapped: string;
}

export interface ConnectionCounts {
  readonly byStatus: Readonly<Record<ConnectionStatus, number>>;
  /** False: there are more than were counted. */
  readonly complete: boolean;
}

/** A list's cursor that the store did not make. */
export class InvalidCursorError extends GrantkeeperError {
  readonly code = 'invalid_cursor';
}

export interface Store {
  readonly sessions: Collection<string, Session>;
  readonly connections: Collection<string, Connection>;
  readonly integrations: Collection<IntegrationKey, Integration>;
  /** By connection id, or by `attemptsIdOf` an integration whose user is not known yet. */
  readonly ledgers: Collection<string, Ledger>;
  /** By `introductionIdOf`. */
  readonly introductions: Collection<string, Introduction>;
  /** By the app's name. */
  readonly apps: Collection<string, AppState>;
  readonly incidents: Collection<IncidentAlertType, Incident>;

  /** By `orgWatchId` or `fleetWatchId`. */
  readonly watches: Collection<string, Watch>;

  /** Number of shards of the due and duty indexes. */
  readonly shards: number;
  /** Connections of a shard with `nextRefreshAt <= now`, the longest overdue first. `limit` 1 to 1000. */
  dueConnections(shard: number, now: number, limit: number, cursor?: string): Promise<Page<DueConnection>>;
  /** Connections, sessions, apps, incidents and watches of a shard that hold a duty with `dueAt <= now`, the oldest first. */
  dueDuties(shard: number, now: number, limit: number, cursor?: string): Promise<Page<DueDuty>>;
  /** Connections of an app, in the order of org and user. Throws `InvalidCursorError` for a cursor it did not make. */
  listConnections(filter: ConnectionFilter, limit: number, cursor?: string): Promise<Page<Connection>>;

  /** Counts an app's connections by status, up to `limit` (1 to 100,000); from the index, eventually consistent. */
  countConnections(app: string, limit: number): Promise<ConnectionCounts>;
  /**
   * Watches of an app whose `activeAt` is `since` or later, the newest first; found eventually, read consistently.
   * `limit` 1 to 200; `since` is not negative.
   */
  recentWatches(app: string, since: number, limit: number): Promise<readonly Watch[]>;

  /** Records that an integration uses a connection; idempotent. */
  addUse(connectionId: string, use: IntegrationKey): Promise<void>;
  /** Takes that record back; idempotent. */
  removeUse(connectionId: string, use: IntegrationKey): Promise<void>;
  /** The integrations of a connection, at most `limit`; with `tenant`, that tenant's only. Strongly consistent. */
  usesOf(connectionId: string, limit: number, tenant?: string): Promise<readonly IntegrationKey[]>;

  /** Records whose username this is; the last one counts. Upper and lower case are the same name. */
  rememberUsername(app: string, username: string, connectionId: string): Promise<void>;
  /** A hint: the connection itself says whether it still has that username. */
  connectionOfUsername(app: string, username: string): Promise<string | undefined>;

  /** Adds to the counts of an org's waiting readers in one period, and answers them; nothing is ever taken away. */
  noteReader(orgId: string, period: number, step: ReaderStep): Promise<ReaderCounts>;
  /** Strongly consistent; zeros where nobody came. */
  readersOf(orgId: string, period: number): Promise<ReaderCounts>;

  /** @param id of the one that a seal names, in use or retired. @default the one in use */
  readDataKey(orgId: string, purpose: KeyPurpose, id?: string): Promise<StoredDataKey | undefined>;
  /** Puts the key if that org and purpose has none; answers the one that is stored then. */
  putDataKeyIfAbsent(key: StoredDataKey): Promise<StoredDataKey>;
}
