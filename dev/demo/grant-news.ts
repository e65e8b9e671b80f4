/** What the simulator's books have to tell since one looked last: grants opened, evicted and given back. */
import type { Books } from '../simulator/simulator.ts';
import { evictionOf } from './tally.ts';

export interface GrantNews {
  /** In sentences. */
  latest(): { readonly text: string; readonly evicted: boolean };
}

export function createGrantNews(books: Books): GrantNews {
  const openedBefore = new Set<string>();
  const endedBefore = new Set<string>();
  return {
    latest: () => {
      const opened = books.grants().filter(({ id }) => !openedBefore.has(id));
      const ended = books.grants().filter(({ id, endedAt }) => endedAt !== undefined && !endedBefore.has(id));
      for (const { id } of opened) openedBefore.add(id);
      for (const { id } of ended) endedBefore.add(id);

      const evicted = ended.flatMap(evictionOf).map(({ grant }) => grant);
      const ends = evicted.length === 0 ? '' : ` and, without a word, ends ${evicted.join(' and ')}`;
      const opens = opened.length === 0 ? 'No new grant is asked for.' : `Salesforce opens ${idsOf(opened)}${ends}.`;
      const revoked = ended.filter(({ endedBy }) => endedBy === 'revoked');
      const back = revoked.length === 0 ? '' : ` ${idsOf(revoked)}, no longer in use, was given back.`;
      return { text: opens + back, evicted: evicted.length > 0 };
    },
  };
}

function idsOf(grants: readonly { readonly id: string }[]): string {
  return grants.map(({ id }) => id).join(' and ');
}
