/** What happens in a schedule: some time passes, then several things happen at about the same time. */
import type { Actors, User } from './actors.ts';
import type { SeededRandom } from './seeded-random.ts';
import { think } from './think.ts';
import type { World } from './world.ts';

type Act = () => void;

const dayMs = 24 * 3_600_000;
const givenUpMs = 7 * dayMs + 3_600_000;

export async function scene(world: World, actors: Actors, cast: readonly User[], random: SeededRandom): Promise<void> {
  const begin = world.now() + pauseMsOf(world, random);
  const widthMs = random.pick([50, 2_000, 20_000, 90_000]);
  outages(world, begin, random);
  for (let count = 2 + random.below(6); count > 0; count -= 1) {
    const at = begin + random.below(widthMs);
    const run = actOf(actors, cast, random);
    world.scheduler.add({ at, name: 'actor', owner: undefined, preempts: false, run });
  }
  await world.scheduler.run(begin + widthMs + random.pick([0, 5_000, 70_000, 160_000]));
}

/** Where nothing can be revoked for long, sometimes so long that it is given up. */
function pauseMsOf(world: World, random: SeededRandom): number {
  const { from, until } = world.outages.revocation;
  if (world.isOut('revocation') && until - from > givenUpMs && random.chance(0.7)) return givenUpMs;
  return random.below(random.pick([1_000, 80_000, 1_000_000, 5_400_000, 6_900_000, 7_300_000, 26 * 3_600_000]));
}

function actOf(actors: Actors, cast: readonly User[], random: SeededRandom): Act {
  const { functions } = actors;
  const user = random.pick(cast);
  const kind = random.below(50);
  if (kind < 10) return () => void functions.schedule();
  if (kind < 16) return () => void actors.read(user, false);
  if (kind < 22) return () => void actors.read(user, true);
  if (kind < 27) return () => void actors.connect(user, { reauthorize: true, insists: random.chance(0.3) });
  if (kind < 35) return () => void functions.maintain();
  if (kind < 37) return () => void actors.disconnect(user, random.chance(0.7));
  if (kind < 46) return integrationActOf(kind, actors, user, random);
  if (kind < 47) return again(actors, user, random);
  return fromOutside(actors, cast, user, random);
}

/** Integrations come, share, move, are configured anew and go. */
function integrationActOf(kind: number, actors: Actors, user: User, random: SeededRandom): Act {
  const { tenant, connectionId } = user;
  const integration = random.pick(['main', 'main', 'second', 'shared']);
  const hinted = random.chance(0.5);
  if (kind < 39) return () => void actors.connect(user, { integration: 'shared', connectionId });
  if (kind < 42) return () => void actors.unlinks.unlink({ tenant, integration });
  if (kind < 44) return () => void actors.reconfigure({ tenant, integration });
  return () => void actors.connect(user, { integration: 'second', hinted });
}

/** One user authorizes again and again, as somebody does for whom the set-up fails. */
function again(actors: Actors, user: User, random: SeededRandom): Act {
  const pauseMs = random.pick([0, 5_000, 60_000]);
  const times = 3 + random.below(5);
  return async () => {
    for (let count = 0; count < times; count += 1) {
      await actors.connect(user, { reauthorize: true, hinted: true });
      await think(actors.world, random.below(pauseMs + 1));
    }
  };
}

/** What an administrator does, who leaves and is followed by another; and somebody with a mailed link. */
function fromOutside(actors: Actors, cast: readonly User[], user: User, random: SeededRandom): Act {
  const { world } = actors;
  const kind = random.below(7);
  if (kind === 0) return () => actors.endFromOutside(user);
  if (kind === 1) return () => world.books.deactivate(user.userId, world.now() + random.pick([60_000, dayMs]));
  if (kind < 4 && user.app === 'hub') return () => void actors.attack(user);
  const { tenant } = random.pick(cast);
  return () => void actors.connect(user, { reauthorize: true, tenant });
}

const outageChances = [
  ['store', 0.12],
  ['lifeboat', 0.05],
  ['salesforce', 0.1],
] as const;

export function outages(world: World, begin: number, random: SeededRandom): void {
  for (const [what, chance] of outageChances) {
    if (!random.chance(chance)) continue;
    const from = begin + random.below(30_000);
    Object.assign(world.outages[what], { from, until: from + random.pick([500, 5_000, 60_000, 300_000]) });
  }
  if (!random.chance(0.08)) return;
  Object.assign(world.outages.revocation, { from: begin, until: begin + random.pick([60_000, 3_600_000, 9 * dayMs]) });
}

/** Runs until `work` is over. */
export async function settled<T>(world: World, work: Promise<T>): Promise<T> {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  await world.scheduler.run(Number.POSITIVE_INFINITY, () => over);
  return work;
}
