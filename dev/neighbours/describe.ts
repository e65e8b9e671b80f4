/** The figures of a run as text. */
import type { Compared, Quantiles } from './compare.ts';
import type { NeighbourTelling } from './neighbour-order.ts';

const head = ['the neighbour’s', 'count', 'alone p50/p95/max ms', 'beside it p50/p95/max ms', 'ratio', 'not served'];

export function describeComparison(rows: readonly Compared[]): string {
  const cells = rows.map(({ act, count, without, with: beside, ratio, failed }) => [
    act,
    String(count),
    inMs(without),
    inMs(beside),
    [ratio.p50, ratio.p95, ratio.max].map((one) => one.toFixed(2)).join('/'),
    String(failed),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  return [head, ...cells]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}

function inMs({ p50, p95, max }: Quantiles): string {
  return [p50, p95, max].map(Math.round).join('/');
}

export function describeFleet({ functions, queue, tokenRequests, readers }: NeighbourTelling): string {
  const used = [...functions].map(
    ([name, { peak, refused }]) => `${name} ${peak}${refused > 0 ? ` (${refused} refused)` : ''}`,
  );
  const answers = Object.entries(readers).map(([status, count]) => `${count} × ${status}`);
  return [
    `most instances at once: ${used.join(', ')}`,
    `the hanging org's readers were answered ${answers.join(', ') || 'nothing'}`,
    `Salesforce was asked ${tokenRequests.hanging} times for the hanging org (${tokenRequests.mostHanging} at once), ${tokenRequests.neighbour} times for its neighbour`,
    `queue: ${queue.batches} batches, ${queue.mixedBatches} of several orgs, ${queue.refusedBatches} found no instance`,
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}
