/**
 * `npm run neighbours`: an org whose token endpoint hangs for a minute under 200 readers, and what another org of the same
 * app, on the same login host, notices. All times are of a virtual clock; `--dynalite` runs over that engine, with real
 * requests, instead of the store in memory.
 */
import { compare } from './compare.ts';
import { describeComparison, describeFleet } from './describe.ts';
import { withEngineStore } from './engine-store.ts';
import type { NeighbourOrder } from './neighbour-order.ts';
import { runNeighbours, tellNeighbours } from './neighbour-run.ts';

const each = { readers: 'each of its own' } as const;
const orders: readonly (readonly [string, Omit<NeighbourOrder, 'store'>])[] = [
  ['200 readers, each of a connection of its own; concurrency reserved, the account’s quota 1,000', each],
  ['the same, where Lambda takes the instance that was idle longest', { ...each, idle: 'longest idle' }],
  ['200 readers of one connection', { readers: 'of one connection' }],
  ['with shared concurrency', { ...each, concurrency: 'shared' }],
  ['where the queue mixes orgs in every batch', { ...each, batches: 'mixed' }],
  ['900 readers', { ...each, crowd: 900 }],
  ['the same, with 1,000 requests a second of each route', { ...each, crowd: 900, requestsPerSecond: 1_000 }],
  ['five orgs that hang at once, each under 200 readers', { ...each, orgs: 5 }],
  ['an account with the least quota (302)', { ...each, accountConcurrency: 302 }],
  ['the same, with thresholds.waitingReaders: 60', { ...each, accountConcurrency: 302, waitingReaders: 60 }],
  [
    'a new account (10), which can reserve nothing, under 20 readers: nobody is protected',
    { ...each, accountConcurrency: 10, concurrency: 'shared', crowd: 20 },
  ],
];

console.log('Milliseconds of a virtual clock.');

const run = process.argv.includes('--dynalite')
  ? (order: NeighbourOrder) => withEngineStore((store) => runNeighbours({ ...order, store }))
  : runNeighbours;

for (const [title, order] of orders) {
  const told = await tellNeighbours(order, run);
  console.log(`\n${title}\n${describeComparison(compare(told))}\n${describeFleet(told.hanging)}`);
}
