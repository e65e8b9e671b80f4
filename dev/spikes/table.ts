/** The runs of each size as one row: medians, for the instant of the revocation is random. */
import { type Description, knownAfterMinutes, median } from './describe.ts';

type Column = readonly [title: string, cell: (of: Description) => number | undefined, digits: number];

const minutes = (ms: number | undefined) => (ms === undefined ? undefined : ms / 60_000);

const columns: readonly Column[] = [
  ['connections', ({ size }) => size, 0],
  ['first refused', ({ refusedAfterMs }) => minutes(refusedAfterMs), 1],
  ['told', ({ toldAfterMs }) => minutes(toldAfterMs), 1],
  ['told after refusal', ({ toldAfterRefusalMs }) => minutes(toldAfterRefusalMs), 1],
  ['spikes', ({ alerts }) => alerts.opened, 0],
  ['again', ({ alerts }) => alerts.escalated, 0],
  ['resolved', ({ alerts }) => alerts.resolved, 0],
  ['own alerts', ({ alerts }) => alerts.own, 0],
  ...knownAfterMinutes.map((after): Column => [`known +${after}`, ({ knownAfter }) => knownAfter.get(after), 0]),
  ['all known', ({ allKnownAfterMs }) => minutes(allKnownAfterMs), 0],
  ['pulled', ({ pulled }) => pulled, 0],
  ['reads/death', ({ readsPerDeath }) => readsPerDeath, 0],
  ['writes/death', ({ writesPerDeath }) => writesPerDeath, 1],
];

export function tableOf(rows: readonly (readonly Description[])[]): string {
  const texts = rows.map((row) => columns.map(([, cell, digits]) => median(row.map(cell))?.toFixed(digits) ?? '-'));
  const all = [columns.map(([title]) => title), ...texts];
  const widths = columns.map((_, index) => Math.max(...all.map((cells) => cells[index]!.length)));
  return all.map((cells) => cells.map((cell, index) => cell.padStart(widths[index]!)).join('  ')).join('\n');
}

/** What the pull forward is worth: how many times sooner all is told and known, and how many alerts it spares. */
export function ratiosOf(
  pulled: readonly (readonly Description[])[],
  unpulled: readonly (readonly Description[])[],
): string {
  const lines = pulled.map((row, index) => {
    const other = unpulled[index] ?? [];
    const ratio = (of: (one: Description) => number | undefined) =>
      ((median(other.map(of)) ?? Number.NaN) / (median(row.map(of)) ?? Number.NaN)).toFixed(1);
    const told = ratio(({ toldAfterRefusalMs }) => toldAfterRefusalMs);
    const known = ratio(({ allKnownAfterMs }) => allKnownAfterMs);
    const alerts = ratio(({ alerts }) => alerts.opened + alerts.escalated + alerts.own);
    return `${row[0]?.size} connections: told after ${told}, all known after ${known} times as long without it, in ${alerts} times as many alerts.`;
  });
  return lines.join('\n');
}
