/**
 * What is counted at the end: in the simulator's books what really happened at Salesforce, and in a side's store what
 * it holds of that. Nothing here knows how the story should end.
 */
import type { Books, Grant } from '../simulator/simulator.ts';

export interface Tally {
  readonly books: BooksTally;
  readonly store: StoreTally;
}

export interface BooksTally {
  /** Grants that were opened. */
  readonly authorizations: number;
  readonly live: number;
  readonly evictions: readonly Eviction[];
  /** Grants that their keeper gave back. */
  readonly revoked: number;
  readonly tokenRequests: TokenRequests;
  /** Of the whole story. */
  readonly reads: Reads;
  /** Those from a given moment on. */
  readonly laterReads: Reads;
}

export interface Eviction {
  readonly grant: string;
  readonly by: string;
}

export interface TokenRequests {
  readonly codes: number;
  readonly refreshes: number;
  readonly refused: number;
}

/** Requests to the REST API. A 401 may be an ended session only, which a refresh cures, or a dead grant. */
export interface Reads {
  readonly worked: number;
  readonly failed: number;
}

export interface StoreTally {
  /** Grants whose refresh token is stored. */
  readonly stored: number;
  /** Of these, those that Salesforce honours. */
  readonly honoured: number;
  /** Live at Salesforce, and their tokens stored nowhere. */
  readonly orphaned: number;
  /** The most that were so at any moment of the story. */
  readonly orphanedAtWorst: number;
  readonly configured: readonly string[];
}

/** @param laterFromMs from when on reads count as later ones, in milliseconds since the epoch */
export function tallyBooks(books: Books, laterFromMs: number): BooksTally {
  const grants = books.grants();
  const tokenRequests = books.requests({ endpoint: 'token' });
  const reads = books.requests({ endpoint: 'rest' });
  const ofType = (type: string) => tokenRequests.filter(({ grantType }) => grantType === type).length;
  return {
    authorizations: grants.length,
    live: books.liveGrants().length,
    evictions: grants.flatMap(evictionOf),
    revoked: grants.filter(({ endedBy }) => endedBy === 'revoked').length,
    tokenRequests: {
      codes: ofType('authorization_code'),
      refreshes: ofType('refresh_token'),
      refused: tokenRequests.filter(({ outcome }) => outcome !== 'ok').length,
    },
    reads: countReads(reads),
    laterReads: countReads(reads.filter(({ at }) => at >= laterFromMs)),
  };
}

/**
 * @param refreshTokens all that the side has stored
 * @param orphanedBefore at each earlier moment, `orphanedGrants`
 */
export function tallyStore(
  books: Books,
  refreshTokens: readonly string[],
  orphanedBefore: readonly number[],
  configured: readonly string[],
): StoreTally {
  const orphaned = orphanedGrants(books, refreshTokens);
  return {
    stored: refreshTokens.length,
    honoured: honouredGrants(books, refreshTokens).size,
    orphaned,
    orphanedAtWorst: Math.max(orphaned, ...orphanedBefore),
    configured,
  };
}

/** How many grants live at Salesforce whose refresh token is none of these. */
export function orphanedGrants(books: Books, refreshTokens: readonly string[]): number {
  const honoured = honouredGrants(books, refreshTokens);
  return books.liveGrants().filter(({ id }) => !honoured.has(id)).length;
}

function honouredGrants(books: Books, refreshTokens: readonly string[]): ReadonlySet<string | undefined> {
  const honoured = refreshTokens.filter((token) => books.isLiveRefreshToken(token));
  return new Set(honoured.map((token) => books.grantOfRefreshToken(token)?.id));
}

export function evictionOf({ id, endedBy }: Grant): Eviction[] {
  const prefix = 'evicted by ';
  return endedBy?.startsWith(prefix) ? [{ grant: id, by: endedBy.slice(prefix.length) }] : [];
}

function countReads(reads: readonly { readonly outcome: string }[]): Reads {
  const worked = reads.filter(({ outcome }) => outcome === 'ok').length;
  return { worked, failed: reads.length - worked };
}
