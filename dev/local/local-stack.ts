/**
 * The whole service on loopback: the deployed handlers and adapters, embedded engines, a simulated Salesforce.
 *
 * `npm start` and the flow tests begin here. Order: the gateway's port first (its URL is in the configuration), then
 * Salesforce (its origin is too), the engines, the handlers, and last what acts by itself.
 */
import { createServer, type RequestListener } from 'node:http';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { createSystemClock } from '../../functions/adapters/system-clock.ts';
import type { Alert } from '../../functions/core/alert.ts';
import type { Clock, ConfigurationStep, Ports } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { createActivity } from './activity.ts';
import { type AlertLog, createAlertLog } from './alert-log.ts';
import { localClientConfig } from './aws-clients.ts';
import { type Closers, createClosers } from './closers.ts';
import { createConsole } from './console/console.ts';
import { createCountedMetrics } from './counted-metrics.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { startDynamoDbEngine } from './dynamodb-engine.ts';
import { createGateway, isConnectFlow } from './gateway.ts';
import { type Handler, type Handlers, invoke } from './lambda.ts';
import { type Listener, listen } from './listener.ts';
import { simulatorApps } from './local-config.ts';
import { createLocalHandlers } from './local-handlers.ts';
import { createLocalInvocations } from './local-invocations.ts';
import { createLocalLifeboat } from './local-lifeboat.ts';
import { createLocalLog, type LocalLog } from './local-log.ts';
import { createLocalMessaging, type LocalMessaging, type Queue } from './local-messaging.ts';
import { createLocalPorts } from './local-ports.ts';
import { createLocalSigningKeys, type LocalSigningKeys } from './local-signing-keys.ts';
import { startLocalSimulator } from './local-simulator.ts';
import { ensureTable } from './local-table.ts';
import { startMessagingEngine } from './messaging-engine.ts';
import { createQueuePoller, type QueuePoller } from './queue-poller.ts';
import { createSchedule } from './schedule.ts';

export interface LocalStackOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Keeps everything across restarts; absent: in memory. */
  readonly dataDir?: string;
  /** An origin in place of the simulator. */
  readonly salesforce?: string;
  /** An endpoint in place of the embedded engine. */
  readonly dynamodb?: string;
  /** @default the system's */
  readonly clock?: Clock;
  /** `manual`: nothing happens by itself, `tick()` is the schedule. @default 'real' */
  readonly tick?: 'manual' | 'real';
  /** @default made at the first start, and kept with the other keys */
  readonly signingKeys?: LocalSigningKeys;
  /** Of the table's indexes. A table that is kept must keep its number. @default 16 */
  readonly shards?: number;
  /** Prints no log line. @default false */
  readonly quiet?: boolean;
  /** The deployer's own step after a link. @default none: a link is all there is to do */
  readonly configurationStep?: ConfigurationStep;
  /** Called whenever an integration is linked to a connection. */
  onLinked?(connectionId: string): void;
  /** @default those of the product */
  createHandlers?(ports: Ports): Handlers;
}

export interface LocalStack {
  /** `http://127.0.0.1:PORT`: the HTTP API and the console. */
  readonly url: string;
  /** Absent with `salesforce`. */
  readonly simulator?: Simulator;
  readonly simulatorUrl: string;
  readonly keysFolder: string;
  /** To be registered with Salesforce for `crm-jwt`; the simulator has it. */
  readonly certificateFile: string;
  /** Every listener that this stack opened, by name. */
  readonly listeners: Readonly<Record<string, string>>;
  readonly ports: Ports;
  /** Called as Lambda calls them, with an event and a fresh context. */
  readonly handlers: Readonly<Record<FunctionName, (event: unknown) => Promise<unknown>>>;
  /**
   * One round of the schedule: schedule-refreshes, the refresh queue until it is empty, maintain, then the configuration
   * queue. A configuration that fails comes back in the next round.
   */
  tick(): Promise<void>;
  alerts(): readonly Alert[];
  /** What was logged, newest 1000 lines; all levels with `quiet`. */
  logLines(): readonly string[];
  close(): Promise<void>;
}

/** The one app that asserts. */
const signingApp = 'crm-jwt';
/** Locally every ten seconds, so that a person sees it; each minute when deployed. */
const scheduleIntervalMs = 10_000;

/** Throws `PortTakenError`, `FolderInUseError`; whatever was opened by then is closed again. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const closers = createClosers();
  try {
    return await open(options, closers);
  } catch (error) {
    await closers.close().catch(() => {});
    throw error;
  }
}

async function open(options: LocalStackOptions, closers: Closers): Promise<LocalStack> {
  const clock = options.clock ?? createSystemClock();
  const log = createLocalLog(options.quiet ?? false);
  const front = await openGateway(options.port, closers);
  const folder = openDataFolder(options.dataDir);
  closers.add('the data folder', () => folder.close());
  const signingKeys = options.signingKeys ?? (await openSigningKeys(folder, clock));
  const salesforce = await openSalesforce(options, folder, signingKeys, front.listener, clock, closers);
  const engines = await openEngines(options, folder, log, closers);
  const alertLog = createAlertLog(engines.messaging.sqs, engines.messaging.alerts.url, folder.alerts, log);
  await alertLog.collect();

  const activity = createActivity(clock, options.onLinked);
  const call = (name: FunctionName, event: unknown): Promise<unknown> => invoke(name, handlers[name], event, clock);
  const ports = createLocalPorts({
    publicUrl: front.listener.url,
    salesforceOrigin: salesforce.url,
    simulated: salesforce.simulator !== undefined,
    keysFolder: folder.keys,
    signingKeys,
    dynamodb: engines.dynamodb,
    messaging: engines.messaging,
    lifeboat: engines.lifeboat,
    invocations: createLocalInvocations(call),
    configurationStep: options.configurationStep,
    alertLog,
    activity,
    shards: options.shards,
    clock,
    log,
    metrics: createCountedMetrics(),
  });
  const handlers = (options.createHandlers ?? createLocalHandlers)(ports);
  const pollers = createPollers(engines.messaging, call, log);
  const gateway = createGateway({ handlers, clock, log });
  const console = createConsole({
    ports,
    salesforceUrl: salesforce.url,
    simulator: salesforce.simulator,
    activity,
    alerts: alertLog.all,
  });
  front.serve((request, response) => {
    console(request, response).then(
      (answered) => answered || gateway(request, response),
      (error: unknown) => {
        log.error('The console failed', { error: String(error) });
        if (response.headersSent) response.destroy();
        else response.writeHead(503, { 'content-type': 'application/json' }).end('{"message":"Service Unavailable"}');
      },
    );
  });
  if (options.tick !== 'manual') startActing(call, pollers, log, closers);
  return {
    url: front.listener.url,
    simulator: salesforce.simulator,
    simulatorUrl: salesforce.url,
    keysFolder: folder.keys,
    certificateFile: signingKeys.certificateFile,
    listeners: { gateway: front.listener.url, ...salesforce.listeners, ...engines.listeners },
    ports,
    handlers: eventOnly(handlers, clock),
    tick: () => tick(call, pollers, alertLog),
    alerts: alertLog.all,
    logLines: log.lines,
    close: closers.close,
  };
}

type Call = (name: FunctionName, event: unknown) => Promise<unknown>;

interface Pollers {
  readonly refresh: QueuePoller;
  readonly configure: QueuePoller;
}

function createPollers({ sqs: client, refreshes, configurations }: LocalMessaging, call: Call, log: LocalLog): Pollers {
  const poller = (name: keyof Pollers, queue: Queue, failed: 'timeout' | 'soon') =>
    createQueuePoller({ name, client, queue, invoke: (event) => call(name, event), log, failed });
  return { refresh: poller('refresh', refreshes, 'timeout'), configure: poller('configure', configurations, 'soon') };
}

async function tick(call: Call, pollers: Pollers, alertLog: AlertLog): Promise<void> {
  await call('schedule-refreshes', scheduledEvent);
  await pollers.refresh.drain();
  await call('maintain', scheduledEvent);
  await pollers.configure.drain();
  await alertLog.collect();
}

function startActing(call: Call, pollers: Pollers, log: LocalLog, closers: Closers): void {
  for (const name of ['schedule-refreshes', 'maintain'] as const) {
    const schedule = createSchedule(async () => void (await call(name, scheduledEvent)), scheduleIntervalMs, log);
    schedule.start();
    closers.add(`the schedule of ${name}`, () => schedule.stop());
  }
  for (const [name, poller] of Object.entries(pollers)) {
    poller.start();
    closers.add(`the poller of the queue of ${name}`, () => poller.stop());
  }
}

const scheduledEvent = { source: 'grantkeeper.local' };

interface Front {
  readonly listener: Listener;
  /** Until it is called, answers are 503. */
  serve(handle: RequestListener): void;
}

async function openGateway(port: number, closers: Closers): Promise<Front> {
  let serving: RequestListener = (_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' });
    response.end(JSON.stringify({ message: 'Starting' }));
  };
  const server = createServer((request, response) => serving(request, response));
  const listener = await listen(server, { name: 'the HTTP API', port, navigable: isConnectFlow });
  closers.add('the HTTP API', () => listener.close());
  return {
    listener,
    serve: (handle) => {
      serving = handle;
    },
  };
}

function openSigningKeys({ keys, certificates }: DataFolder, clock: Clock): Promise<LocalSigningKeys> {
  return createLocalSigningKeys({
    app: signingApp,
    keysFolder: keys,
    certificateFolder: certificates,
    now: clock.now(),
  });
}

interface SalesforceSide {
  readonly url: string;
  readonly simulator?: Simulator;
  readonly listeners: Readonly<Record<string, string>>;
}

async function openSalesforce(
  options: LocalStackOptions,
  folder: DataFolder,
  { certificatePem }: LocalSigningKeys,
  gateway: Listener,
  clock: Clock,
  closers: Closers,
): Promise<SalesforceSide> {
  if (options.salesforce !== undefined) return { url: options.salesforce, listeners: {} };
  const { url, simulator, close } = await startLocalSimulator({
    apps: simulatorApps(gateway.url, { certificates: [certificatePem] }),
    clock,
    file: folder.simulator,
    keptPort: folder.settings.simulatorPort,
    preferredPort: options.port === 0 ? 0 : gateway.port + 1,
  });
  closers.add('the simulator', close);
  folder.settings.keepSimulatorPort(Number(new URL(url).port));
  return { url, simulator, listeners: { simulator: url } };
}

async function openEngines(options: LocalStackOptions, folder: DataFolder, log: LocalLog, closers: Closers) {
  const embedded = options.dynamodb === undefined ? await startDynamoDbEngine(folder.dynamodb) : undefined;
  if (embedded !== undefined) closers.add('the DynamoDB engine', () => embedded.close());
  const endpoint = options.dynamodb ?? embedded?.url ?? '';
  const dynamodb = createDynamoClient(localClientConfig(endpoint));
  closers.add('the DynamoDB client', () => dynamodb.destroy());
  await ensureTable(dynamodb, endpoint);

  const engine = await startMessagingEngine(folder.messages);
  closers.add('the SQS, SNS and S3 engine', () => engine.close());
  const messaging: LocalMessaging = await createLocalMessaging(engine.url);
  closers.add('the SQS and SNS clients', () => messaging.close());
  const { lifeboat, close: closeLifeboat } = await createLocalLifeboat(engine.url, log);
  closers.add('the S3 client', closeLifeboat);
  const listeners = { ...(embedded === undefined ? {} : { dynamodb: embedded.url }), messaging: engine.url };
  return { dynamodb, messaging, lifeboat, listeners };
}

function eventOnly(handlers: Handlers, clock: Clock): LocalStack['handlers'] {
  const wrapped = Object.entries(handlers).map(([name, handler]: [string, Handler]) => [
    name,
    (event: unknown) => invoke(name as FunctionName, handler, event, clock),
  ]);
  return Object.fromEntries(wrapped);
}
