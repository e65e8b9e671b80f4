/** The parts of a run: two orgs at one simulated Salesforce, the store, the queue, and the real handlers as Lambda runs them. */
import type { SQSEvent } from 'aws-lambda';
import { parseConfig } from '../../functions/core/config.ts';
import type { Ports, Store } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { createRefreshConnection } from '../../functions/flows/refresh-connection.ts';
import { createCallbackHandler } from '../../functions/handlers/callback.ts';
import { createMaintainHandler } from '../../functions/handlers/maintain.ts';
import { createRefreshHandler } from '../../functions/handlers/refresh.ts';
import { createScheduleRefreshesHandler } from '../../functions/handlers/schedule-refreshes.ts';
import { createTokenHandler } from '../../functions/handlers/token.ts';
import { recommendedConcurrency } from '../../lib/concurrency.ts';
import { type Person, peopleOf, populate } from '../deaths/population.ts';
import { createMemoryStore } from '../memory/memory-store.ts';
import { clientSecret } from '../simulation/bare-ports.ts';
import { processRandom } from '../simulation/seeded-random.ts';
import { publicUrl } from '../simulation/simulated-config.ts';
import { TransparentSealing } from '../simulation/transparent-sealing.ts';
import { Simulator } from '../simulator/simulator.ts';
import { createEngineClock, type EngineClock } from './engine-clock.ts';
import { createEventSource, type EventSource } from './event-source.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { createHangingSalesforce, type HangingSalesforce } from './hanging-salesforce.ts';
import { instancePorts, type SharedWorld, timedStore } from './instance-ports.ts';
import { createLambdaCloud, type Handler, type LambdaCloud } from './lambda-cloud.ts';
import { crowdOf, minuteMs, type NeighbourOrder, neighbour, secondMs } from './neighbour-order.ts';
import { createWatch, type Watch } from './neighbour-watch.ts';
import { app, connectAndRefresh, type State, storeAs } from './seeded-neighbours.ts';

const origin = 'http://127.0.0.1:4999';
const clientId = 'local-client';
const start = Date.UTC(2026, 10, 21, 12);

export interface Parts {
  readonly order: NeighbourOrder;
  readonly clock: EngineClock;
  readonly beginAt: number;
  readonly cloud: LambdaCloud;
  readonly watch: Watch;
  readonly inner: Store;
  readonly shared: SharedWorld;
  readonly simulator: Simulator;
  readonly own: readonly Person[];
  /** By org. */
  readonly hanging: readonly (readonly Person[])[];
  readonly gateway: Gateway;
  readonly atSalesforce: HangingSalesforce;
  readonly source: EventSource;
}

export function openWorld(order: NeighbourOrder): Parts {
  const { due = 60, accountConcurrency = 1_000, concurrency = 'reserved', waitingReaders = 200, idle } = order;
  const { orgs: hangingOrgs = 1, beginsAtSecond = 40, requestsPerSecond = 100 } = order;
  const clock = createEngineClock(start);
  const beginAt = start + 60 * minuteMs + beginsAtSecond * secondMs;
  const sizes = [
    neighbour.live + neighbour.ended + neighbour.due + neighbour.comingBack,
    ...Array(hangingOrgs).fill(crowdOf(order) + due),
  ];
  const orgs = populate(sizes);
  const [own = [], ...hanging] = orgs.map(peopleOf);
  const redirectUris = [`${publicUrl}/oauth/callback`];
  const simulator = new Simulator({
    origin,
    now: () => clock.now(),
    apps: [{ clientId, clientSecret, redirectUris, scopes: ['api', 'refresh_token'] }],
    orgs,
  });
  const settings = { clientId, claim: false, loginUrl: origin };
  const thresholds = { waitingReaders, apiRequestsPerSecond: requestsPerSecond, apiBurst: 2 * requestsPerSecond };
  const config = parseConfig(
    { apps: { [app]: settings }, publicUrl, salesforceOrigin: origin, thresholds },
    'neighbours',
  );
  const atSalesforce: HangingSalesforce = createHangingSalesforce(clock, simulator);
  const watch = createWatch(clock);
  const inner = order.store ?? createMemoryStore();
  let cloud: LambdaCloud;
  const source = createEventSource(clock, order.batches ?? 'by org', (event: SQSEvent) =>
    cloud.invoke('refresh', event),
  );
  const shared: SharedWorld = {
    clock,
    config,
    store: timedStore(clock, inner, watch.replaced),
    sealing: new TransparentSealing(),
    random: processRandom(1, 1),
    salesforce: atSalesforce.salesforce,
    refreshQueue: {
      send: (requests) => {
        for (const { request } of requests) watch.sent(request.connectionId);
        return source.queue.send(requests);
      },
    },
    onKeyOpened: ({ purpose, scope }) => {
      if (purpose === 'access' && scope === own[0]?.orgId && clock.now() >= beginAt) watch.keysOpened += 1;
    },
    cloud: () => cloud,
  };
  cloud = createLambdaCloud({
    clock,
    accountConcurrency,
    idle,
    reserved: concurrency === 'reserved' ? recommendedConcurrency : {},
    start: (name) => handlerOf(name, instancePorts(shared)),
  });
  const { apiRequestsPerSecond, apiBurst } = config.thresholds;
  const gateway = createGateway(clock, { requestsPerSecond: apiRequestsPerSecond, burst: apiBurst }, () => cloud);
  return { order, clock, beginAt, cloud, gateway, watch, inner, shared, simulator, own, hanging, atSalesforce, source };
}

function handlerOf(name: FunctionName, ports: Ports): Handler {
  switch (name) {
    case 'token':
      return createTokenHandler(ports) as Handler;
    case 'refresh':
      return createRefreshHandler(ports);
    case 'callback':
      return createCallbackHandler(ports) as Handler;
    case 'schedule-refreshes':
      return createScheduleRefreshesHandler(ports);
    case 'maintain':
      return createMaintainHandler(ports);
    default:
      throw new Error(`Nobody asks for ${name} here.`);
  }
}

/** Connected by the real flows over a store in memory, then put where the run needs them. */
export async function seed({
  clock,
  beginAt,
  inner,
  shared,
  simulator,
  own,
  hanging,
  watch,
  order,
}: Parts): Promise<void> {
  const { readDataKey, putDataKeyIfAbsent } = shared.store;
  const apart = createMemoryStore();
  const first = instancePorts({ ...shared, store: { ...apart, readDataKey, putDataKeyIfAbsent } });
  const refresh = createRefreshConnection(first);
  const connected = (person: Person) => clock.run(connectAndRefresh(first, refresh, simulator, person));
  const { live, ended, due } = neighbour;
  for (const [index, person] of own.slice(0, live + ended + due).entries()) {
    const connection = await connected(person);
    // A third at once with the hanging org's, the others minute by minute.
    const dueAt = index % 3 === 0 ? beginAt : beginAt + ((index * 7) % 120) * secondMs;
    const state: State =
      index < live ? { kind: 'live' } : index < live + ended ? { kind: 'ended' } : { kind: 'due', at: dueAt };
    if (state.kind === 'due') watch.due.add(connection.id);
    await storeAs(inner, connection, state, beginAt);
  }
  if (order.readers === 'none') return;
  for (const [index, person] of hanging.flatMap((people) => [...people.entries()])) {
    const state = index < crowdOf(order) ? ({ kind: 'ended' } as const) : ({ kind: 'due', at: beginAt } as const);
    await storeAs(inner, await connected(person), state, beginAt);
  }
}
