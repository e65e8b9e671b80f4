/**
 * What happens in the life of a connection that does not end it: refreshes, readers, busy answers, outages, authorizations
 * that break off, are refused or take its place. Drawn from the world's seed.
 */
import type { Authorization } from './authorizing.ts';
import type { Person } from './population.ts';
import { dayMs, hourMs, minuteMs, type World } from './world.ts';

/** One user whose connection is to die. */
export interface Life {
  readonly person: Person;
  readonly connectionId: string;
  /** Authorizations beside it that may live at Salesforce: kept under the limit. */
  beside: number;
}

const busy = {
  endpoint: 'token',
  error: 'invalid_grant',
  error_description: 'token request is already being processed',
} as const;
const circuit = {
  endpoint: 'token',
  error: 'invalid_client',
  error_description: 'invalid client credentials',
} as const;

export async function beginLife(world: World, person: Person): Promise<Life> {
  const connectionId = await world.authorizing.authorize(person);
  if (connectionId === undefined) throw new Error(`${person.username} is not connected.`);
  if (world.random.chance(0.8)) world.inUse.add(connectionId);
  await world.read(connectionId);
  return { person, connectionId, beside: 0 };
}

/** Lives for so many refreshes, with whatever comes. */
export async function live(world: World, life: Life, refreshes: number): Promise<void> {
  for (let done = 0; done < refreshes; done += 1) {
    await anything(world, life, 0.3);
    await untilRefreshed(world, life);
  }
}

/** What comes between the last refresh and the death. */
export async function lastHours(world: World, life: Life): Promise<void> {
  await passPart(world, life);
  await anything(world, life, 0.15);
}

/** Most connections are refreshed often before they die. */
export function refreshesBefore({ random }: World): number {
  return random.chance(0.05) ? 0 : 1 + random.below(4);
}

async function anything(world: World, life: Life, probability: number): Promise<void> {
  const { random, simulator } = world;
  if (!random.chance(probability)) return;
  const acts: (() => Promise<unknown> | unknown)[] = [
    () => simulator.switches.nextErrors.push(busy),
    () => simulator.switches.nextErrors.push(circuit),
    () => outage(world, life),
    () => authorizeBeside(world, life, 'not_reached'),
    () => authorizeBeside(world, life, 'answer_lost'),
    () => authorizeBeside(world, life, 'refused'),
    () => authorizeBeside(world, life, 'denied'),
    () => reauthorize(world, life),
    () => (random.chance(0.15) ? storm(world, life) : undefined),
  ];
  await random.pick(acts)();
}

/** Salesforce answers nobody for a while. */
async function outage(world: World, life: Life): Promise<void> {
  const { simulator, clock } = world;
  const { nextRefreshAt = clock.now() } = await world.connection(life.connectionId);
  simulator.switches.html503 = true;
  await world.passTo(Math.max(clock.now(), nextRefreshAt) + minuteMs + world.random.below(20 * minuteMs));
  simulator.switches.html503 = false;
}

/** Under the limit: with what lives besides, the stored grant is not the one too many. */
async function authorizeBeside(world: World, life: Life, what: Authorization): Promise<void> {
  if (life.beside + 2 > world.simulator.switches.grantLimit - 1) return;
  if (what === 'answer_lost' || what === 'not_reached') life.beside += 1;
  await world.authorizing.authorize(life.person, what);
}

/** A set-up that fails over and over, and each time without a grant that lives: it looks like too many of them. */
async function storm(world: World, { person }: Life): Promise<void> {
  const what = world.random.pick(['not_reached', 'refused', 'denied'] as const);
  for (let tries = 0; tries < 6; tries += 1) await world.authorizing.authorize(person, what);
}

async function reauthorize(world: World, life: Life): Promise<void> {
  if (life.beside > 1) return;
  await world.authorizing.authorize(life.person);
  await world.pass(20 * minuteMs);
  await world.read(life.connectionId);
}

export async function untilRefreshed(world: World, { connectionId }: Life): Promise<void> {
  const before = (await world.connection(connectionId)).grant;
  const isRefreshed = async () => {
    const { grant, status } = await world.connection(connectionId);
    return status !== 'active' || grant?.id !== before?.id || (grant?.refreshes ?? 0) > (before?.refreshes ?? 0);
  };
  await world.passTo(world.clock.now() + 2 * dayMs, isRefreshed);
}

/** Some part of the time to its next refresh. */
export async function passPart(world: World, { connectionId }: Life): Promise<void> {
  const { nextRefreshAt } = await world.connection(connectionId);
  const left = Math.max(0, (nextRefreshAt ?? world.clock.now()) - world.clock.now());
  await world.pass(Math.floor(left * 0.95 * world.random.fraction()));
}

/** Until its death is diagnosed, or it is plain that it does not come. */
export async function untilDiagnosed(world: World, lives: readonly Life[]): Promise<void> {
  const dead = new Set(lives.map(({ connectionId }) => connectionId));
  const isOver = () => [...dead].every((id) => world.died.some(({ connection }) => connection.id === id));
  if (!isOver()) await world.passTo(world.clock.now() + 2 * dayMs + hourMs, isOver);
}
