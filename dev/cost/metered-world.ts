/**
 * The deployed handlers and adapters over a metered DynamoDB engine and the simulated Salesforce: one warm instance of each
 * Lambda, driven act by act. In AWS's place stand the queue, which only counts, and the key service.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { createDynamoStore } from '../../functions/adapters/dynamodb/store.ts';
import { createTableRecords } from '../../functions/adapters/dynamodb/table-records.ts';
import { createJoseSealer } from '../../functions/adapters/jose-sealer.ts';
import { createNoConfigurationStep } from '../../functions/adapters/no-configuration-step.ts';
import { createSalesforceApiHttp } from '../../functions/adapters/salesforce-api-http.ts';
import { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import { createSqsConfigurationQueue } from '../../functions/adapters/sqs-configuration-queue.ts';
import { createSqsRefreshQueue } from '../../functions/adapters/sqs-refresh-queue.ts';
import { createTableIdentity } from '../../functions/adapters/table-identity.ts';
import { unlimitedCallers } from '../../functions/core/app-callers.ts';
import { parseConfig } from '../../functions/core/config.ts';
import type { Clock, Ports } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { Secret } from '../../functions/core/secret.ts';
import { type Person, peopleOf, populate } from '../deaths/population.ts';
import { localClientConfig } from '../local/aws-clients.ts';
import { lambdaContext } from '../local/lambda.ts';
import { createLocalHandlers } from '../local/local-handlers.ts';
import { createLocalInvocations } from '../local/local-invocations.ts';
import { createLocalKeyWrapper } from '../local/local-key-wrapper.ts';
import { ensureTable, localTableName } from '../local/local-table.ts';
import { createMemoryLifeboat } from '../memory/memory-lifeboat.ts';
import { processRandom } from '../simulation/seeded-random.ts';
import { Simulator } from '../simulator/simulator.ts';
import type { Item } from './item-size.ts';
import { createMeter, type Meter } from './meter.ts';
import { startMeteredEngine } from './metered-engine.ts';
import { createStopwatch, meteredPorts } from './metered-ports.ts';

export const app = 'crm';
const publicUrl = 'https://grants.example';
const origin = 'http://127.0.0.1:4999';
const clientId = 'local-client';
const clientSecret = 'local-secret';
const start = Date.UTC(2026, 10, 21, 12);
/** The longest pause of those who look again. */
const pollMs = 1_000;
const usersMeasured = 10;

export interface MeteredWorld {
  readonly meter: Meter;
  readonly simulator: Simulator;
  readonly people: readonly Person[];
  /** Own milliseconds of each invocation so far, by function. */
  readonly ownMs: ReadonlyMap<FunctionName, readonly number[]>;
  readonly metricNames: ReadonlySet<string>;
  invoke(name: FunctionName, event: unknown): Promise<unknown>;
  /** What was sent to a queue since it was last taken: the bodies. */
  taken(queue: 'refresh' | 'configure'): readonly string[];
  advance(ms: number): void;
  items(): Promise<Item[]>;
  close(): Promise<void>;
}

export async function openMeteredWorld(): Promise<MeteredWorld> {
  const meter = createMeter();
  const engine = await startMeteredEngine(meter);
  const folder = mkdtempSync(join(tmpdir(), 'grantkeeper-cost-'));
  const { endpoint, region, credentials } = localClientConfig(engine.url);
  const dynamodb = createDynamoClient({ endpoint, region, credentials, requestTimeoutMs: 20_000 });
  await ensureTable(dynamodb, endpoint);
  let now = start;
  // Nobody is waited for here: what bounds a wait is never met, and whoever polls would do so for ever.
  const clock: Clock = {
    now: () => now,
    wait: (ms) => (ms > pollMs ? new Promise(() => undefined) : Promise.reject(new Error('Somebody polls.'))),
  };
  const orgs = populate([usersMeasured]);
  const simulator = new Simulator({
    origin,
    now: () => now,
    apps: [{ clientId, clientSecret, redirectUris: [`${publicUrl}/oauth/callback`], scopes: ['api', 'refresh_token'] }],
    orgs,
  });
  const atSimulator = { fetch: (url: string, init: RequestInit) => simulator.fetch(new Request(url, init)) };
  const queues = { refresh: [] as string[], configure: [] as string[] };
  const sqs = (queue: keyof typeof queues) => ({ client: countingSqs(meter, queues[queue]), queueUrl: queue });
  const invoke = async (name: FunctionName, event: unknown): Promise<unknown> => {
    meter.add(`invocations.${name}`, 1);
    let answer: unknown;
    const ms = await stopwatches[name].own(async () => {
      answer = await handlers[name](JSON.parse(JSON.stringify(event)), lambdaContext(name, clock));
    });
    ownMs.set(name, [...(ownMs.get(name) ?? []), ms]);
    return answer;
  };
  const ports: Ports = {
    config: parseConfig(
      { apps: { [app]: { clientId, loginUrl: origin, claim: false } }, publicUrl, salesforceOrigin: origin },
      'cost',
    ),
    appCallers: unlimitedCallers,
    publicUrl,
    egressAddresses: [],
    clock,
    random: processRandom(1, 1),
    store: createDynamoStore({ client: dynamodb, tableName: localTableName }),
    tableIdentity: createTableIdentity({ records: createTableRecords(dynamodb, localTableName), clock }),
    lifeboat: createMemoryLifeboat(),
    keys: createLocalKeyWrapper(folder),
    sealer: createJoseSealer(),
    salesforce: createSalesforceHttp(atSimulator),
    salesforceApi: createSalesforceApiHttp(atSimulator),
    secrets: { of: async () => ({ current: new Secret(clientSecret) }) },
    secretAges: { of: async () => ({ set: true, changedAt: start }) },
    signingKeys: { of: async () => [], certificateEnds: async () => [] },
    refreshQueue: createSqsRefreshQueue({ ...sqs('refresh'), clock }),
    ...createLocalInvocations((name, event) => invoke(name, event)),
    alerts: { publish: async () => undefined },
    configurationQueue: createSqsConfigurationQueue(sqs('configure')),
    configurationStep: createNoConfigurationStep(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: { add: () => undefined },
  };
  const ownMs = new Map<FunctionName, readonly number[]>();
  const metricNames = new Set<string>();
  const names = Object.keys(createLocalHandlers(ports)) as FunctionName[];
  const stopwatches = Object.fromEntries(names.map((name) => [name, createStopwatch()])) as Record<
    FunctionName,
    ReturnType<typeof createStopwatch>
  >;
  const handlers = Object.fromEntries(
    names.map((name) => {
      const onMetric = (metric: string) => void metricNames.add(metric);
      return [
        name,
        createLocalHandlers(meteredPorts({ name, ports, meter, stopwatch: stopwatches[name], onMetric }))[name],
      ];
    }),
  ) as ReturnType<typeof createLocalHandlers>;

  return {
    meter,
    simulator,
    people: orgs.flatMap(peopleOf),
    ownMs,
    metricNames,
    invoke,
    taken: (queue) => queues[queue].splice(0),
    advance(ms) {
      now += ms;
    },
    items: () => engine.items(localTableName),
    async close() {
      dynamodb.destroy();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Takes what the adapter sends, and counts requests as SQS bills them: each begun 64 KB. */
function countingSqs(meter: Meter, bodies: string[]): SQSClient {
  const send = async ({ input }: { input: { MessageBody?: string; Entries?: { MessageBody?: string }[] } }) => {
    const sent = (input.Entries ?? [input]).map(({ MessageBody = '' }) => MessageBody);
    bodies.push(...sent);
    meter.add('sqs.requests', Math.max(1, Math.ceil(Buffer.byteLength(sent.join('')) / 65_536)));
    return {};
  };
  return { send } as unknown as SQSClient;
}
