/**
 * What happened since one looked last, from the simulator's books, beside what a side has stored: grants opened, evicted
 * and given back. Each look is kept, to be counted at the end (`tally.ts`).
 */
import { evictorOf } from '../simulator/grant-book.ts';
import type { Books, LoggedRequest } from '../simulator/simulator.ts';
import type { Side } from './side.ts';

export interface Sight {
  readonly opened: readonly string[];
  readonly evicted: readonly Eviction[];
  /** Revoked by their keeper. */
  readonly givenBack: readonly string[];
  readonly live: number;
  /** Grants whose refresh token is stored. */
  readonly stored: number;
  /** Of these, those that Salesforce honours. */
  readonly honoured: number;
  /** Live at Salesforce, and their tokens stored nowhere. */
  readonly orphaned: number;
  /** The integrations' own requests to the REST API, not those that a side makes by itself. */
  readonly reads: readonly LoggedRequest[];
}

export interface Eviction {
  readonly grant: string;
  readonly by: string;
  /** Its tokens are the stored ones. */
  readonly stored: boolean;
}

export interface Watch {
  look(): Promise<Sight>;
  /** Looks, and takes the requests of this act as the integrations' own reads. */
  reading<T>(act: () => Promise<T>): Promise<T>;
  /** All looks since the last call. */
  taken(): readonly Sight[];
}

export function createWatch(side: Pick<Side, 'books' | 'storedTokens'>): Watch {
  const { books } = side;
  const openedBefore = new Set<string>();
  const endedBefore = new Set<string>();
  let sights: Sight[] = [];

  async function look(reads: readonly LoggedRequest[] = []): Promise<Sight> {
    const { refresh: tokens } = await side.storedTokens();
    const stored = new Set(tokens.map((token) => books.grantOfRefreshToken(token)?.id));
    const opened = books.grants().filter(({ id }) => !openedBefore.has(id));
    const ended = books.grants().filter(({ id, endedAt }) => endedAt !== undefined && !endedBefore.has(id));
    for (const { id } of opened) openedBefore.add(id);
    for (const { id } of ended) endedBefore.add(id);
    const evicted = ended.flatMap((grant): Eviction[] => {
      const by = evictorOf(grant);
      return by === undefined ? [] : [{ grant: grant.id, by, stored: stored.has(grant.id) }];
    });
    const sight = {
      opened: idsOf(opened),
      evicted,
      givenBack: idsOf(ended.filter(({ endedBy }) => endedBy === 'revoked')),
      ...held(books, tokens),
      reads,
    };
    sights.push(sight);
    return sight;
  }

  return {
    look,
    reading: async (act) => {
      const before = books.requests().at(-1)?.number ?? 0;
      const outcome = await act();
      await look(books.requests({ endpoint: 'rest' }).filter(({ number }) => number > before));
      return outcome;
    },
    taken: () => {
      const taken = sights;
      sights = [];
      return taken;
    },
  };
}

function held(books: Books, tokens: readonly string[]): Pick<Sight, 'live' | 'stored' | 'honoured' | 'orphaned'> {
  const honoured = tokens.filter((token) => books.isLiveRefreshToken(token));
  const grants = new Set(honoured.map((token) => books.grantOfRefreshToken(token)?.id));
  const live = books.liveGrants();
  const orphaned = live.filter(({ id }) => !grants.has(id)).length;
  return { live: live.length, stored: tokens.length, honoured: grants.size, orphaned };
}

function idsOf(grants: readonly { readonly id: string }[]): readonly string[] {
  return grants.map(({ id }) => id);
}
