/**
 * Ports for a world that is about a few of them: memory and transparent sealing behind the rest, no log, and nobody who
 * answers. Who asks for what its world did not name, fails.
 */
import { unlimitedCallers } from '../../functions/core/app-callers.ts';
import type { GrantkeeperConfig } from '../../functions/core/config.ts';
import type { Clock, Ports, Random, Salesforce, Store } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { createMemoryLifeboat } from '../memory/memory-lifeboat.ts';
import { publicUrl } from './simulated-config.ts';
import { TransparentSealing } from './transparent-sealing.ts';

/** Of every app. */
export const clientSecret = 'local-secret';

export interface BareWorld {
  readonly config: GrantkeeperConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly salesforce: Salesforce;
  /** @default one of its own */
  readonly sealing?: TransparentSealing;
}

export function barePorts(world: BareWorld): Ports {
  const { config, clock, random, store, salesforce, sealing = new TransparentSealing() } = world;
  return {
    config,
    clock,
    random,
    store,
    salesforce,
    appCallers: unlimitedCallers,
    publicUrl,
    egressAddresses: [],
    tableIdentity: { state: async () => ({ kind: 'own' }) },
    lifeboat: createMemoryLifeboat(),
    keys: {
      generateDataKey: async (context) => sealing.generate(context, random.bytes(16)),
      unwrapDataKey: async (wrapped, context) => sealing.unwrap(wrapped, context),
    },
    sealer: sealing.sealer,
    salesforceApi: { identity: unused, query: unused },
    secrets: { of: async () => ({ current: new Secret(clientSecret) }) },
    secretAges: { of: async () => ({ set: true }) },
    signingKeys: { of: async () => [], certificateEnds: async () => [] },
    refreshQueue: { send: unused },
    refresher: { refresh: unused },
    alerts: { publish: unused },
    configurationQueue: { send: unused },
    configurationStep: { run: unused },
    accessRevoker: { revoke: unused },
    maintainer: { doDutiesOf: unused },
    tokens: { read: unused },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: { add: () => undefined },
  };
}

async function unused(): Promise<never> {
  throw new Error('Nothing asks for this here.');
}
