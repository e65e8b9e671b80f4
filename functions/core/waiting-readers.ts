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
  /** Left without one, after a wait. */
  readonly gaveUp: number;
  /** Were told at once to come again. */
  readonly turnedAway: number;
  /** Until then who is not in front need not wait: others did, for nothing. */
  readonly hangsUntil?: number;
}

export type ReaderStep =
  | { readonly kind: 'entered' | 'served' }
  /** Without `hangsUntil` it tells nothing of the others: its own connection had trouble. */
  | { readonly kind: 'gave_up' | 'turned_away'; readonly hangsUntil?: number };

/** Where a reader stands. */
export interface Ticket {
  /** The count when it had entered. */
  readonly number: number;
  /** Of those before it, who had been turned away by then. Later ones were behind it: that they left moves nobody up. */
  readonly turnedAwayBefore: number;
}

/** How a reader left. */
export interface Leaving {
  readonly served: boolean;
  readonly waitedMs: number;
  /** Told at once to come again, and why. */
  readonly turnedAway?: 'hangs' | 'full';
}

/** Of one org, once its readers are served. A fifth of what is reserved for `refresh` (`lib/concurrency.ts`). */
export const inFrontAtMost = 20;
/**
 * Until somebody of the org was served in this minute, and one more for each that was: orgs that hang seldom come alone
 * (they share Salesforce's servers), and of each only so many are let find that out. A reader waits half as long as its
 * refresh may take, so twice as many are under way; where a minute ends, three times.
 */
export const inFrontAtFirst = 5;
/** How long the others wait while nobody of the org is served. */
export const othersWaitMs = 3_000;
/** Longer than a reader is told to stay away. */
const hangsForMs = 10_000;
const periodMs = 60_000;

export const noReaders: ReaderCounts = { entered: 0, served: 0, gaveUp: 0, turnedAway: 0 };

/** Which counts a reader that comes now is one of. */
export function periodOf(now: number): number {
  return Math.floor(now / periodMs);
}

export function ticketOf({ entered, turnedAway }: ReaderCounts): Ticket {
  return { number: entered, turnedAwayBefore: turnedAway };
}

export function isInFront(ticket: Ticket, counts: ReaderCounts): boolean {
  return positionOf(ticket, counts) <= Math.min(inFrontAtMost, inFrontAtFirst + counts.served);
}

function positionOf({ number, turnedAwayBefore }: Ticket, { served, gaveUp }: ReaderCounts): number {
  return number - turnedAwayBefore - served - gaveUp;
}

/** @param waitingAtMost of one org, in front and behind: who comes then is told at once to come again */
export function isFull(ticket: Ticket, counts: ReaderCounts, waitingAtMost: number): boolean {
  return positionOf(ticket, counts) > Math.max(waitingAtMost, inFrontAtMost);
}

export function hangs({ hangsUntil }: ReaderCounts, now: number): boolean {
  return hangsUntil !== undefined && now < hangsUntil;
}

/** Who leaves soon without a token was told what is wrong with its own connection: nobody else waits for nothing. */
export function leavingStep({ served, waitedMs, turnedAway }: Leaving, now: number): ReaderStep {
  if (served) return { kind: 'served' };
  const hangsUntil = now + hangsForMs;
  if (turnedAway === 'full') return { kind: 'turned_away' };
  if (turnedAway === 'hangs') return { kind: 'turned_away', hangsUntil };
  return waitedMs < othersWaitMs ? { kind: 'gave_up' } : { kind: 'gave_up', hangsUntil };
}
