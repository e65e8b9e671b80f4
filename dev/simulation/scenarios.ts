/** The small scenarios of the exhaustive walk: who begins at the same instant, on what is prepared. */
import type { RefreshRequest } from '../../functions/core/ports.ts';
import type { Actors, User } from './actors.ts';
import type { Functions } from './functions.ts';
import { linkScenarios } from './link-scenarios.ts';
import { settled } from './scenes.ts';
import type { AppName } from './simulated-config.ts';
import type { World } from './world.ts';

export type Begin = () => void;

export interface Scenario {
  readonly name: string;
  readonly faults: number;
  /** @default with rotation and without */
  readonly rotations?: readonly boolean[];
  /** The fault may be a slow call. */
  readonly delays?: boolean;
  /** @default crm, which links without a claim */
  readonly app?: AppName;
  /** Calls to the store that others may come before. @default those to connections */
  readonly preempts?: RegExp;
  /** Clocks that are ahead, by function. */
  readonly skewsMs?: Readonly<Record<string, number>>;
  /** Runs to where the walk begins; answers those who begin at once there, wave after wave. */
  readonly prepare: (
    world: World,
    actors: Actors,
    functions: Functions,
    user: User,
  ) => Promise<readonly (readonly Begin[])[]>;
}

/**
 * `drain`: an answer lies in the lifeboat, and `maintain` comes. `late drain`: it was committed all the same, as a write
 * is whose answer was lost. `stale drain`: and another refresh has been committed since. `refresh in trouble`: it died
 * while its answer was on the way into the lifeboat; a call is slow. `dead refresh`: Salesforce has ended the grant.
 * `two rejections`: of its token, and of the one that the refresh for it brings; so the next generation is wanted at once.
 */
export type Act =
  | 'refresh'
  | 'dead refresh'
  | 'callback'
  | 'disconnect'
  | 'drain'
  | 'late drain'
  | 'stale drain'
  | 'maintain'
  | 'two rejections'
  | 'refresh in trouble';

const unrefreshed: readonly Act[] = ['callback', 'disconnect', 'dead refresh'];
const dueMs = 5_500_000;

const pairs: readonly (readonly Act[])[] = [
  ['refresh', 'refresh'],
  ['refresh', 'callback'],
  ['refresh', 'disconnect'],
  ['refresh', 'drain'],
  ['refresh', 'late drain'],
  ['refresh', 'stale drain'],
  ['dead refresh', 'callback'],
  ['callback', 'callback'],
  ['callback', 'disconnect'],
  ['callback', 'drain'],
  ['callback', 'stale drain'],
  ['disconnect', 'drain'],
  ['drain', 'drain'],
];

const triples: readonly (readonly Act[])[] = [
  ['refresh', 'callback', 'drain'],
  ['refresh', 'disconnect', 'maintain'],
  ['refresh', 'callback', 'late drain'],
];

export const scenarios: readonly Scenario[] = [
  { ...scenarioOf(['refresh in trouble', 'refresh'], 1), delays: true },
  ...triples.map((acts) => scenarioOf(acts, 0)),
  scenarioOf(['refresh', 'two rejections'], 0),
  ...pairs.map((acts) => scenarioOf(acts, 1)),
  ...linkScenarios,
];

/** `drain`: a refresh answer lies in the lifeboat, its lease has ended, and `maintain` comes. */
export function scenarioOf(acts: readonly Act[], faults: number): Scenario {
  return {
    name: `${acts.join(' × ')}, ${faults === 0 ? 'no fault' : 'at most one fault'}`,
    faults,
    // Where nothing is refreshed at the same time, rotation only adds to what may go wrong.
    ...(acts.every((act) => unrefreshed.includes(act)) ? { rotations: [true] } : {}),
    async prepare(world, actors, functions, user) {
      await settled(world, actors.connect(user));
      await world.scheduler.run(world.now() + dueMs);
      if (acts.includes('drain')) await leaveInLifeboat(world, functions, user);
      if (acts.includes('refresh in trouble')) await troubled(world, functions, user);
      if (acts.includes('late drain') || acts.includes('stale drain')) await leaveCommitted(world, functions, user);
      if (acts.includes('stale drain')) {
        await settled(world, functions.refreshQueued([requestFor(world, user)]));
        await world.scheduler.run(world.now() + 24 * 3_600_000);
      }
      const callbacks: Begin[] = [];
      for (const act of acts) {
        if (act !== 'callback') continue;
        const event = await settled(world, actors.authorize(user, { reauthorize: true }));
        callbacks.push(() => void functions.http('callback', event!()));
      }
      const refresh: Begin = () => void functions.refreshQueued([requestFor(world, user)]);
      if (acts.includes('dead refresh')) actors.endFromOutside(user);
      const begins: Record<Exclude<Act, 'callback'>, Begin> = {
        refresh,
        'dead refresh': refresh,
        'refresh in trouble': () => undefined,
        maintain: () => void functions.maintain(),
        'two rejections': () => void actors.read(user, true).then(() => actors.read(user, true)),
        'late drain': () => void functions.maintain(),
        'stale drain': () => void functions.maintain(),
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
  const [work] = await refused(world, functions, user);
  await settled(world, work!);
  await world.scheduler.run(world.now() + 90_000);
}

/** Killed at its function's timeout, while its answer is on the way to the lifeboat and lands four seconds later. */
async function troubled(world: World, functions: Functions, user: User): Promise<void> {
  const begun = world.now();
  await refused(world, functions, user);
  const put = () => world.scheduler.pending().find(({ name }) => name === 'lifeboat.put');
  await world.scheduler.run(begun + 60_000, () => put() !== undefined);
  const onTheWay = put();
  if (onTheWay !== undefined) onTheWay.at = begun + 64_000;
  await world.scheduler.run(begun + 63_000);
}

async function refused(world: World, functions: Functions, user: User): Promise<Promise<unknown>[]> {
  const work = functions.refreshQueued([requestFor(world, user)]);
  const claimed = () => world.monitor.connections.get(user.connectionId)?.grant?.lease !== undefined;
  await world.scheduler.run(Number.POSITIVE_INFINITY, claimed);
  Object.assign(world.outages.store, { from: world.now(), until: world.now() + 58_000 });
  return [work];
}

/** A refresh that was committed and lies in the lifeboat too; then the next one is due. */
async function leaveCommitted(world: World, functions: Functions, user: User): Promise<void> {
  await settled(world, functions.refreshQueued([requestFor(world, user)]));
  const connection = world.monitor.connections.get(user.connectionId);
  const grant = connection?.grant;
  if (grant === undefined) throw new Error('There is no grant to refresh.');
  const { id, loginUrl, madeBy, accessToken, accessTokenSha256, refreshToken, issuedAt, expiresAt, refreshAfter } =
    grant;
  const attempt = { id: madeBy, generation: { grantId: id, refreshes: grant.refreshes - 1 }, loginUrl };
  const tokens = { accessToken, accessTokenSha256, refreshToken, issuedAt, expiresAt, refreshAfter };
  const made = {
    ...tokens,
    instanceUrl: grant.instanceUrl,
    rotated: world.books.switches.rotation,
    identityChanged: false,
  };
  const at = world.now();
  const key = { version: 1, kind: 'refresh', connectionId: user.connectionId, attemptId: madeBy } as const;
  if (made.rotated) world.lifeboat.put({ ...key, at, attempt, made });
  await world.scheduler.run(world.now() + 24 * 3_600_000);
}

/** For the generation that is stored just now. */
function requestFor(world: World, { connectionId }: User): RefreshRequest {
  const grant = world.monitor.connections.get(connectionId)?.grant;
  const generation = { grantId: grant?.id ?? 'none', refreshes: grant?.refreshes ?? 0 };
  return { version: 1, connectionId, generation, reason: 'due' };
}
