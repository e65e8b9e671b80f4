/**
 * What happens in the schedules of connections without a browser: a share of all, so that the others keep their depth.
 * Some of them have people with browsers too, who use the same integrations.
 */
import { type Actors, usersOf } from './actors.ts';
import { type BareUser, bareUsers, LoginActors, type Post } from './login-actors.ts';
import { LoginBooks } from './login-books.ts';
import { clientSecret } from './process-ports.ts';
import { outages, scene, settled } from './scenes.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import type { World } from './world.ts';

type Act = () => void;

const oneIn = 5;

/** How a schedule without a browser goes, if it is one. */
export interface LoginVariant {
  readonly loginsPerHour: number;
  begin(world: World, actors: Actors): Promise<void>;
  scene(world: World, actors: Actors): Promise<void>;
}

export function loginVariantOf(seed: number): LoginVariant | undefined {
  return seed % oneIn === 0 ? createVariant(seededRandom(seed ^ 0x27d4eb2f)) : undefined;
}

function createVariant(random: SeededRandom): LoginVariant {
  const loginsPerHour = random.pick([3_600, 3_600, 10, 20]);
  const sameToken = random.chance(0.4);
  // A token that is given again and again, and refused in use, is over before the schedule's rest is.
  const sessionMs = sameToken ? 3_600_000 : 7_200_000;
  const twoKeys = random.chance(0.8);
  const cast = random.pick([bareUsers.slice(0, 1), bareUsers.slice(0, 2), bareUsers.slice(2), bareUsers.slice(1)]);
  const mixed = random.chance(0.3);
  const people = usersOf('crm').slice(0, 1);
  let logins: LoginActors;
  return {
    loginsPerHour,
    async begin(world, actors) {
      const { signs } = world.books.switches;
      world.books.logins = new LoginBooks({ sameToken, sessionMs, signs }, clientSecret);
      if (!twoKeys) world.books.logins.keysKnown = ['1'];
      logins = new LoginActors(actors);
      if (mixed) for (const user of people) await settled(world, actors.connect(user));
      for (const user of cast) if (random.chance(0.6)) await settled(world, logins.post(user, { integration: 'main' }));
    },
    async scene(world, actors) {
      const begin = world.now() + random.below(random.pick([1_000, 80_000, 1_000_000, 5_400_000, 7_300_000]));
      const widthMs = random.pick([50, 2_000, 20_000, 90_000]);
      for (let count = 2 + random.below(6); count > 0; count -= 1) {
        const run = actOf(logins, cast, twoKeys, random);
        world.scheduler.add({
          at: begin + random.below(widthMs),
          name: 'actor',
          owner: undefined,
          preempts: false,
          run,
        });
      }
      if (mixed) {
        await scene(world, actors, people, random);
        return;
      }
      outages(world, begin, random);
      await world.scheduler.run(begin + widthMs + random.pick([0, 5_000, 70_000, 160_000]));
    },
  };
}

function actOf(logins: LoginActors, cast: readonly BareUser[], twoKeys: boolean, random: SeededRandom): Act {
  const { actors } = logins;
  const user = random.pick(cast);
  const kind = random.below(43);
  if (kind < 6) return () => void actors.functions.schedule();
  if (kind < 9) return () => void actors.functions.maintain();
  if (kind < 13) return () => void actors.read(user, random.chance(0.6));
  if (kind < 24) return postsOf(logins, user, random);
  if (kind < 27) return () => void actors.disconnect(user);
  if (kind < 29) return thenAgain(logins, user, random);
  if (kind < 31) return () => void actors.unlinks.unlink({ tenant: user.tenant, integration: 'main' });
  if (kind < 32) return () => void actors.reconfigure({ tenant: user.tenant, integration: 'main' });
  if (kind < 34) return () => logins.endFromOutside(user);
  if (kind < 37) return () => void logins.rotate(twoKeys ? random.pick([0, 0, 60_000]) : 0);
  if (kind < 40) {
    const [description, forMs] = [random.pick(refusals), random.pick([20_000, 120_000, 4 * 3_600_000])];
    return () => logins.refuse(user, description, forMs);
  }
  const [times, pauseMs, disconnects] = [
    4 + random.below(14),
    random.pick([1_000, 60_000, 300_000]),
    random.chance(0.5),
  ];
  return () => void logins.wear(user, times, pauseMs, disconnects);
}

/** Facts §4: what a login without a browser may be told of its user and its app. */
const refusals: readonly string[] = [
  'authentication failure',
  'expired access/refresh token',
  'inactive user',
  "user hasn't approved this consumer",
  'ip restricted',
  'audience is invalid',
];

function postsOf(logins: LoginActors, user: BareUser, random: SeededRandom): Act {
  const posts: Post[] = [];
  for (let count = random.pick([1, 2, 3]); count > 0; count -= 1) {
    const integration = random.pick([undefined, 'main', 'main', 'second']);
    posts.push({
      ...(integration === undefined ? {} : { integration }),
      configured: random.chance(0.3),
      wrongOrg: random.chance(0.12),
      direct: random.chance(0.3),
    });
  }
  return () => void logins.together(user, posts);
}

/** Disconnected, and made again at once: the token of before may come again. */
function thenAgain(logins: LoginActors, user: BareUser, random: SeededRandom): Act {
  const waits = random.chance(0.5);
  return async () => {
    const gone = logins.actors.disconnect(user);
    if (waits) await gone;
    await logins.post(user, { integration: 'main' });
  };
}
