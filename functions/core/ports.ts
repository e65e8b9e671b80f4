/**
 * What the flows need from the world. Adapters implement these; tests and the simulation bring their own.
 *
 * Nothing here is AWS: the same flows run on Lambda, in the local stack and under the fault simulation.
 */
import type { Alert, IncidentAlertType } from './alert.ts';
import type { AppState } from './circuit.ts';
import type { GrantkeeperConfig } from './config.ts';
import type { Connection, ConnectionStatus } from './connection.ts';
import { GrantkeeperError } from './errors.ts';
import type { Generation } from './generation.ts';
import type { Incident } from './incident.ts';
import type { Integration } from './integration.ts';
import type { LifeboatEntry } from './lifeboat.ts';
import type { Secret } from './secret.ts';
import type { Session } from './session.ts';
import type { Versioned } from './versioned.ts';

/** All of them; each flow and handler asks for those it needs (`Pick`). */
export interface Ports {
  readonly config: GrantkeeperConfig;
  /** The origin under which browsers reach the HTTP API. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly lifeboat: Lifeboat;
  readonly keys: KeyWrapper;
  readonly sealer: Sealer;
  readonly salesforce: Salesforce;
  readonly secrets: ClientSecrets;
  readonly refreshQueue: RefreshQueue;
  readonly refresher: Refresher;
  readonly alerts: AlertTopic;
  readonly configurationStep: ConfigurationStep;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves when `ms` milliseconds have passed on this clock, or at once where `signal` says that nobody waits. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Cryptographically strong. */
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1): jitter. */
  fraction(): number;
}

// --- The store -------------------------------------------------------------------------------------------------

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
  readonly holder: 'connection' | 'session' | 'app' | 'incident';
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

/** A list's cursor that the store did not make. */
export class InvalidCursorError extends GrantkeeperError {
  readonly code = 'invalid_cursor';
}

export interface Store {
  readonly sessions: Collection<string, Session>;
  readonly connections: Collection<string, Connection>;
  readonly integrations: Collection<IntegrationKey, Integration>;
  /** By the app's name. */
  readonly apps: Collection<string, AppState>;
  readonly incidents: Collection<IncidentAlertType, Incident>;

  /** Number of shards of the due and duty indexes. */
  readonly shards: number;
  /** Connections of a shard with `nextRefreshAt <= now`, the longest overdue first. `limit` 1 to 1000. */
  dueConnections(shard: number, now: number, limit: number, cursor?: string): Promise<Page<DueConnection>>;
  /** Connections, sessions, apps and incidents of a shard that hold a duty with `dueAt <= now`, the oldest first. */
  dueDuties(shard: number, now: number, limit: number, cursor?: string): Promise<Page<DueDuty>>;
  /** Connections of an app, in the order of org and user. Throws `InvalidCursorError` for a cursor it did not make. */
  listConnections(filter: ConnectionFilter, limit: number, cursor?: string): Promise<Page<Connection>>;

  /** Records that an integration uses a connection; idempotent. */
  addUse(connectionId: string, use: IntegrationKey): Promise<void>;
  /** Takes that record back; idempotent. */
  removeUse(connectionId: string, use: IntegrationKey): Promise<void>;
  /** The integrations of a connection, at most `limit`; with `tenant`, that tenant's only. Strongly consistent. */
  usesOf(connectionId: string, limit: number, tenant?: string): Promise<readonly IntegrationKey[]>;

  readDataKey(orgId: string, purpose: KeyPurpose): Promise<StoredDataKey | undefined>;
  /** Puts the key if that org and purpose has none; answers the one that is stored then. */
  putDataKeyIfAbsent(key: StoredDataKey): Promise<StoredDataKey>;
}

// --- The lifeboat ----------------------------------------------------------------------------------------------

/**
 * A second store that fails apart from the first (S3). Strongly consistent; keys are unique by connection and attempt,
 * nothing rests on conditional puts or versions. Every call is bounded in time and throws `LifeboatUnavailableError`.
 */
export interface Lifeboat {
  put(entry: LifeboatEntry): Promise<void>;
  /** All that lies there for a connection, at most 100, in no order. */
  ofConnection(connectionId: string): Promise<readonly LifeboatEntry[]>;
  /** Page by page, for `maintain`. `limit` 1 to 1000. */
  list(limit: number, cursor?: string): Promise<Page<LifeboatEntry>>;
  /** Idempotent. */
  remove(entry: Pick<LifeboatEntry, 'connectionId' | 'attemptId'>): Promise<void>;
}

// --- Sealing ---------------------------------------------------------------------------------------------------

export type KeyPurpose = 'access' | 'refresh';

/** Authenticated by the key service with each wrapped key: `scope` is an org id, or a session id for a callback's own. */
export interface KeyContext {
  readonly purpose: KeyPurpose;
  readonly scope: string;
}

/** KMS in AWS, a master key in a file for the local stack. Throws `KeysUnavailableError` where it does not answer. */
export interface KeyWrapper {
  /** A new data key of 32 bytes, in the clear and wrapped (base64). */
  generateDataKey(context: KeyContext): Promise<{ plaintext: Uint8Array; wrapped: string }>;
  /** Throws `SealError` where the wrapped key was not made under this context. */
  unwrapDataKey(wrapped: string, context: KeyContext): Promise<Uint8Array>;
}

/** Where a sealed token belongs; authenticated, so that a sealed value moved elsewhere does not open. */
export interface SealContext {
  readonly connectionId: string;
  readonly grantId: string;
  readonly purpose: KeyPurpose;
}

/** JWE compact serialization, `dir` and A256GCM (RFC 7516, RFC 7518 §4.5 and §5.3). */
export interface Sealer {
  seal(text: Secret, key: Uint8Array, keyId: string, context: SealContext): Promise<string>;
  /** Throws `SealError`. */
  open(sealed: string, key: Uint8Array, context: SealContext): Promise<Secret>;
}

// --- Salesforce ------------------------------------------------------------------------------------------------

/** What came back, unjudged; the core judges it. */
export type RawAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly contentType: string; readonly body: Secret }
  /** No answer of the endpoint is known: it may still be acting on the request. */
  | { readonly kind: 'no_answer'; readonly reason: 'timeout' | 'connection' | 'too_large' };

export interface ClientCredentials {
  readonly clientId: string;
  /** Absent for public clients, which must not send one. */
  readonly clientSecret?: Secret;
}

/** The endpoints below a login URL. Sends one request each, follows no redirect, never throws for the network. */
export interface Salesforce {
  exchangeCode(
    loginUrl: string,
    client: ClientCredentials,
    request: { code: Secret; redirectUri: string; codeVerifier: Secret },
    timeoutMs: number,
  ): Promise<RawAnswer>;
  refresh(loginUrl: string, client: ClientCredentials, refreshToken: Secret, timeoutMs: number): Promise<RawAnswer>;
  revoke(loginUrl: string, token: Secret, timeoutMs: number): Promise<RawAnswer>;
  introspect(loginUrl: string, client: ClientCredentials, accessToken: Secret, timeoutMs: number): Promise<RawAnswer>;
}

/** The client secret's current value, and those beside it during a rotation: `signature` may be made with any. */
export interface ClientSecretSet {
  readonly current: Secret;
  readonly pending?: Secret;
  readonly previous?: Secret;
}

export interface ClientSecrets {
  /**
   * Throws `AppMisconfiguredError` where the secret is unset (still the placeholder) or cannot be read; the message
   * names the command that sets it. `fresh` reads past the cache.
   */
  of(app: string, options?: { fresh?: boolean }): Promise<ClientSecretSet>;
}

// --- Messages --------------------------------------------------------------------------------------------------

/** What the queue and `token` ask of `refresh`. */
export interface RefreshRequest {
  readonly version: 1;
  readonly connectionId: string;
  /** As the asker saw it: a request for an older one does nothing. */
  readonly generation: Generation;
  readonly reason: 'due' | 'stale' | 'rejected';
}

/** What became of it; `token` reads the store for the rest. */
export interface RefreshReport {
  readonly version: 1;
  readonly outcome:
    | 'refreshed'
    | 'not_needed'
    | 'in_flight'
    | 'backing_off'
    | 'admin_action_required'
    | 'reauthorization_required'
    | 'no_answer'
    /** DynamoDB refused the answer; it lies in the lifeboat and is committed from there. */
    | 'in_lifeboat'
    | 'app_misconfigured'
    | 'unknown_connection';
  readonly detail?: string;
}

export interface QueuedRefresh {
  readonly request: RefreshRequest;
  readonly orgId: string;
  readonly nextRefreshAt: number;
  /** Requests of one group are worked off one batch after the other. @default the org */
  readonly group?: string;
}

export interface RefreshQueue {
  /** FIFO by `group`; a request that is queued already is not queued twice. */
  send(requests: readonly QueuedRefresh[]): Promise<void>;
}

/** The `refresh` Lambda, invoked synchronously and without retries. */
export interface Refresher {
  refresh(request: RefreshRequest): Promise<RefreshReport>;
}

export interface AlertTopic {
  publish(alert: Alert): Promise<void>;
}

/** The deployer's own step after a link. May throw or fail: it never touches tokens. */
export interface ConfigurationStep {
  run(event: ConfigurationEvent): Promise<void>;
}

export interface ConfigurationEvent {
  readonly connection_id: string;
  readonly tenant: string;
  readonly integration: string;
  readonly configuration: unknown;
  readonly configuration_version: number;
}

/** Structured; takes no token, code, verifier, secret or key. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Metrics {
  /** `name` in CloudWatch's terms, unit Count, or Milliseconds where `unit` says so. */
  add(name: string, value: number, unit?: 'Count' | 'Milliseconds'): void;
}
