/**
 * Readers of an org that wait for refreshes, counted over the whole fleet: only so many stand in front, who may have a
 * refresh invoked and wait their full time. The others wait while those are being served, and go when they are not. So
 * an org whose Salesforce hangs holds few instances of `token` and `refresh`, and its neighbours find theirs free.
 *
 * The counts only grow, so that readers add to them without a condition, and begin anew each minute: what a reader that
 * was killed did not take back is forgotten with its minute.
 */
export interface ReaderCounts {
  readonly entered: number;
  /** Left with a token. */
  readonly served: number;
  /** Left without one. */
  readonly gaveUp: number;
  /** Until then who is not in front need not wait: others did, for nothing. */
  readonly hangsUntil?: number;
}

export type ReaderStep =
  | { readonly kind: 'entered' | 'served' }
  | { readonly kind: 'gave_up'; readonly hangsUntil: number };

/** Of one org. A fifth of what is reserved for `refresh` (`lib/concurrency.ts`), twice that where a minute ends. */
export const inFrontAtMost = 20;
/** How long the others wait while nobody of the org is served. */
export const othersWaitMs = 3_000;
/** Longer than a reader is told to stay away. */
const hangsForMs = 10_000;
const periodMs = 60_000;

export const noReaders: ReaderCounts = { entered: 0, served: 0, gaveUp: 0 };

/** Which counts a reader that comes now is one of. */
export function periodOf(now: number): number {
  return Math.floor(now / periodMs);
}

/** @param ticket the count when the reader had entered */
export function isInFront(ticket: number, { served, gaveUp }: ReaderCounts): boolean {
  return ticket - served - gaveUp <= inFrontAtMost;
}

export function hangs({ hangsUntil }: ReaderCounts, now: number): boolean {
  return hangsUntil !== undefined && now < hangsUntil;
}

export function leavingStep(served: boolean, now: number): ReaderStep {
  return served ? { kind: 'served' } : { kind: 'gave_up', hangsUntil: now + hangsForMs };
}
