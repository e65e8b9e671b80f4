/** Scenarios of the exhaustive walk about who uses a connection: claims, unlinks, shares, and sessions that nobody claims. */
import { type Actors, claimIn, type Errand, type User } from './actors.ts';
import type { Functions } from './functions.ts';
import type { Begin, Scenario } from './scenarios.ts';
import { settled } from './scenes.ts';
import type { World } from './world.ts';

interface Stage {
  readonly world: World;
  readonly actors: Actors;
  readonly functions: Functions;
  readonly user: User;
}

/** A clock may be ahead by this: at the same instant the one may still claim, and the other ends the session. */
const skewMs = 1_000;

/** Others may come before every write that two of them make, or before fewer, where that would be too many ways. */
const writes = /^(connections|sessions|integrations)\.replace$|^usesOf$/;
const sessionWrites = /^(connections|sessions)\.replace$/;
const connectionWrites = /^connections\.replace$|^usesOf$/;

type Begins = (stage: Stage) => Promise<readonly Begin[]>;

const claimAtTheEnd: Begins = async (stage) => {
  const { sessionId, claim } = await authorized(stage);
  await toTheEndOf(stage, sessionId, -skewMs / 2);
  return [() => void stage.functions.claim(sessionId, claim), () => void stage.functions.maintain()];
};

const twoClaims: Begins = async (stage) => {
  const { sessionId, claim } = await authorized(stage);
  const begin: Begin = () => void stage.functions.claim(sessionId, claim);
  return [begin, begin];
};

const claimAndUnlink: Begins = async (stage) => {
  const { functions, actors, user, world } = stage;
  await settled(world, actors.connect(user));
  const { sessionId, claim } = await authorized(stage, { reauthorize: true, integration: 'second' });
  return [() => void functions.claim(sessionId, claim), () => void actors.unlinks.unlink(mainOf(user))];
};

/** Each of two sessions is ended by a `maintain` of its own, at the same instant. */
const twoUnclaimed: Begins = async (stage) => {
  await authorized(stage);
  const { sessionId } = await authorized(stage, { integration: 'second', reauthorize: true });
  await toTheEndOf(stage, sessionId, skewMs);
  const begin: Begin = () => void stage.functions.maintainOne(stage.user.connectionId);
  return [begin, begin];
};

const unlinkAndCallback: Begins = async ({ actors, functions, user, world }) => {
  await settled(world, actors.connect(user));
  const event = await settled(world, actors.authorize(user, { integration: 'second', reauthorize: true }));
  return [() => void actors.unlinks.unlink(mainOf(user)), () => void functions.http('callback', event!())];
};

const unlinkAndShare: Begins = async ({ actors, user, world }) => {
  await settled(world, actors.connect(user));
  const shared = { integration: 'shared', connectionId: user.connectionId };
  return [() => void actors.unlinks.unlink(mainOf(user)), () => void actors.start(user, shared)];
};

const hub = { app: 'hub' } as const;
const ahead = { ...hub, skewsMs: { maintain: skewMs } };

export const linkScenarios: readonly Scenario[] = [
  scenario('claim × maintain at the end', claimAtTheEnd, { ...ahead, faults: 0, preempts: writes }),
  scenario('claim × maintain at the end', claimAtTheEnd, { ...ahead, faults: 1, preempts: connectionWrites }),
  scenario('claim × claim', twoClaims, { ...hub, faults: 0, preempts: sessionWrites }),
  scenario('claim × claim', twoClaims, { ...hub, faults: 1, preempts: connectionWrites }),
  scenario('claim × unlink', claimAndUnlink, { ...hub, faults: 0, preempts: writes }),
  scenario('two unclaimed ends', twoUnclaimed, { ...hub, faults: 0, preempts: connectionWrites }),
  scenario('unlink × callback', unlinkAndCallback, { faults: 0, preempts: connectionWrites }),
  scenario('unlink × share', unlinkAndShare, { faults: 0, preempts: writes }),
];

type Options = Pick<Scenario, 'app' | 'skewsMs' | 'faults' | 'preempts'>;

function scenario(name: string, begins: Begins, options: Options): Scenario {
  return {
    name: `${name}, ${options.faults === 0 ? 'no fault' : 'at most one fault'}`,
    // Nothing is refreshed in them.
    rotations: [false],
    ...options,
    prepare: async (world, actors, functions, user) => {
      const first = await begins({ world, actors, functions, user });
      return [first, [() => void functions.maintain()]];
    },
  };
}

/** A session whose browser came back with its claim, which the service has not sent yet. */
async function authorized(
  { actors, functions, user, world }: Stage,
  errand: Errand = {},
): Promise<{ sessionId: string; claim: string }> {
  const connecting = await settled(world, actors.start(user, errand));
  const event = connecting && (await settled(world, actors.goToSalesforce(connecting)));
  const ended = event && (await settled(world, functions.http('callback', event())));
  const claim = ended && claimIn(ended);
  if (connecting === undefined || claim === undefined) throw new Error('No claim came back.');
  return { sessionId: connecting.sessionId, claim };
}

async function toTheEndOf({ world }: Stage, sessionId: string, afterMs: number): Promise<void> {
  await world.scheduler.run((world.monitor.sessions.get(sessionId)?.expiresAt ?? 0) + afterMs);
}

function mainOf({ tenant }: User): { tenant: string; integration: string } {
  return { tenant, integration: 'main' };
}
