/** The end of the story in numbers, every one of them counted (`tally.ts`). */
import type { Story } from './story.ts';
import type { ChapterTally, Tally } from './tally.ts';

const labelColumns = 44;
const cellColumns = 18;

export function tableOf({ tries, rounds, naive, grantkeeper }: Story): string[] {
  const row = (label: string, count: (tally: Tally) => number | string) =>
    lineOf(label, String(count(naive)), String(count(grantkeeper)));
  const chapter = (of: (tally: Tally) => ChapterTally) => [
    row('  authorizations made', (tally) => of(tally).authorizations),
    row('  grants live at most', (tally) => of(tally).liveAtMost),
    row('  grants evicted', (tally) => of(tally).evictions.length),
    row(
      '  of these, one whose tokens were stored',
      (tally) => of(tally).evictions.filter(({ stored }) => stored).length,
    ),
    row('  grants given back', (tally) => of(tally).givenBack),
    row('  live grants without tokens, at most', (tally) => of(tally).orphanedAtMost),
    row('  reads: answered / 401', (tally) => `${of(tally).reads.worked} / ${of(tally).reads.failed}`),
  ];
  const rule = '-'.repeat(labelColumns + 2 * cellColumns);
  return [
    lineOf('', 'in a transaction', 'Grantkeeper'),
    rule,
    `A set-up that fails ${tries} times, then works`,
    row("  set-ups failed, a queue's tries included", ({ setUps }) => setUps.failed),
    row('  stored tokens untouched by that', ({ setUps }) => (setUps.sameTokens ? 'yes' : 'no')),
    ...chapter(({ setUps }) => setUps),
    rule,
    `Then a cure where one is needed, and ${rounds} authorizations in a row`,
    ...chapter(({ reauthorizations }) => reauthorizations),
    rule,
    'Two hours later',
    row('  grants live', ({ end }) => end.live),
    row('  grants whose tokens are stored', ({ end }) => end.stored),
    row('  of these honoured by Salesforce', ({ end }) => end.honoured),
    row('  integrations set up / reading', ({ end }) => `${end.configured.length} / ${end.reading.length}`),
    row('  its own ledger: grants made / live', ({ end: { ledger } }) =>
      ledger === undefined ? 'none' : `${ledger.attempts} / ${ledger.believed}`,
    ),
    row(
      '  requests: codes / refreshes / refused',
      ({
        end: {
          tokenRequests: { codes, refreshes, refused },
        },
      }) => `${codes} / ${refreshes} / ${refused}`,
    ),
  ];
}

function lineOf(label: string, naive: string, grantkeeper: string): string {
  return `${label.padEnd(labelColumns)}${naive.padStart(cellColumns)}${grantkeeper.padStart(cellColumns)}`.trimEnd();
}
