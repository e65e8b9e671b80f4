/** One schedule: a world from a seed, what happens in it, its rest, its judgement. */
import { Actors, type User, users } from './actors.ts';
import { createCloud } from './cloud.ts';
import { randomPlan } from './faults.ts';
import { judge } from './judge.ts';
import { type Broken, Monitor } from './monitor.ts';
import { clientSecret } from './process-ports.ts';
import { quiesce } from './quiesce.ts';
import { SalesforceBooks, type Switches } from './salesforce-books.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import { World } from './world.ts';

export interface ScheduleResult {
  readonly seed: number;
  readonly steps: number;
  readonly refreshes: number;
  readonly served: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly broken: readonly Broken[];
  readonly lostResponseWithRotation: number;
  readonly lostResponseWithout: number;
  readonly trace: readonly string[];
}

/** @param sabotage changes the world before anything happens: shows that what is broken is noticed */
export async function runSchedule(
  seed: number,
  trace = false,
  sabotage: (world: World) => void = () => undefined,
): Promise<ScheduleResult> {
  const random = seededRandom(seed);
  const picks = seededRandom(seed ^ 0x5bd1e995);
  let faultsOn = false;
  const world = new World({
    seed,
    choose: (ready) => picks.below(ready.length),
    plan: randomPlan(seededRandom(seed ^ 0x2545f491), () => faultsOn),
    books: new SalesforceBooks(switchesOf(random), clientSecret),
    trace,
    positions: false,
  });
  world.monitor = new Monitor(world);
  world.monitor.liesTwice = random.chance(0.1);
  sabotage(world);
  const functions = createCloud(world);
  const actors = new Actors(world, functions);
  const cast = users.slice(0, 1 + random.below(3));
  for (const user of cast) if (random.chance(0.8)) await settled(world, actors.connect(user, false));
  faultsOn = true;
  for (let scenes = 1 + random.below(3); scenes > 0; scenes -= 1) await scene(world, actors, cast, random);
  faultsOn = false;
  world.note(undefined, '— no more faults; to rest —');
  world.outages.store.until = world.outages.lifeboat.until = world.outages.salesforce.until = 0;
  await quiesce(world, functions);
  const ending = judge(world, actors.connectings);
  return {
    seed,
    steps: world.scheduler.steps,
    refreshes: world.books.refreshesDone,
    served: actors.readings.served,
    faults: world.faults,
    broken: world.monitor.broken,
    ...ending,
    trace: world.traced ?? [],
  };
}

function switchesOf(random: SeededRandom): Switches {
  return {
    rotation: random.chance(0.7),
    replay: random.chance(0.6) ? 'family_dies' : 'refused',
    limit: random.pick([4, 5]),
    eviction: random.pick(['oldest', 'least_recently_used'] as const),
    signs: random.chance(0.7),
    sessionMs: random.pick([0, 900_000, 7_200_000, 7_200_000]),
  };
}

async function settled(world: World, work: Promise<unknown>): Promise<void> {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  await world.scheduler.run(Number.POSITIVE_INFINITY, () => over);
}

/** Some time passes, then several things happen at about the same time. */
async function scene(world: World, actors: Actors, cast: readonly User[], random: SeededRandom): Promise<void> {
  const pauseMs = random.pick([1_000, 80_000, 1_000_000, 5_400_000, 6_900_000, 7_300_000, 26 * 3_600_000]);
  const begin = world.now() + random.below(pauseMs);
  const widthMs = random.pick([50, 2_000, 20_000, 90_000]);
  outages(world, begin, random);
  for (let count = 2 + random.below(6); count > 0; count -= 1) {
    const at = begin + random.below(widthMs);
    const user = random.pick(cast);
    world.scheduler.add({ at, name: 'actor', owner: undefined, preempts: false, run: act(actors, user, random) });
  }
  await world.scheduler.run(begin + widthMs + random.pick([0, 5_000, 70_000, 160_000]));
}

function act(actors: Actors, user: User, random: SeededRandom): () => void {
  const { functions } = actors;
  const kind = random.below(20);
  if (kind < 5) return () => void functions.schedule();
  if (kind < 8) return () => void actors.read(user, false);
  if (kind < 11) return () => void actors.read(user, true);
  if (kind < 14) return () => void actors.connect(user, true);
  if (kind < 18) return () => void functions.maintain();
  if (kind < 19) return () => void actors.disconnect(user);
  return random.chance(0.3) ? () => actors.endFromOutside(user) : () => void actors.connect(user, false, 'second');
}

function outages(world: World, begin: number, random: SeededRandom): void {
  for (const [what, chance] of [
    ['store', 0.12],
    ['lifeboat', 0.05],
    ['salesforce', 0.1],
  ] as const) {
    if (!random.chance(chance)) continue;
    const from = begin + random.below(30_000);
    Object.assign(world.outages[what], { from, until: from + random.pick([500, 5_000, 60_000, 300_000]) });
  }
}
