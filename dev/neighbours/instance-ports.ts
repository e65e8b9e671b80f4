/** The ports of one Lambda instance in a run of neighbours: engines answer at once in truth, and after their usual time on the clock. */
import type { GrantkeeperConfig } from '../../functions/core/config.ts';
import type { KeyContext, Ports, Random, RefreshReport, Salesforce, Store } from '../../functions/core/ports.ts';
import { barePorts } from '../simulation/bare-ports.ts';
import type { TransparentSealing } from '../simulation/transparent-sealing.ts';
import type { EngineClock } from './engine-clock.ts';
import type { LambdaCloud } from './lambda-cloud.ts';

export interface SharedWorld {
  readonly clock: EngineClock;
  readonly config: GrantkeeperConfig;
  /** Of all instances; its calls take their time. */
  readonly store: Store;
  readonly sealing: TransparentSealing;
  readonly random: Random;
  readonly salesforce: Salesforce;
  readonly refreshQueue: Ports['refreshQueue'];
  readonly onKeyOpened: (context: KeyContext) => void;
  readonly cloud: () => LambdaCloud;
}

/** Read once by each instance: its client secret, and each data key that it opens. */
const keyServiceMs = 15;

export function instancePorts(world: SharedWorld): Ports {
  const { clock, refreshQueue, onKeyOpened, cloud } = world;
  const bare = barePorts(world);
  return {
    ...bare,
    keys: {
      generateDataKey: async (context) => {
        await clock.wait(keyServiceMs);
        return bare.keys.generateDataKey(context);
      },
      unwrapDataKey: async (wrapped, context) => {
        onKeyOpened(context);
        await clock.wait(keyServiceMs);
        return bare.keys.unwrapDataKey(wrapped, context);
      },
    },
    refreshQueue,
    refresher: { refresh: async (request) => (await cloud().invoke('refresh', request)) as RefreshReport },
    alerts: { publish: async () => undefined },
    configurationQueue: { send: async () => undefined },
    configurationStep: { run: async () => undefined },
    maintainer: {
      doDutiesOf: async (connectionId) => {
        await cloud().invoke('maintain', { version: 1, kind: 'do_duties', connectionId });
      },
    },
  };
}

/** As DynamoDB in the function's own region answers. */
const readMs = 4;
const writeMs = 7;

/** @param onReplaced told of each write of a connection that was applied */
export function timedStore(
  clock: EngineClock,
  inner: Store,
  onReplaced: (before: { grant?: { refreshes: number } }, after: { id: string; grant?: { refreshes: number } }) => void,
): Store {
  const timed =
    (name: string, call: (...all: never[]) => Promise<unknown>) =>
    async (...all: never[]) => {
      await clock.wait(/^(create|replace|add|remove|remember|put|count)/.test(name) ? writeMs : readMs);
      const answer = await clock.atOnce(() => call(...all));
      if (name === 'replace' && answer === 'written') onReplaced(all[0] as never, all[1] as never);
      return answer;
    };
  const member = ([name, value]: [string, unknown]): [string, unknown] => {
    if (typeof value === 'function') return [name, timed(name, value.bind(inner))];
    if (typeof value !== 'object' || value === null) return [name, value];
    const collection = value as Record<'read' | 'create' | 'replace', (...all: never[]) => Promise<unknown>>;
    return [
      name,
      {
        read: timed('read', (...all) => collection.read(...all)),
        create: timed('create', (...all) => collection.create(...all)),
        replace: timed('replace', (...all) => collection.replace(...all)),
      },
    ];
  };
  return Object.fromEntries(Object.entries(inner).map(member)) as unknown as Store;
}
