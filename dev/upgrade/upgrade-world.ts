/**
 * A local stack on which each Lambda is of one release or the other, as during a deploy: one table, one queue, one
 * lifeboat, one Salesforce. It begins empty, or with what a fixture holds.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ports, Store } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { type Flow, startFlow } from '../../test/support/flow.ts';
import { flowsBeginAt } from '../../test/support/flow-clock.ts';
import { type Handlers, invoke } from '../local/lambda.ts';
import { type Fixture, fill } from './fixture.ts';
import type { Release } from './release.ts';
import { type Engines, type RunningRelease, runRelease } from './release-handlers.ts';

/** Wraps unsealed keys of tests, in fixtures and nowhere else. */
const testMasterKey: string = Buffer.alloc(32, 'upgrade test ').toString('base64');

export type Write = (after: Readonly<Record<string, unknown>>) => 'die' | 'refuse' | undefined;

export interface UpgradeWorld {
  readonly flow: Flow;
  readonly engines: Engines;
  /** Events of Lambdas by Lambdas. */
  readonly invocations: { readonly name: FunctionName; readonly event: unknown }[];
  /** Deploys functions; all, where none is named. */
  deploy(release: Release, ...names: FunctionName[]): void;
  /** What becomes of the next writes under compare-and-set. */
  onWrite(judge: Write | undefined): void;
  close(): Promise<void>;
}

const functionNames: readonly FunctionName[] = [
  'connect',
  'callback',
  'configure',
  'schedule-refreshes',
  'refresh',
  'jwt-bearer',
  'token',
  'connections',
  'maintain',
];

export interface UpgradeWorldOptions {
  /** All functions are of this one at first. */
  readonly release: Release;
  readonly fixture?: Fixture;
  change?(ports: Ports): Ports;
}

export async function startUpgradeWorld({ release, fixture, change }: UpgradeWorldOptions): Promise<UpgradeWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'grantkeeper-upgrade-'));
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  writeFileSync(join(folder, 'keys', 'master.key'), `${testMasterKey}\n`, { mode: 0o600 });
  if (fixture !== undefined) writeFileSync(join(folder, 'simulator.json'), JSON.stringify(fixture.salesforce));

  const running = new Map<Release, RunningRelease>();
  const deployed = new Map<FunctionName, Release>(functionNames.map((name) => [name, release]));
  const invocations: { name: FunctionName; event: unknown }[] = [];
  let judge: Write | undefined;
  let stackPorts: Ports | undefined;

  const handlersOf = (one: Release): Handlers => {
    const known = running.get(one);
    if (known !== undefined) return known.handlers;
    if (stackPorts === undefined) throw new Error('The stack is not started.');
    const options = { release: one, ports: stackPorts, engines: enginesOf(flow), call, between };
    const made = runRelease(options);
    running.set(one, made);
    return made.handlers;
  };
  const handlerOf = (name: FunctionName) => handlersOf(deployed.get(name) ?? release)[name];
  const call = (name: FunctionName, event: unknown) => {
    invocations.push({ name, event });
    return invoke(name, handlerOf(name), event, flow.clock);
  };
  const between = (store: Store, one: Release) => disturbed(store, one, () => judge);
  const flow = await startFlow({
    shards: 16,
    dataDir: folder,
    createHandlers: (ports) => {
      stackPorts = change?.(ports) ?? ports;
      const entries = functionNames.map((name) => [
        name,
        (event: unknown, context: Parameters<Handlers['token']>[1]) => handlerOf(name)(event, context),
      ]);
      return Object.fromEntries(entries) as Handlers;
    },
  });
  const engines = enginesOf(flow);
  const close = async () => {
    for (const one of running.values()) one.close();
    await flow.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (fixture !== undefined) {
      flow.clock.advance(Date.parse(fixture.at) - flowsBeginAt);
      await fill(engines, fixture, { salesforce: flow.stack.simulatorUrl, grantkeeper: flow.stack.url });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    flow,
    engines,
    invocations,
    deploy: (one, ...names) => {
      for (const name of names.length === 0 ? functionNames : names) deployed.set(name, one);
    },
    onWrite: (next) => {
      judge = next;
    },
    close,
  };
}

function enginesOf({ stack }: Flow): Engines {
  const { dynamodb = '', messaging = '' } = stack.listeners;
  return { dynamodb, messaging };
}

const collections: ReadonlySet<string | symbol> = new Set<keyof Store>([
  'connections',
  'sessions',
  'integrations',
  'ledgers',
  'introductions',
  'apps',
  'incidents',
  'watches',
]);

/** `die`: the write is done and its process ends there; `refuse`: the write is not done. */
function disturbed(store: Store, release: Release, judge: () => Write | undefined): Store {
  const act = async <T>(after: object, write: () => Promise<T>): Promise<T> => {
    const verdict = judge()?.(after as Readonly<Record<string, unknown>>);
    if (verdict === 'refuse') throw new release.StoreUnavailableError('The table refused a write.');
    const written = await write();
    if (verdict === 'die') throw new Error('The process was killed.');
    return written;
  };
  return new Proxy(store, {
    get(target, name) {
      const inner = Reflect.get(target, name);
      if (!collections.has(name) || inner === undefined) return inner;
      return {
        read: (key: never) => inner.read(key),
        create: (item: object) => act(item, () => inner.create(item)),
        replace: (before: never, after: object) => act(after, () => inner.replace(before, after)),
      };
    },
  });
}
