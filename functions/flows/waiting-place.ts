/**
 * A reader's place among those of its org that wait for a refresh (`core/waiting-readers.ts`). Taken only where a token
 * is stale: a read of a live one costs nothing of this.
 *
 * It keeps nobody from a token: where the counts cannot be had, everybody stands in front.
 */
import type { Ports } from '../core/ports.ts';
import {
  hangs,
  isInFront,
  leavingStep,
  noReaders,
  othersWaitMs,
  periodOf,
  type ReaderCounts,
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

export async function takePlace(ports: PlacePorts, orgId: string): Promise<WaitingPlace> {
  const { clock, store, log } = ports;
  const period = periodOf(clock.now());
  const counted = async (work: Promise<ReaderCounts>): Promise<ReaderCounts> => {
    try {
      return await work;
    } catch (error) {
      log.warn('Readers of an org cannot be counted; nobody is kept waiting for it.', { org_id: orgId, error });
      return noReaders;
    }
  };
  let counts = await counted(store.noteReader(orgId, period, { kind: 'entered' }));
  const ticket = counts.entered;
  let inFront = isInFront(ticket, counts);
  let waitsUntil = hangs(counts, clock.now()) ? clock.now() : clock.now() + othersWaitMs;

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
      await counted(store.noteReader(orgId, period, leavingStep(served, clock.now())));
    },
  };
}
