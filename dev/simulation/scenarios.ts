/** The small scenarios of the exhaustive walk: who begins at the same instant, on what is prepared. */
import type { RefreshRequest } from '../../functions/core/ports.ts';
import type { Actors, User } from './actors.ts';
import type { Functions } from './functions.ts';
import type { World } from './world.ts';

type Begin = () => void;

export interface Scenario {
  readonly name: string;
  readonly faults: number;
  /** Runs to where the walk begins; answers those who begin at once there, wave after wave. */
  readonly prepare: (
    world: World,
    actors: Actors,
    functions: Functions,
    user: User,
  ) => Promise<readonly (readonly Begin[])[]>;
}

export type Act = 'refresh' | 'callback' | 'disconnect' | 'drain';

const dueMs = 5_500_000;

export const pairs: readonly (readonly Act[])[] = [
  ['refresh', 'refresh'],
  ['refresh', 'callback'],
  ['refresh', 'disconnect'],
  ['refresh', 'drain'],
  ['callback', 'callback'],
  ['callback', 'disconnect'],
  ['callback', 'drain'],
  ['disconnect', 'drain'],
  ['drain', 'drain'],
];

export const triple: readonly Act[] = ['refresh', 'callback', 'drain'];

export const scenarios: readonly Scenario[] = [...pairs.map((acts) => scenarioOf(acts, 1)), scenarioOf(triple, 0)];

/** `drain`: a refresh answer lies in the lifeboat, its lease has ended, and `maintain` comes. */
export function scenarioOf(acts: readonly Act[], faults: number): Scenario {
  return {
    name: `${acts.join(' × ')}, ${faults === 0 ? 'no fault' : 'at most one fault'}`,
    faults,
    async prepare(world, actors, functions, user) {
      await to(world, actors.connect(user, false));
      await world.scheduler.run(world.now() + dueMs);
      if (acts.includes('drain')) await leaveInLifeboat(world, functions, user);
      const callbacks: Begin[] = [];
      for (const act of acts) {
        if (act !== 'callback') continue;
        const event = await to(world, actors.authorize(user, true));
        callbacks.push(() => void functions.http('callback', event!()));
      }
      const refresh: Begin = () => void functions.refreshQueued([requestFor(world, user)]);
      const begins: Record<Exclude<Act, 'callback'>, Begin> = {
        refresh,
        disconnect: () => void actors.disconnect(user),
        drain: () => void functions.maintain(),
      };
      const first = acts.map((act) => (act === 'callback' ? callbacks.pop()! : begins[act]));
      return [first, [refresh, begins.drain]];
    },
  };
}

/** A refresh whose answer the store refuses; then its lease ends. */
async function leaveInLifeboat(world: World, functions: Functions, user: User): Promise<void> {
  const work = functions.refreshQueued([requestFor(world, user)]);
  const claimed = () => world.monitor.connections.get(user.connectionId)?.grant?.lease !== undefined;
  await world.scheduler.run(Number.POSITIVE_INFINITY, claimed);
  Object.assign(world.outages.store, { from: world.now(), until: world.now() + 58_000 });
  await to(world, work);
  await world.scheduler.run(world.now() + 90_000);
}

/** For the generation that is stored just now. */
function requestFor(world: World, { connectionId }: User): RefreshRequest {
  const grant = world.monitor.connections.get(connectionId)?.grant;
  const generation = { grantId: grant?.id ?? 'none', refreshes: grant?.refreshes ?? 0 };
  return { version: 1, connectionId, generation, reason: 'due' };
}

async function to<T>(world: World, work: Promise<T>): Promise<T> {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  await world.scheduler.run(Number.POSITIVE_INFINITY, () => over);
  return work;
}
