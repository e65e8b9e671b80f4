/**
 * A reader's place among those of its org that wait for a refresh (`core/waiting-readers.ts`). Taken only where a token
 * is stale: a read of a live one costs nothing of this.
 *
 * It keeps nobody from a token: where the counts cannot be had, everybody stands in front.
 */
import type { Ports } from '../core/ports.ts';
import {
  hangs,
  isFull,
  isInFront,
  type Leaving,
  leavingStep,
  noReaders,
  othersWaitMs,
  periodOf,
  type ReaderCounts,
  ticketOf,
} from '../core/waiting-readers.ts';

export type PlacePorts = Pick<Ports, 'clock' | 'store' | 'log'>;

export interface WaitingPlace {
  /** Whether its reader may ask for a refresh, and wait as long as readers do. */
  readonly inFront: boolean;
  /** Whether there is no sense in waiting on. */
  isHopeless(): boolean;
  /** After some time: are others served, has it come to the front? */
  lookAgain(): Promise<void>;
  /** Exactly once. Never throws. */
  leave(served: boolean): Promise<void>;
}

/** @param waitingAtMost readers of the org, all together (`thresholds.waitingReaders`) */
export async function takePlace(ports: PlacePorts, orgId: string, waitingAtMost: number): Promise<WaitingPlace> {
  const { clock, store, log } = ports;
  const enteredAt = clock.now();
  const period = periodOf(enteredAt);
  const counted = async (work: Promise<ReaderCounts>): Promise<ReaderCounts> => {
    try {
      return await work;
    } catch (error) {
      log.warn('Readers of an org cannot be counted; nobody is kept waiting for it.', { org_id: orgId, error });
      return noReaders;
    }
  };
  let counts = await counted(store.noteReader(orgId, period, { kind: 'entered' }));
  const ticket = ticketOf(counts);
  let inFront = isInFront(ticket, counts);
  const turnedAway = inFront ? undefined : await reasonToTurnAway();
  let waitsUntil = turnedAway === undefined ? clock.now() + othersWaitMs : clock.now();

  async function reasonToTurnAway(): Promise<Leaving['turnedAway']> {
    if (isFull(ticket, counts, waitingAtMost)) return 'full';
    return (await isKnownToHang()) ? 'hangs' : undefined;
  }

  /** A minute that begins knows nothing of the one before: whoever must ask reads that one's counts too. */
  async function isKnownToHang(): Promise<boolean> {
    if (counts.hangsUntil !== undefined) return hangs(counts, clock.now());
    return hangs(await counted(store.readersOf(orgId, period - 1)), clock.now());
  }

  return {
    get inFront() {
      return inFront;
    },
    isHopeless: () => !inFront && clock.now() >= waitsUntil,
    async lookAgain() {
      if (inFront) return;
      const { served } = counts;
      counts = await counted(store.readersOf(orgId, period));
      inFront = isInFront(ticket, counts);
      if (counts.served > served) waitsUntil = clock.now() + othersWaitMs;
    },
    async leave(served) {
      const now = clock.now();
      const step = leavingStep({ served, waitedMs: now - enteredAt, turnedAway }, now);
      await counted(store.noteReader(orgId, period, step));
    },
  };
}
