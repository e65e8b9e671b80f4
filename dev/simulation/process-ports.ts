/** All ports of one process at a time, as the real handlers see them: each call is a step of the world's. */
import { createTableIdentity } from '../../functions/adapters/table-identity.ts';
import { unlimitedCallers } from '../../functions/core/app-callers.ts';
import { AppMisconfiguredError, KeysUnavailableError } from '../../functions/core/errors.ts';
import type {
  AccessRevoker,
  Clock,
  ConfigurationQueue,
  ConfigurationStep,
  KeyContext,
  Maintainer,
  Ports,
  Random,
  Refresher,
  RefreshQueue,
  TokenReader,
} from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { Secret } from '../../functions/core/secret.ts';
import { keyOpeners } from '../../lib/key-openers.ts';
import { heldStore } from '../local/held-store.ts';
import { createMemoryTableRecords } from '../memory/memory-table-records.ts';
import { clear } from './cleartext.ts';
import { salesforceApiPort } from './salesforce-api.ts';
import { salesforcePort } from './salesforce-port.ts';
import { signingKeysPort } from './signing-keys-port.ts';
import { publicUrl } from './simulated-config.ts';
import { lifeboatOf, storeOf } from './store-ports.ts';
import { type Process, simulationStart, type World } from './world.ts';

export const clientSecret = clear('secret', 1);

/** The process that runs in a warm function just now. */
export interface Running {
  process: Process;
  random: Random;
}

export interface OutsidePorts {
  readonly refresher: (caller: Process) => Refresher;
  readonly accessRevoker: (caller: Process) => AccessRevoker;
  readonly refreshQueue: (caller: Process) => RefreshQueue;
  readonly configurationQueue: (caller: Process) => ConfigurationQueue;
  readonly maintainer: (caller: Process) => Maintainer;
  readonly tokens: (caller: Process) => TokenReader;
}

export function processPorts(world: World, running: Running, outside: OutsidePorts): Ports {
  const clock = clockOf(world, running);
  return {
    config: world.config,
    appCallers: unlimitedCallers,
    publicUrl,
    egressAddresses: [],
    clock,
    random: { bytes: (length) => running.random.bytes(length), fraction: () => running.random.fraction() },
    store: heldTo(world, running),
    tableIdentity: createTableIdentity({ records: createMemoryTableRecords(), clock }),
    lifeboat: lifeboatOf(world, running),
    keys: {
      generateDataKey: (context) =>
        world.call(running.process, {
          name: 'keys.generate',
          about: context.scope,
          faults: ['crash_before', 'keys_unavailable'],
          failure: () => ({ error: new KeysUnavailableError('The key service does not answer.') }),
          preempts: false,
          act: () => world.sealing.generate(context, running.random.bytes(16)),
        }),
      unwrapDataKey: (wrapped, context) =>
        world.call(running.process, {
          name: 'keys.unwrap',
          about: context.scope,
          faults: ['crash_before', 'keys_unavailable'],
          failure: () => ({ error: new KeysUnavailableError('The key service does not answer.') }),
          preempts: false,
          act: () => {
            checkOpener(world, running.process, context);
            return world.sealing.unwrap(wrapped, context);
          },
        }),
    },
    sealer: world.sealing.sealer,
    salesforce: salesforcePort(world, running),
    salesforceApi: salesforceApiPort(world, running),
    secrets: {
      of: (app) =>
        world.call(running.process, {
          name: 'secrets.of',
          about: app,
          faults: ['crash_before', 'secret_unreadable'],
          failure: () => ({ error: new AppMisconfiguredError(app, 'The secret cannot be read.') }),
          preempts: false,
          act: () => ({ current: new Secret(clientSecret) }),
        }),
    },
    secretAges: { of: async () => ({ set: true, changedAt: simulationStart }) },
    signingKeys: signingKeysPort(world, running),
    refreshQueue: { send: (requests) => outside.refreshQueue(running.process).send(requests) },
    refresher: { refresh: (request) => outside.refresher(running.process).refresh(request) },
    accessRevoker: { revoke: (request) => outside.accessRevoker(running.process).revoke(request) },
    configurationQueue: { send: (request) => outside.configurationQueue(running.process).send(request) },
    maintainer: { doDutiesOf: (id) => outside.maintainer(running.process).doDutiesOf(id) },
    tokens: { read: (id, rejected) => outside.tokens(running.process).read(id, rejected) },
    alerts: {
      publish: (alert) => {
        const { process } = running;
        return world.call(process, {
          name: 'alerts.publish',
          about: `${alert.type} ${alert.id}`,
          faults: ['crash_before', 'crash_after', 'alert_failed', 'alert_answer_lost'],
          failure: (fault) => ({ error: new Error(`The topic: ${fault}.`) }),
          preempts: false,
          act: () => world.monitor.alerted(process, alert),
        });
      },
    },
    configurationStep: configurationStepOf(world, running),
    log: logOf(world, running),
    metrics: { add: () => undefined },
  };
}

/** By what its role could do with the table in AWS. A warm function's processes are all of one name. */
function heldTo(world: World, running: Running): Ports['store'] {
  const { name } = running.process;
  return heldStore(
    storeOf(world, running),
    name === 'schedule' ? 'schedule-refreshes' : (name as FunctionName),
    (what) => world.monitor.breaks('least-privilege', what),
  );
}

/** As the key's policy would: the world goes on, for what KMS refuses today it would refuse in each run. */
function checkOpener(world: World, { name }: Process, { purpose }: KeyContext): void {
  if (keyOpeners[purpose].some((opener) => opener === name)) return;
  world.monitor.breaks('least-privilege', `${name} unwrapped a data key of purpose ${purpose}`);
}

/** The deployer's own function: it may fail, hang, or be there twice at once. */
function configurationStepOf(world: World, running: Running): ConfigurationStep {
  return {
    run: (event) =>
      world.call<void>(running.process, {
        name: 'configurationStep.run',
        about: `${event.tenant}/${event.integration} v${event.configuration_version}`,
        faults: ['crash_before', 'crash_after', 'configuration_failed', 'configuration_hangs'],
        failure: (fault) =>
          fault === 'configuration_hangs' ? { answer: forever as never } : { error: new Error('The step failed.') },
        preempts: false,
        act: () => world.monitor.stepRan(event),
      }),
  };
}

const forever = new Promise<void>(() => undefined);

function clockOf(world: World, running: Running): Clock {
  return {
    now: () => world.now() + running.process.skewMs,
    wait(ms, signal) {
      const { process } = running;
      const { promise, resolve } = Promise.withResolvers<void>();
      const step = world.scheduler.add({
        at: world.now() + Math.max(0, ms),
        name: 'wait',
        owner: process.id,
        preempts: false,
        run: () => (process.alive ? resolve() : undefined),
      });
      signal?.addEventListener('abort', () => {
        world.scheduler.drop(step);
        resolve();
      });
      return promise;
    },
  };
}

function logOf(world: World, running: Running): Ports['log'] {
  const line = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (world.traced === undefined) return;
    const text = JSON.stringify(fields, (name, value) => {
      // Measured on the real clock: would differ at a replay.
      if (name === 'duration_ms') return undefined;
      return value instanceof Error ? `${value.name}: ${value.message}` : value;
    });
    world.monitor.logged(`${message} ${text}`);
    world.note(running.process, `  log ${level}: ${message} ${text}`);
  };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}
