/**
 * One run: an org whose token endpoint hangs for a minute while its readers ask for tokens, beside another org that lives
 * its usual minute, with reads, refreshes and customers coming back. The same without the first is the measure.
 *
 * The real handlers, over the store that is given, with as many instances as Lambda would have. Times are of the virtual
 * clock: what this machine takes is in none of them.
 */
import type { Person } from '../deaths/population.ts';
import type { Tellings } from './compare.ts';
import { type NeighbourOrder, type NeighbourTelling, watchedMs } from './neighbour-order.ts';
import { beginHanging, beginNeighbour, beginTicks } from './neighbour-traffic.ts';
import { openWorld, type Parts, seed } from './neighbour-world.ts';

/** Served, a reader of the org that answers asks again as soon as one that is turned away by the other: 5 to 15 s. */
const asksAgainMs = 10_000;

/** The same beside nobody, beside an org that answers as many, and beside the one that hangs. */
export async function tellNeighbours(
  order: NeighbourOrder,
  run: (order: NeighbourOrder) => Promise<NeighbourTelling> = runNeighbours,
): Promise<Tellings> {
  return {
    alone: await run({ ...order, readers: 'none' }),
    answering: await run({ ...order, hangs: false, asksAgainMs }),
    hanging: await run(order),
  };
}

export async function runNeighbours(order: NeighbourOrder): Promise<NeighbourTelling> {
  const parts = openWorld(order);
  const { clock, beginAt } = parts;
  await seed(parts);
  if (clock.now() > beginAt) throw new Error('To seed so many took the clock past the beginning of the run.');
  await clock.runTo(beginAt);
  if (order.readers !== 'none') beginHanging(parts);
  beginNeighbour(parts);
  beginTicks(parts);
  await clock.runTo(beginAt + watchedMs);
  return tell(parts);
}

function tell({ cloud, gateway, watch, own, hanging, atSalesforce, source }: Parts): NeighbourTelling {
  watch.failed['queued refresh'] = watch.due.size;
  const requestsOf = (people: readonly Person[] = []) => atSalesforce.counts.requests.get(people[0]?.orgId ?? '') ?? 0;
  const { took, failed, readers } = watch;
  return {
    took,
    failed,
    readers,
    functions: cloud.counts,
    keysOpened: watch.keysOpened,
    throttled: [...gateway.refused.values()].reduce((sum, one) => sum + one, 0),
    queue: source.counts,
    tokenRequests: {
      hanging: hanging.reduce((sum, people) => sum + requestsOf(people), 0),
      neighbour: requestsOf(own),
      mostHanging: atSalesforce.counts.mostHanging,
    },
  };
}
