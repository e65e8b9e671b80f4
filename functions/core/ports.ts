/**
 * What the flows need from the world. Adapters implement these; tests and the simulation bring their own.
 *
 * Nothing here is AWS: the same flows run on Lambda, in the local stack and under the fault simulation.
 */
import type { AppCallers } from './app-callers.ts';
import type { GrantkeeperConfig } from './config.ts';
import type { LifeboatEntry } from './lifeboat.ts';
import type {
  AccessRevoker,
  AlertTopic,
  ConfigurationQueue,
  ConfigurationStep,
  Maintainer,
  Refresher,
  RefreshQueue,
  TokenReader,
} from './message-ports.ts';
import type { ClientSecrets, Salesforce, SalesforceApi, SecretAges, SigningKeys } from './salesforce-ports.ts';
import type { KeyWrapper, Sealer } from './sealing-ports.ts';
import type { Page, Store } from './store-port.ts';
import type { TableState } from './table-identity.ts';

export type * from './message-ports.ts';
export type * from './salesforce-ports.ts';
export type * from './sealing-ports.ts';
export * from './store-port.ts';

/** All of them; each flow and handler asks for those it needs (`Pick`). */
export interface Ports {
  readonly config: GrantkeeperConfig;
  /** Which apps a caller may act on. */
  readonly appCallers: AppCallers;
  /** The origin under which browsers reach the HTTP API. */
  readonly publicUrl: string;
  /** The addresses from which requests to Salesforce leave, where they are fixed; empty: none are known to be. */
  readonly egressAddresses: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly tableIdentity: TableIdentity;
  readonly lifeboat: Lifeboat;
  readonly keys: KeyWrapper;
  readonly sealer: Sealer;
  readonly salesforce: Salesforce;
  readonly salesforceApi: SalesforceApi;
  readonly secrets: ClientSecrets;
  readonly secretAges: SecretAges;
  readonly signingKeys: SigningKeys;
  readonly refreshQueue: RefreshQueue;
  readonly refresher: Refresher;
  readonly accessRevoker: AccessRevoker;
  readonly alerts: AlertTopic;
  readonly configurationQueue: ConfigurationQueue;
  readonly configurationStep: ConfigurationStep;
  readonly maintainer: Maintainer;
  readonly tokens: TokenReader;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Whether the table is the one whose items it holds, or a copy of another: then nothing may be refreshed or revoked. */
export interface TableIdentity {
  /** Remembered for minutes. Throws `StoreUnavailableError`. */
  state(): Promise<TableState>;
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

/**
 * A second store that fails apart from the first (S3). Strongly consistent; keys are unique by connection and attempt,
 * nothing rests on conditional puts or versions. Every call is bounded in time and throws `LifeboatUnavailableError`.
 */
export interface Lifeboat {
  put(entry: LifeboatEntry): Promise<void>;
  /** All that lies there for a connection, at most 100, in no order. */
  ofConnection(connectionId: string): Promise<readonly LifeboatEntry[]>;
  /** Page by page, for `maintain`. `limit` 1 to 1000. */
  list(limit: number, cursor?: string): Promise<LifeboatPage>;
  /** Idempotent. */
  remove(entry: Pick<LifeboatEntry, 'connectionId' | 'attemptId'>): Promise<void>;
}

export interface LifeboatPage extends Page<LifeboatEntry> {
  /** Entries that this release cannot read: told of, left where they are, and not among the items. @default 0 */
  readonly unreadable?: number;
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
