/**
 * The ports of a world of deaths: the store in memory, the simulated Salesforce in process through the real HTTP adapter,
 * sealing without cryptography. Functions that call each other do so at once.
 */
import { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import type { Alert } from '../../functions/core/alert.ts';
import type { GrantkeeperConfig } from '../../functions/core/config.ts';
import type { Clock, Ports, RefreshReport, RefreshRequest, Store } from '../../functions/core/ports.ts';
import { createDoDutiesOf } from '../../functions/flows/maintain.ts';
import { createRevokeAccessToken } from '../../functions/flows/revoke-access-token.ts';
import { createRefreshHandler } from '../../functions/handlers/refresh.ts';
import { barePorts } from '../simulation/bare-ports.ts';
import { batchOf, contextOf } from '../simulation/lambda-events.ts';
import { processRandom } from '../simulation/seeded-random.ts';

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

export function createWorldPorts(options: WorldPortsOptions): WorldPorts {
  const { seed, config, clock, store, fetch, publish, queue } = options;
  const salesforce = createSalesforceHttp({ fetch: (url, init) => fetch(new Request(url, init)) });
  const ports: Ports = {
    ...barePorts({ config, clock, random: processRandom(seed, 1), store, salesforce }),
    refreshQueue: { send: async (queued) => queue(queued.map(({ request }) => request)) },
    refresher: { refresh: async (request) => (await refresh(request, contextOf(clock))) as RefreshReport },
    alerts: { publish: async (alert) => publish(alert) },
    configurationQueue: { send: async () => undefined },
    configurationStep: { run: async () => undefined },
    accessRevoker: { revoke: (request) => createRevokeAccessToken(ports)(request) },
    maintainer: { doDutiesOf: (id) => doDutiesOf(id) },
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
