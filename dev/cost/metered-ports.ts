/**
 * The ports of one Lambda while it is measured: what it asks of other services is counted by call, and the time that it
 * waits for them is told apart from its own. Log lines and metrics are written as deployed, and their bytes counted.
 */
import type { Ports } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { createLog, createMetrics } from '../../functions/runtime/observability.ts';
import type { Meter } from './meter.ts';

export interface Stopwatch {
  /** Milliseconds of this machine's processor that were not spent while a port was waited for. */
  own(work: () => Promise<unknown>): Promise<number>;
  waiting<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * @param now milliseconds of the processor, of this process: what else the machine does is not in it, and it is what a
 * function with a share of a processor takes longer for
 */
export function createStopwatch(now: () => number = processorMs): Stopwatch {
  let waits = 0;
  let waitedMs = 0;
  let since = 0;
  return {
    async own(work) {
      const [begunAt, before] = [now(), waitedMs];
      await work();
      return now() - begunAt - (waitedMs - before);
    },
    async waiting(work) {
      if (waits === 0) since = now();
      waits += 1;
      try {
        return await work();
      } finally {
        waits -= 1;
        if (waits === 0) waitedMs += now() - since;
      }
    },
  };
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Those that stand for another service; the rest is the function's own work. */
const services = [
  'store',
  'tableIdentity',
  'lifeboat',
  'keys',
  'salesforce',
  'salesforceApi',
  'secrets',
  'refreshQueue',
  'refresher',
  'accessRevoker',
  'alerts',
  'configurationQueue',
  'configurationStep',
  'maintainer',
  'tokens',
] as const satisfies readonly (keyof Ports)[];

export interface MeteredPortsOptions {
  readonly name: FunctionName;
  readonly ports: Ports;
  readonly meter: Meter;
  readonly stopwatch: Stopwatch;
  /** Told of each metric that is written, by its name and dimensions. */
  readonly onMetric: (name: string) => void;
}

export function meteredPorts({ name, ports, meter, stopwatch, onMetric }: MeteredPortsOptions): Ports {
  const counted = (port: string, method: string, call: (...all: never[]) => Promise<unknown>) => {
    return (...all: never[]) => {
      // The engine counts what the store comes to.
      if (port !== 'store') meter.add(`calls.${port}.${method}`, 1);
      return stopwatch.waiting(async () => call(...all));
    };
  };
  const wrap = (port: string, inner: object): object =>
    Object.fromEntries(
      Object.entries(inner).map(([member, value]: [string, unknown]) => {
        if (typeof value === 'function') return [member, counted(port, member, value.bind(inner))];
        return [member, typeof value === 'object' && value !== null ? wrap(port, value) : value];
      }),
    );
  const write = (line: string) => {
    meter.add('logs.bytes', Buffer.byteLength(line) + eventOverheadBytes);
    for (const metric of metricsOf(line)) onMetric(metric);
  };
  const service = { service: name, write };
  return {
    ...ports,
    ...Object.fromEntries(services.map((port) => [port, wrap(port, ports[port])])),
    log: createLog({ ...service, level: 'INFO' }),
    metrics: createMetrics({ ...service, namespace: 'Grantkeeper' }),
  };
}

/** CloudWatch Logs bills so many for each event, beside its text. */
const eventOverheadBytes = 26;

interface EmbeddedMetrics {
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [dimension: string]: unknown;
}

/** CloudWatch bills a metric for each combination of its name and its dimensions' values. */
export function metricsOf(line: string): string[] {
  const parsed = JSON.parse(line) as EmbeddedMetrics;
  return (parsed._aws?.CloudWatchMetrics ?? []).flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => [Name, ...names.map((name) => `${name}=${String(parsed[name])}`)].join(' ')),
    ),
  );
}
