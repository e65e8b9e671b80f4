/** How many readers of an org wait: the twin of the DynamoDB adapter's counts, on the same keys. */
import { readersKey } from '../../functions/adapters/dynamodb/keys.ts';
import { noReaders, type ReaderCounts, type ReaderStep } from '../../functions/core/waiting-readers.ts';

export class MemoryWaitingReaders {
  readonly #counts = new Map<string, ReaderCounts>();

  note(orgId: string, period: number, step: ReaderStep): ReaderCounts {
    const before = this.of(orgId, period);
    const after = added(before, step);
    this.#counts.set(readersKey(orgId, period).pk, after);
    return { ...after };
  }

  of(orgId: string, period: number): ReaderCounts {
    return { ...(this.#counts.get(readersKey(orgId, period).pk) ?? noReaders) };
  }
}

function added(before: ReaderCounts, step: ReaderStep): ReaderCounts {
  switch (step.kind) {
    case 'entered':
      return { ...before, entered: before.entered + 1 };
    case 'served':
      return { ...before, served: before.served + 1 };
    case 'gave_up':
      return { ...before, gaveUp: before.gaveUp + 1, ...hangingAfter(step) };
    case 'turned_away':
      return { ...before, turnedAway: before.turnedAway + 1, ...hangingAfter(step) };
  }
}

function hangingAfter({ hangsUntil }: { hangsUntil?: number }): { hangsUntil?: number } {
  return hangsUntil === undefined ? {} : { hangsUntil };
}
