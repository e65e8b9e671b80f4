/**
 * What happens in the schedules of orgs that fail as a whole: a share of all, for they are long. Salesforce revokes the
 * connections of an org at about the same time, under readers, ticks and faults; or refuses them for a while, or does not
 * answer; some are authorized again.
 */
import type { SpikeThresholds } from '../../functions/core/config.ts';
import { connectionIdOf } from '../../functions/core/ids.ts';
import type { Actors, User } from './actors.ts';
import { refusal } from './raw-answers.ts';
import { outages, settled } from './scenes.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import type { World } from './world.ts';

/** Those seeds that leave this remainder. */
export const spikeSeeds = { oneIn: 25, remainder: 7 } as const;
const minuteMs = 60_000;
const newsMs = 16 * minuteMs;

export interface SpikeVariant {
  readonly thresholds: SpikeThresholds;
  readonly scenes: number;
  begin(world: World, actors: Actors): Promise<void>;
  scene(world: World, actors: Actors): Promise<void>;
}

/** Of each org so many connections, and what becomes of them. */
interface Plot {
  readonly sizes: readonly number[];
  readonly fate: 'revoked' | 'some revoked' | 'kept out' | 'called dead' | 'outage';
}

export function spikeVariantOf(seed: number): SpikeVariant | undefined {
  return seed % spikeSeeds.oneIn === spikeSeeds.remainder ? createVariant(seededRandom(seed ^ 0x3c6ef372)) : undefined;
}

function createVariant(random: SeededRandom): SpikeVariant {
  const plot = plotOf(random);
  const cast = plot.sizes.flatMap((size, org) => usersOfOrg(org + 1, size));
  const holdMinutes = random.pick([2, 4, 15]);
  return {
    thresholds: { windowMinutes: 15, minimumConnections: 3, minimumShare: random.pick([0.2, 0.2, 0.5]), holdMinutes },
    scenes: random.pick([1, 1, 2]),
    async begin(world, actors) {
      await settled(world, Promise.all(cast.map((user) => actors.connect(user))));
      world.tell(`plot_${plot.fate.replaceAll(' ', '_')}${plot.sizes.length >= 5 ? '_fleet' : ''}`);
    },
    scene: (world, actors) => spikeScene(world, actors, cast, plot, random),
  };
}

function plotOf(random: SeededRandom): Plot {
  const kind = random.below(20);
  const few = () => 1 + random.below(2);
  const some = () => 3 + random.below(4);
  if (kind < 6) return { sizes: [3 + random.below(10)], fate: 'revoked' };
  if (kind < 8) return { sizes: [2], fate: 'revoked' };
  if (kind < 10) return { sizes: [some(), some()], fate: 'revoked' };
  if (kind < 12) return { sizes: [6 + random.below(7)], fate: 'some revoked' };
  if (kind < 15)
    return { sizes: [few(), few(), few(), few(), few(), ...(random.chance(0.6) ? [some()] : [])], fate: 'revoked' };
  if (kind < 17) return { sizes: [some()], fate: 'kept out' };
  if (kind < 18) return { sizes: [some()], fate: 'called dead' };
  if (kind < 19) return { sizes: [some()], fate: 'outage' };
  return { sizes: [1, 1, few(), 1, 1], fate: 'outage' };
}

function usersOfOrg(org: number, size: number): User[] {
  return Array.from({ length: size }, (_, index) => {
    const orgId = `00D${String(org).padStart(12, '0')}AAA`;
    const userId = `005${String(org * 100 + index).padStart(12, '0')}AAA`;
    const app = 'crm' as const;
    return {
      app,
      orgId,
      userId,
      connectionId: connectionIdOf({ app, orgId, userId }),
      tenant: `tenant-${org}-${index}`,
    };
  });
}

async function spikeScene(
  world: World,
  actors: Actors,
  cast: readonly User[],
  plot: Plot,
  random: SeededRandom,
): Promise<void> {
  await pass(world, actors, random.below(random.pick([minuteMs, 30 * minuteMs, 90 * minuteMs])));
  const begin = world.now();
  const act = (at: number, run: () => void) =>
    world.scheduler.add({ at, name: 'actor', owner: undefined, preempts: false, run });
  const widthMs = random.pick([50, 2_000, 90_000]);
  const lastsMs = random.pick([2, 4, 7]) * minuteMs;
  if (plot.fate === 'outage') Object.assign(world.outages.salesforce, { from: begin, until: begin + 10 * minuteMs });
  else if (random.chance(0.5)) outages(world, begin, random);
  // Who lives is asked before the others fail.
  const livingMs = plot.fate === 'some revoked' ? 30_000 : 0;
  for (const user of livingMs === 0 ? [] : cast)
    act(begin + random.below(livingMs), () => void actors.read(user, true));
  // The sixth org of a fleet fails when the five may be an incident already.
  const laterMs = random.pick([0, 90_000, 150_000]);
  for (const user of victimsOf(cast, plot, random)) {
    const at = begin + livingMs + random.below(widthMs) + (isSixth(user, cast) ? laterMs : 0);
    act(at, () => befalls(world, actors, user, plot));
    if (isSixth(user, cast)) act(at + random.below(5_000), () => void actors.read(user, true));
  }
  for (let count = 1 + random.below(cast.length); count > 0; count -= 1) {
    const user = random.pick(cast);
    act(begin + livingMs + random.below(widthMs + 30_000), () => void actors.read(user, true));
  }
  for (let at = begin + random.below(minuteMs); at < begin + lastsMs; at += minuteMs) {
    act(at, () => void actors.functions.schedule());
    act(at + random.below(2_000), () => void actors.functions.maintain());
  }
  for (const user of cast) if (random.chance(0.15)) act(begin + random.below(lastsMs), mendingOf(actors, user, random));
  await world.scheduler.run(begin + lastsMs);
}

/** Sometimes until nobody is due yet, sometimes until all are. The ticks go on while the scene before may be news. */
async function pass(world: World, actors: Actors, forMs: number): Promise<void> {
  const until = world.now() + forMs;
  const ticking = Math.min(until, world.now() + newsMs);
  const goesOn = world.monitor.spikes.failures.all.length > 0;
  while (goesOn && world.now() < ticking) {
    void actors.functions.schedule();
    void actors.functions.maintain();
    await world.scheduler.run(Math.min(ticking, world.now() + minuteMs));
  }
  await world.scheduler.run(until);
}

function victimsOf(cast: readonly User[], { fate }: Plot, random: SeededRandom): readonly User[] {
  if (fate === 'outage') return [];
  return fate === 'some revoked' ? cast.slice(0, 1 + random.below(4)) : cast;
}

function isSixth({ orgId }: User, cast: readonly User[]): boolean {
  return new Set(cast.map((one) => one.orgId)).size > 5 && orgId === cast.at(-1)?.orgId;
}

function befalls(world: World, actors: Actors, user: User, { fate }: Plot): void {
  if (fate === 'revoked' || fate === 'some revoked') {
    actors.endFromOutside(user);
    return;
  }
  const description = fate === 'kept out' ? 'ip restricted' : 'expired access/refresh token';
  for (const grant of world.books.livingOf(user.orgId, user.userId)) {
    grant.trouble = { answer: refusal('invalid_grant', description), until: world.now() + 20 * minuteMs };
    // Salesforce may be wrong for longer than a confirmation takes: exempt, and mended by a later try.
    if (fate === 'called dead') grant.lies = 2;
  }
}

/** Somebody authorizes again, or has enough of it. */
function mendingOf(actors: Actors, user: User, random: SeededRandom): () => void {
  if (random.chance(0.2)) return () => void actors.disconnect(user);
  return () => void actors.connect(user, { reauthorize: true });
}
