/** A scenario for each cause of death: it prepares a world, lets connections live, and ends them. */

import { type SeededRandom, seededRandom } from '../simulation/seeded-random.ts';
import {
  beginLife,
  type Life,
  lastHours,
  live,
  passPart,
  refreshesBefore,
  untilDiagnosed,
  untilRefreshed,
} from './noise.ts';
import { type Doings, grantAtSalesforce } from './truth.ts';
import type { WorldOptions } from './world.ts';
import { dayMs, minuteMs, World } from './world.ts';

export interface Scene {
  readonly world: World;
  readonly doings: Doings;
}

export type Scenario = (seed: number) => Promise<Scene>;

export const scenarios: Readonly<Record<string, Scenario>> = {
  grant_limit: grantLimit,
  lost_response: lostResponse,
  expired_immediately: expiredImmediately,
  idle_expiry: idleExpiry,
  lifetime_expiry: lifetimeExpiry,
  user_deactivated_or_password_changed: userKeptOut,
  org_wide_revocation: orgWideRevocation,
  app_wide_revocation: appWideRevocation,
  revoked_or_unknown: revoked,
};

interface Begun extends Scene {
  readonly random: SeededRandom;
}

function begin(seed: number, options: (random: SeededRandom) => Omit<WorldOptions, 'seed'>): Begun {
  const random = seededRandom(seed);
  const { sizes, switches, settings } = options(random);
  const grantLimit = random.pick([4, 5] as const);
  const world = new World({
    seed,
    sizes,
    switches: {
      rotation: random.chance(0.5),
      replay: random.pick(['kill', 'reject']),
      eviction: random.pick(['oldest', 'lru']),
      grantLimit,
      ...switches,
    },
    // Salesforce may take fewer than the app is configured for.
    settings: { grantLimit: grantLimit === 4 && random.chance(0.8) ? 4 : 5, ...policyNobodyHas(random), ...settings },
  });
  return { world, random, doings: { byUser: new Map(), policy: 'revoked_or_unknown' } };
}

/** Stated limits that are never reached are noise, too. */
function policyNobodyHas(random: SeededRandom): { idleLimitDays?: number; lifetimeLimitDays?: number } {
  return {
    ...(random.chance(0.4) ? { idleLimitDays: 30 } : {}),
    ...(random.chance(0.3) ? { lifetimeLimitDays: 90 } : {}),
  };
}

/** The first of the org is to die; some others live there, and some of them die by themselves, at some other time or then. */
async function settle(scene: Begun, refreshes = refreshesBefore(scene.world)): Promise<Life> {
  const { world, random } = scene;
  const [[person, ...others] = []] = world.orgs;
  if (person === undefined) throw new Error('The org has nobody.');
  const lives: Life[] = [];
  for (const other of others) {
    lives.push(await beginLife(world, other));
    await world.pass(random.below(80 * minuteMs));
  }
  const life = await beginLife(world, person);
  await live(world, life, refreshes);
  for (const other of lives) if (random.chance(0.15)) revokeUser(world, other);
  return life;
}

const fewOthers = (random: SeededRandom) => [1 + (random.chance(0.5) ? random.below(4) : 0)];

function revokeUser({ simulator }: World, { person }: Pick<Life, 'person'>): void {
  for (const { id } of simulator.books.liveGrants({ userId: person.userId })) simulator.revokeGrant(id);
}

async function revoked(seed: number): Promise<Scene> {
  const scene = begin(seed, (random) => ({ sizes: fewOthers(random) }));
  const life = await settle(scene);
  await lastHours(scene.world, life);
  revokeUser(scene.world, life);
  await untilDiagnosed(scene.world, [life]);
  return scene;
}

async function userKeptOut(seed: number): Promise<Scene> {
  const scene = begin(seed, (random) => ({ sizes: fewOthers(random) }));
  const life = await settle(scene);
  await lastHours(scene.world, life);
  scene.world.simulator.lockUser(life.person.userId);
  await untilDiagnosed(scene.world, [life]);
  return scene;
}

/** A set-up that fails and is begun again, until Salesforce evicts the grant in use. */
async function grantLimit(seed: number): Promise<Scene> {
  const scene = begin(seed, (random) => ({ sizes: fewOthers(random) }));
  const { world, random } = scene;
  const life = await settle(scene);
  await passPart(world, life);
  const known = random.chance(0.4);
  if (known) refuseRevocations(world);
  const refreshedBetween = random.chance(0.2);
  // It goes on for a while: nobody notices that the grant in use is gone.
  let more = random.below(3);
  for (let tries = 0; tries < 10 && more >= 0; tries += 1) {
    if (!(await isAlive(world, life))) more -= 1;
    await world.authorizing.authorize(life.person, known ? 'refused' : random.chance(0.9) ? 'answer_lost' : 'denied');
    await world.pass(random.below(5 * minuteMs));
    if (refreshedBetween && random.chance(0.3)) await untilRefreshed(world, life);
  }
  await untilDiagnosed(world, [life]);
  return scene;
}

function refuseRevocations({ simulator }: World): void {
  const refused = { endpoint: 'revoke', error: 'server_error', error_description: 'later', status: 503 } as const;
  simulator.switches.nextErrors.push(...Array.from({ length: 100 }, () => refused));
}

async function isAlive(world: World, { connectionId }: Life): Promise<boolean> {
  return (await grantAtSalesforce(world, await world.connection(connectionId))).endedAt === undefined;
}

/** Under rotation Salesforce answers a refresh, and the answer is lost. */
async function lostResponse(seed: number): Promise<Scene> {
  const scene = begin(seed, (random) => ({ sizes: fewOthers(random), switches: { rotation: true } }));
  const { world } = scene;
  const life = await settle(scene);
  const { nextRefreshAt = world.clock.now() } = await world.connection(life.connectionId);
  await world.passTo(nextRefreshAt - 1);
  world.simulator.switches.resetAfterProcessing = true;
  const isSent = async () => ((await world.connection(life.connectionId)).grant?.attempts.length ?? 0) > 0;
  await world.passTo(world.clock.now() + 10 * minuteMs, isSent);
  world.simulator.switches.resetAfterProcessing = false;
  await untilDiagnosed(world, [life]);
  return scene;
}

/** The policy `zero`. */
async function expiredImmediately(seed: number): Promise<Scene> {
  const scene = begin(seed, (random) => ({ sizes: fewOthers(random), switches: { refreshTokenPolicy: 'zero' } }));
  scene.doings.policy = 'expired_immediately';
  const life = await settle(scene, 0);
  await lastHours(scene.world, life);
  await untilDiagnosed(scene.world, [life]);
  return scene;
}

/** Nothing is refreshed for longer than the policy's idle limit: our schedule stands still. */
async function idleExpiry(seed: number): Promise<Scene> {
  const days = 5 + seededRandom(seed + 1).below(26);
  const scene = begin(seed, (random) => ({
    sizes: fewOthers(random),
    switches: { refreshIdleMinutes: days * 24 * 60 },
    // Some operators do not state it.
    settings: { idleLimitDays: random.chance(0.9) ? days : undefined },
  }));
  const { world, random } = scene;
  scene.doings.policy = 'idle_expiry';
  const life = await settle(scene);
  await lastHours(world, life);
  world.stopped = true;
  await world.pass((days + 1 + random.below(3)) * dayMs);
  world.stopped = false;
  await untilDiagnosed(world, [life]);
  return scene;
}

/** The end of the policy's lifetime, however much it was used. */
async function lifetimeExpiry(seed: number): Promise<Scene> {
  const days = 1 + seededRandom(seed + 1).below(3);
  const scene = begin(seed, (random) => ({
    sizes: fewOthers(random),
    switches: { refreshLifetimeMinutes: days * 24 * 60 },
    settings: { lifetimeLimitDays: random.chance(0.9) ? days : undefined },
  }));
  const { world } = scene;
  scene.doings.policy = 'lifetime_expiry';
  const life = await settle(scene);
  world.inUse.clear();
  await world.passTo(world.clock.now() + (days + 3) * dayMs, () => isDiagnosed(world, life));
  return scene;
}

function isDiagnosed({ died }: World, { connectionId }: Life): boolean {
  return died.some(({ connection }) => connection.id === connectionId);
}

/** An administrator revokes all of the org's tokens. */
async function orgWideRevocation(seed: number): Promise<Scene> {
  const scene = begin(seed, (random) => ({ sizes: [3 + random.below(5), 2] }));
  const { world, random, doings } = scene;
  const lives = await settleAll(scene, 60 * minuteMs);
  await lastHours(world, random.pick(lives));
  const [dying = []] = world.orgs;
  const [{ orgId } = { orgId: '' }] = dying;
  for (const { userId } of dying) doings.byUser.set(userId, 'org_wide_revocation');
  world.simulator.revokeOrg(orgId);
  await untilDiagnosed(
    world,
    lives.filter(({ person }) => person.orgId === orgId),
  );
  return scene;
}

/** The app loses its grants in every org: its secret was applied, or Salesforce blocked it. */
async function appWideRevocation(seed: number): Promise<Scene> {
  const scene = begin(seed, (random) => ({
    sizes: Array.from({ length: 8 + random.below(8) }, () => 1 + (random.chance(0.3) ? random.below(3) : 0)),
  }));
  const { world, random, doings } = scene;
  const lives = await settleAll(scene, random.chance(0.8) ? 10 * minuteMs : 90 * minuteMs);
  if (random.chance(0.5)) {
    const refused = { endpoint: 'token', error: 'invalid_client', error_description: 'invalid client credentials' };
    world.simulator.switches.nextErrors.push({ ...refused, endpoint: 'token' });
  }
  await world.pass(random.below(60 * minuteMs));
  for (const { userId } of world.orgs.flat()) doings.byUser.set(userId, 'app_wide_revocation');
  world.simulator.revokeApp('local-client');
  await untilDiagnosed(world, lives);
  return scene;
}

/** Everybody lives, each begun at some instant within that time. */
async function settleAll({ world, random }: Begun, withinMs: number): Promise<Life[]> {
  const people = world.orgs.flat();
  const lives: Life[] = [];
  for (const person of people) {
    lives.push(await beginLife(world, person));
    await world.pass(random.below(Math.ceil((2 * withinMs) / people.length)));
  }
  const [first] = lives;
  if (first !== undefined) await live(world, first, refreshesBefore(world));
  return lives;
}
