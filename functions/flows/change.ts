/**
 * One conditional write: read, decide, write onto what was read; if another write came in between, read and decide
 * again. Every decision is a pure function of the item as it is, so nothing is ever written onto what nobody saw.
 *
 * A write whose answer was lost is found again by its `writeId`, or by the decision itself, which knows its attempt.
 */

import { StoreUnavailableError } from '../core/errors.ts';
import type { Clock, Collection } from '../core/ports.ts';
import type { Versioned } from '../core/versioned.ts';
import { within } from './within.ts';

export type Decision<Item, Result> =
  | { readonly write: Item; readonly result: Result }
  | { readonly keep: true; readonly result: Result };

export interface ChangeOptions<Item> {
  /** Unique to this attempt and step. */
  readonly writeId: string;
  /** The item as just read or written: spares the first read. */
  readonly seen?: Item;
  /** A write that must not be lost: tried again while the store refuses or hangs, until this instant and no longer. */
  readonly persist?: Persistence;
}

export interface Persistence {
  readonly clock: Clock;
  readonly until: number;
}

const conflictsAtMost = 10;
const persistPauseMs = 250;

export async function change<Key, Item extends Versioned, Result>(
  collection: Collection<Key, Item>,
  key: Key,
  decide: (current: Item | undefined) => Decision<Item, Result>,
  options: ChangeOptions<Item>,
): Promise<{ result: Result; item: Item | undefined }> {
  let seen = options.seen;
  let written: Result | undefined;
  let tried = false;
  for (let conflicts = 0; ; ) {
    try {
      const current = seen ?? (await inTime(collection.read(key), options));
      seen = undefined;
      if (tried && current?.writeId === options.writeId) return { result: written as Result, item: current };
      const decision = decide(current);
      if (!('write' in decision)) return { result: decision.result, item: current };
      written = decision.result;
      tried = true;
      const revision = (current?.revision ?? 0) + 1;
      const after: Item = { ...decision.write, revision, writeId: options.writeId };
      const write = current === undefined ? collection.create(after) : collection.replace(current, after);
      const outcome = await inTime(write, options);
      if (outcome === 'written') return { result: decision.result, item: after };
      conflicts += 1;
      if (conflicts % conflictsAtMost === 0) throw tooManyConflicts();
    } catch (error) {
      if (!(await mayTryAgain(error, options))) throw error;
    }
  }
}

function inTime<T, Item>(work: Promise<T>, { persist }: ChangeOptions<Item>): Promise<T> {
  return persist === undefined ? work : within(persist.clock, persist.until, work);
}

function tooManyConflicts(): StoreUnavailableError {
  return new StoreUnavailableError(
    `An item was changed by others ${conflictsAtMost} times in a row while we tried to change it; try again later.`,
  );
}

async function mayTryAgain<Item>(error: unknown, { persist }: ChangeOptions<Item>): Promise<boolean> {
  if (persist === undefined || !(error instanceof StoreUnavailableError)) return false;
  if (persist.clock.now() + persistPauseMs >= persist.until) return false;
  await persist.clock.wait(persistPauseMs);
  return true;
}
