/** The end of the story in numbers, every one of them counted (`tally.ts`). */
import type { Story } from './story.ts';
import type { Tally } from './tally.ts';

const labelColumns = 44;
const cellColumns = 18;

export function tableOf({ naive, grantkeeper }: Story): string[] {
  const row = (label: string, count: (tally: Tally) => number | string) =>
    lineOf(label, String(count(naive)), String(count(grantkeeper)));
  const rule = '-'.repeat(labelColumns + 2 * cellColumns);
  return [
    lineOf('', 'in a transaction', 'Grantkeeper'),
    rule,
    "From Salesforce's books",
    row('  authorizations made', ({ books }) => books.authorizations),
    row('  grants live', ({ books }) => books.live),
    row('  grants evicted', ({ books }) => books.evictions.length),
    ...evictionRows(naive, grantkeeper),
    row('  grants given back (revoked)', ({ books }) => books.revoked),
    row('  token requests: codes', ({ books }) => books.tokenRequests.codes),
    row('  token requests: refreshes', ({ books }) => books.tokenRequests.refreshes),
    row('  token requests refused', ({ books }) => books.tokenRequests.refused),
    row('  reads: answered / 401', ({ books }) => `${books.reads.worked} / ${books.reads.failed}`),
    row(
      '  reads two hours later: answered / 401',
      ({ books }) => `${books.laterReads.worked} / ${books.laterReads.failed}`,
    ),
    rule,
    'From the stores',
    row('  grants whose tokens are stored', ({ store }) => store.stored),
    row('  of these honoured by Salesforce', ({ store }) => store.honoured),
    row('  live grants whose tokens nobody has', ({ store }) => store.orphaned),
    row('    at the worst moment', ({ store }) => store.orphanedAtWorst),
    row('  integrations set up', ({ store }) => store.configured.length),
  ];
}

/** Who evicted whom. */
function evictionRows(naive: Tally, grantkeeper: Tally): string[] {
  const cells = ({ books }: Tally) => books.evictions.map(({ grant, by }) => `${grant} by ${by}`);
  const [left, right] = [cells(naive), cells(grantkeeper)];
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [left[index], right[index]]);
  return rows.map(([one = '', other = ''], index) => lineOf(index === 0 ? '    who by whom' : '', one, other));
}

function lineOf(label: string, naive: string, grantkeeper: string): string {
  return `${label.padEnd(labelColumns)}${naive.padStart(cellColumns)}${grantkeeper.padStart(cellColumns)}`.trimEnd();
}
