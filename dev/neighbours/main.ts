/**
 * `npm run neighbours`: an org whose token endpoint hangs for a minute under 200 readers, and what another org of the same
 * app, on the same login host, notices. All times are of a virtual clock; `--dynalite` runs over that engine, with real
 * requests, instead of the store in memory.
 */
import { compare } from './compare.ts';
import { describeComparison, describeFleet } from './describe.ts';
import { withEngineStore } from './engine-store.ts';
import type { NeighbourOrder } from './neighbour-order.ts';
import { runNeighbours } from './neighbour-run.ts';

const orders: readonly (readonly [string, Omit<NeighbourOrder, 'store'>])[] = [
  [
    '200 readers, each of a connection of its own; concurrency reserved, the account’s quota 1,000',
    { readers: 'each of its own' },
  ],
  ['200 readers of one connection', { readers: 'of one connection' }],
  ['each of a connection of its own, with shared concurrency', { readers: 'each of its own', concurrency: 'shared' }],
  [
    'each of a connection of its own, where the queue mixes orgs in every batch',
    { readers: 'each of its own', batches: 'mixed' },
  ],
  [
    'each of a connection of its own, in an account with the least quota (302)',
    { readers: 'each of its own', accountConcurrency: 302 },
  ],
];

console.log(
  'Milliseconds of a virtual clock. A read is slower by 15 ms in an instance that has not opened its org’s key yet: a crowd starts many.',
);

const run = process.argv.includes('--dynalite')
  ? (order: NeighbourOrder) => withEngineStore((store) => runNeighbours({ ...order, store }))
  : runNeighbours;

for (const [title, order] of orders) {
  const without = await run({ ...order, readers: 'none' });
  const beside = await run(order);
  console.log(`\n${title}\n${describeComparison(compare(without, beside))}\n${describeFleet(beside)}`);
}
