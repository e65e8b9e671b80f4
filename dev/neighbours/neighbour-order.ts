/** What a run of neighbours is told to do, and what it tells. */
import type { Store } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import type { Batches, EventSource } from './event-source.ts';
import type { FunctionCounts, Idle } from './lambda-cloud.ts';

export interface NeighbourOrder {
  /** What the hanging org's readers ask for. `none`: the org is not there. */
  readonly readers: 'none' | 'of one connection' | 'each of its own';
  /** @default 200 */
  readonly crowd?: number;
  /** False: it has as many readers, and answers. @default true */
  readonly hangs?: boolean;
  /**
   * How often a reader that was served asks again while the minute lasts: with an org that answers, as much traffic as the
   * one that hangs has.
   *
   * @default - it does not
   */
  readonly asksAgainMs?: number;
  /** That hang, each with such a crowd. @default 1 */
  readonly orgs?: number;
  /** When in a minute of the clock it begins; readers are counted by minutes. @default 40 */
  readonly beginsAtSecond?: number;
  /** Which of the instances that wait has the next request: Lambda does not say. @default 'last used' */
  readonly idle?: Idle;
  /** How many of the hanging org's the schedule finds due. @default 60 */
  readonly due?: number;
  /** How the queue fills a batch of its worker. @default 'by org' */
  readonly batches?: Batches;
  /** @default 1000 */
  readonly accountConcurrency?: number;
  /** @default 'reserved' */
  readonly concurrency?: 'reserved' | 'shared';
  /** Of each route, from all callers; the burst is twice that. @default 100 */
  readonly requestsPerSecond?: number;
  /** Of one org that may wait, `thresholds.waitingReaders`. @default 200 */
  readonly waitingReaders?: number;
  /** @default a new one in memory */
  readonly store?: Store;
}

export function crowdOf({ crowd = 200 }: NeighbourOrder): number {
  return crowd;
}

export interface NeighbourTelling {
  /** What the neighbour's took, in milliseconds of the virtual clock, by what it did. */
  readonly took: Readonly<Record<Act, readonly number[]>>;
  /** Of the neighbour's, not served: refused by Lambda, or answered without what it asked for. */
  readonly failed: Readonly<Record<Act, number>>;
  /** What became of the hanging org's readers, by status. */
  readonly readers: Readonly<Record<string, number>>;
  readonly functions: ReadonlyMap<FunctionName, FunctionCounts>;
  /** Instances that opened the neighbour's key for its access tokens: a read is slower by that, once in each. */
  readonly keysOpened: number;
  /** Turned away by the gateway, 429, of everybody's. */
  readonly throttled: number;
  readonly queue: EventSource['counts'];
  readonly tokenRequests: { readonly hanging: number; readonly neighbour: number; readonly mostHanging: number };
}

export const acts = ['read', 'read after an idle day', 'callback', 'queued refresh'] as const;
export type Act = (typeof acts)[number];

/** Connections of the neighbour, by what becomes of them; and customers who come back from Salesforce. */
export const neighbour = { live: 40, ended: 24, due: 40, comingBack: 6 };
export const secondMs = 1_000;
export const minuteMs: number = 60 * secondMs;
export const watchedMs: number = 3 * minuteMs;
