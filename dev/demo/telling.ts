/** Sentences about what was seen (`watch.ts`). */
import type { ReadOutcome } from './side.ts';
import type { Sight } from './watch.ts';

export function newsOf({ opened, evicted, givenBack }: Sight): string {
  const ended = evicted.map(({ grant }) => grant);
  const ends = ended.length === 0 ? '' : ` and ends ${grants(ended)}`;
  const opens = opened.length === 0 ? 'No new grant is asked for.' : `Salesforce opens ${grants(opened)}${ends}.`;
  const were = givenBack.length === 1 ? 'was' : 'were';
  return givenBack.length === 0 ? opens : `${opens} ${grants(givenBack)}, not in use any more, ${were} given back.`;
}

export function countsOf({ live, stored }: Sight): string {
  return `Live ${live}, stored ${stored}.`;
}

export function readingOf(integration: string, outcome: ReadOutcome): string {
  return outcome.kind === 'read' ? `"${integration}" reads.` : `"${integration}" cannot read: ${outcome.because}.`;
}

/** `grant-1 to grant-4`, `grant-1 and grant-7`. */
function grants(ids: readonly string[]): string {
  const numbers = ids.map((id) => Number(id.split('-')[1]));
  const inARow = numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1);
  return inARow && ids.length > 2 ? `${ids[0]} to ${ids.at(-1)}` : ids.join(' and ');
}
