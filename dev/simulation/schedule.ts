/** One schedule: a world from a seed, what happens in it, its rest, its judgement. */
import { Actors, usersOf } from './actors.ts';
import { createCloud } from './cloud.ts';
import { randomPlan } from './faults.ts';
import { judge } from './judge.ts';
import { loginVariantOf } from './login-scenes.ts';
import { type Broken, Monitor } from './monitor.ts';
import { clientSecret } from './process-ports.ts';
import { quiesce } from './quiesce.ts';
import { SalesforceBooks, type Switches } from './salesforce-books.ts';
import { scene, settled } from './scenes.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import { configOf } from './simulated-config.ts';
import { spikeVariantOf } from './spike-scenes.ts';
import { World } from './world.ts';

export interface ScheduleResult {
  readonly seed: number;
  readonly steps: number;
  readonly refreshes: number;
  readonly served: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Incidents and alerts. */
  readonly told: ReadonlyMap<string, number>;
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
  const switches = switchesOf(random);
  const grantLimit = switches.limit === 5 && random.chance(0.3) ? 4 : switches.limit;
  const logins = loginVariantOf(seed);
  const spikes = spikeVariantOf(seed);
  let faultsOn = false;
  const world = new World({
    seed,
    choose: (ready) => picks.below(ready.length),
    plan: randomPlan(seededRandom(seed ^ 0x2545f491), () => faultsOn),
    books: new SalesforceBooks(switches, clientSecret),
    config: configOf({
      grantLimit,
      compares: random.chance(0.3),
      loginsPerHour: logins?.loginsPerHour,
      spike: spikes?.thresholds,
    }),
    trace,
    positions: false,
  });
  world.monitor = new Monitor(world);
  world.monitor.liesTwice = random.chance(0.1);
  sabotage(world);
  const functions = createCloud(world);
  const actors = new Actors(world, functions);
  const cast = usersOf(random.pick(['crm', 'hub'])).slice(0, random.pick([1, 1, 1, 2, 2, 3]));
  if (logins !== undefined) await logins.begin(world, actors);
  else if (spikes !== undefined) await spikes.begin(world, actors);
  else for (const user of cast) if (random.chance(0.8)) await settled(world, actors.connect(user));
  faultsOn = true;
  for (let scenes = spikes?.scenes ?? 1 + random.below(3); scenes > 0; scenes -= 1) {
    if (logins !== undefined) await logins.scene(world, actors);
    else if (spikes !== undefined) await spikes.scene(world, actors);
    else await scene(world, actors, cast, random);
  }
  faultsOn = false;
  world.note(undefined, '— no more faults; to rest —');
  for (const outage of Object.values(world.outages)) outage.until = 0;
  await quiesce(world, functions, spikes !== undefined);
  const ending = await judge(world, actors);
  return {
    seed,
    steps: world.scheduler.steps,
    refreshes: world.books.refreshesDone,
    served: actors.readings.served,
    faults: world.faults,
    told: world.told,
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
    lists: random.chance(0.7),
  };
}
