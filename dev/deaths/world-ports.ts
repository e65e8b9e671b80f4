/**
 * The ports of a world of deaths: the store in memory, the simulated Salesforce in process through the real HTTP adapter,
 * sealing without cryptography. Functions that call each other do so at once.
 */
import type { Context, SQSEvent } from 'aws-lambda';
import { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import type { Alert } from '../../functions/core/alert.ts';
import { unlimitedCallers } from '../../functions/core/app-callers.ts';
import type { GrantkeeperConfig } from '../../functions/core/config.ts';
import type { Clock, Ports, RefreshReport, RefreshRequest, Store } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { createDoDutiesOf } from '../../functions/flows/maintain.ts';
import { createRevokeAccessToken } from '../../functions/flows/revoke-access-token.ts';
import { createRefreshHandler } from '../../functions/handlers/refresh.ts';
import { createMemoryLifeboat } from '../memory/memory-lifeboat.ts';
import { processRandom } from '../simulation/seeded-random.ts';
import { TransparentSealing } from '../simulation/transparent-sealing.ts';

export const publicUrl = 'https://grants.example';
export const clientSecret = 'local-secret';

export interface WorldPortsOptions {
  readonly seed: number;
  readonly config: GrantkeeperConfig;
  readonly clock: Clock;
  readonly store: Store;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly publish: (alert: Alert) => void;
  /** What was found due, to be refreshed. */
  readonly queue: (requests: readonly RefreshRequest[]) => void;
}

export interface WorldPorts {
  readonly ports: Ports;
  /** Works a batch of the refresh queue off. */
  refresh(requests: readonly RefreshRequest[]): Promise<void>;
}

const functionMs = 60_000;

export function createWorldPorts(options: WorldPortsOptions): WorldPorts {
  const { seed, config, clock, store, fetch, publish, queue } = options;
  const sealing = new TransparentSealing();
  const random = processRandom(seed, 1);
  const ports: Ports = {
    config,
    appCallers: unlimitedCallers,
    publicUrl,
    egressAddresses: [],
    clock,
    random,
    store,
    tableIdentity: { state: async () => ({ kind: 'own' }) },
    lifeboat: createMemoryLifeboat(),
    keys: {
      generateDataKey: async (context) => sealing.generate(context, random.bytes(16)),
      unwrapDataKey: async (wrapped, context) => sealing.unwrap(wrapped, context),
    },
    sealer: sealing.sealer,
    salesforce: createSalesforceHttp({ fetch: (url, init) => fetch(new Request(url, init)) }),
    salesforceApi: { identity: unused, query: unused },
    secrets: { of: async () => ({ current: new Secret(clientSecret) }) },
    secretAges: { of: async () => ({ set: true }) },
    signingKeys: { of: async () => [], certificateEnds: async () => [] },
    refreshQueue: { send: async (queued) => queue(queued.map(({ request }) => request)) },
    refresher: { refresh: async (request) => (await refresh(request, contextOf(clock))) as RefreshReport },
    alerts: { publish: async (alert) => publish(alert) },
    configurationQueue: { send: async () => undefined },
    configurationStep: { run: async () => undefined },
    accessRevoker: { revoke: (request) => createRevokeAccessToken(ports)(request) },
    maintainer: { doDutiesOf: (id) => doDutiesOf(id) },
    tokens: { read: unused },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: { add: () => undefined },
  };
  const refresh = createRefreshHandler(ports);
  const doDutiesOf = createDoDutiesOf(ports);
  return {
    ports,
    refresh: async (requests) => {
      await refresh(batchOf(requests), contextOf(clock));
    },
  };
}

export function contextOf(clock: Clock): Context {
  const end = clock.now() + functionMs;
  return { awsRequestId: 'request', getRemainingTimeInMillis: () => end - clock.now() } as Context;
}

function batchOf(requests: readonly RefreshRequest[]): SQSEvent {
  const Records = requests.map((request, index) => ({ messageId: `m${index}`, body: JSON.stringify(request) }));
  return { Records } as unknown as SQSEvent;
}

async function unused(): Promise<never> {
  throw new Error('Nothing asks for this here.');
}
