/** The figures of a run as text. */
import type { Compared, Quantiles } from './compare.ts';
import type { NeighbourTelling } from './neighbour-order.ts';

const head = [
  'the neighbour’s, p50/p95/max ms',
  'served',
  'beside nobody',
  'one that answers',
  'one that hangs',
  'not served',
];

export function describeComparison(rows: readonly Compared[]): string {
  const cells = rows.map(({ act, count, alone, answering, hanging, failed }) => [
    act,
    String(count),
    inMs(alone),
    inMs(answering),
    inMs(hanging),
    String(failed),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  return [head, ...cells]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}

function inMs({ p50, p95, max }: Quantiles): string {
  return Number.isNaN(max) ? 'none' : [p50, p95, max].map(Math.round).join('/');
}

export function describeFleet({
  functions,
  throttled,
  keysOpened,
  queue,
  tokenRequests,
  readers,
}: NeighbourTelling): string {
  const used = [...functions].map(
    ([name, { peak, refused }]) => `${name} ${peak}${refused > 0 ? ` (${refused} refused)` : ''}`,
  );
  if (throttled > 0) used.push(`${throttled} requests turned away by the gateway`);
  const answers = Object.entries(readers).map(([status, count]) => `${count} × ${status}`);
  return [
    `most instances at once: ${used.join(', ')}`,
    `${keysOpened} instances of token opened the neighbour's key, 19 ms for the read that waits for it`,
    `the hanging org's readers were answered ${answers.join(', ') || 'nothing'}`,
    `Salesforce was asked ${tokenRequests.hanging} times for the hanging org (${tokenRequests.mostHanging} at once), ${tokenRequests.neighbour} times for its neighbour`,
    `queue: ${queue.batches} batches, ${queue.mixedBatches} of several orgs, ${queue.refusedBatches} found no instance`,
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}
