/**
 * What is counted at the end: in the simulator's books what really happened at Salesforce, and in a side's store what it
 * holds of that. Nothing here knows how the story should end.
 */
import type { Books } from '../simulator/simulator.ts';
import type { LedgerView } from './side.ts';
import type { Eviction, Sight } from './watch.ts';

export interface Tally {
  readonly setUps: ChapterTally & {
    /** Configuration steps that failed; a queue tries by itself too. */
    readonly failed: number;
    /** The stored tokens after the failures are those of before. */
    readonly sameTokens: boolean;
  };
  readonly reauthorizations: ChapterTally;
  readonly end: EndTally;
}

export interface ChapterTally {
  /** Grants that were opened. */
  readonly authorizations: number;
  readonly evictions: readonly Eviction[];
  /** Grants that their keeper revoked. */
  readonly givenBack: number;
  /** After any act. */
  readonly liveAtMost: number;
  /** After any act, live grants whose tokens are stored nowhere. */
  readonly orphanedAtMost: number;
  readonly reads: Reads;
}

/** Requests to the REST API. A 401 may be an ended session only, which a refresh cures, or a dead grant. */
export interface Reads {
  readonly worked: number;
  readonly failed: number;
}

/** Two hours after the last authorization. */
export interface EndTally {
  readonly live: number;
  readonly stored: number;
  readonly honoured: number;
  readonly orphaned: number;
  readonly configured: readonly string[];
  /** Integrations that still read. */
  readonly reading: readonly string[];
  readonly tokenRequests: TokenRequests;
  readonly ledger?: LedgerView;
}

/** Of the whole story. */
export interface TokenRequests {
  readonly codes: number;
  readonly refreshes: number;
  readonly refused: number;
}

export function tallyChapter(sights: readonly Sight[]): ChapterTally {
  const reads = sights.flatMap((sight) => sight.reads);
  const worked = reads.filter(({ outcome }) => outcome === 'ok').length;
  return {
    authorizations: sights.flatMap(({ opened }) => opened).length,
    evictions: sights.flatMap(({ evicted }) => evicted),
    givenBack: sights.flatMap(({ givenBack }) => givenBack).length,
    liveAtMost: Math.max(0, ...sights.map(({ live }) => live)),
    orphanedAtMost: Math.max(0, ...sights.map(({ orphaned }) => orphaned)),
    reads: { worked, failed: reads.length - worked },
  };
}

export function tallyTokenRequests(books: Books): TokenRequests {
  const requests = books.requests({ endpoint: 'token' });
  const ofType = (type: string) => requests.filter(({ grantType }) => grantType === type).length;
  return {
    codes: ofType('authorization_code'),
    refreshes: ofType('refresh_token'),
    refused: requests.filter(({ outcome }) => outcome !== 'ok').length,
  };
}
