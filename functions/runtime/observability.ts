/**
 * The Log and Metrics ports on Powertools: structured lines and metrics in embedded metric format (EMF), both written
 * to standard output, where Lambda picks them up. Nothing is written that `redaction.ts` did not pass.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Log, Metrics } from '../core/ports.ts';
import { redact, redactText } from './redaction.ts';

/** What the runtime's stacks add to the port; a plain `Metrics` will do where these are absent. */
export interface RuntimeMetrics extends Metrics {
  /** Writes one EMF line at once, under further dimensions. */
  observe?(dimensions: Readonly<Record<string, string>>, values: readonly MetricValue[]): void;
  /** Writes what `add` gathered. Lambda freezes between invocations: each stack calls it at the end of its own. */
  flush?(): void;
}

export interface MetricValue {
  readonly name: string;
  readonly value: number;
  readonly unit: 'Count' | 'Milliseconds';
}

export interface ObservabilityOptions {
  /** Stands in each line and as the dimension `service`. */
  readonly service: string;
  /** Takes a line without its newline. @default standard output */
  readonly write?: (line: string) => void;
  /** @default 'INFO', or what Lambda's logging configuration says */
  readonly level?: 'INFO' | 'WARN' | 'ERROR';
}

export function createLog({ service, write, level }: ObservabilityOptions): Log {
  const logger = new Logger({ serviceName: service, ...(level === undefined ? {} : { logLevel: level }) });
  if (write !== undefined) redirect(logger, write);
  const line = (method: 'info' | 'warn' | 'error') => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    logger[method](redactText(message), cleanFields(fields));
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

export interface MetricsOptions extends ObservabilityOptions {
  /** Of CloudWatch. */
  readonly namespace: string;
}

export function createMetrics({ service, namespace, write = writeLine }: MetricsOptions): Required<RuntimeMetrics> {
  const options = { namespace, serviceName: service };
  const gathered = new PowertoolsMetrics(options);
  const observed = new PowertoolsMetrics(options);
  let count = 0;

  function flush(): void {
    if (gathered.hasStoredMetrics()) publish(gathered, write);
    count = 0;
  }

  return {
    add(name, value, unit = 'Count') {
      gathered.addMetric(name, MetricUnit[unit], value);
      count += 1;
      // A metric of one EMF line takes a hundred values; Powertools would print on its own at that.
      if (count >= 90) flush();
    },
    observe(dimensions, values) {
      observed.addDimensions({ ...dimensions });
      for (const { name, value, unit } of values) observed.addMetric(name, MetricUnit[unit], value);
      publish(observed, write);
    },
    flush,
  };
}

function publish(metrics: PowertoolsMetrics, write: (line: string) => void): void {
  write(JSON.stringify(metrics.serializeMetrics()));
  metrics.clearMetrics();
  metrics.clearDimensions();
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Powertools prints on a console of its own and has no option for it. */
function redirect(logger: Logger, write: (line: string) => void): void {
  Reflect.set(logger, 'console', { debug: write, info: write, warn: write, error: write });
}

/** Powertools drops fields by these names, with a warning. */
const reservedNames = new Set(['level', 'message', 'sampling_rate', 'service', 'timestamp']);

function cleanFields(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const clean = redact(fields);
  if (typeof clean !== 'object' || clean === null) return { fields: clean };
  return Object.fromEntries(
    Object.entries(clean).map(([name, value]) => [reservedNames.has(name) ? `field_${name}` : name, value]),
  );
}
