/** Logs and metrics of the local stack: one JSON line each to `write`; metrics are counted, not printed. */
import type { Log, Metrics } from '../../functions/core/ports.ts';

const levels = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

/** @param least lines below it are left out */
export function createLocalLog(write: (line: string) => void, least: LogLevel): Log {
  const line =
    (level: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(level) < levels.indexOf(least)) return;
      write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
    };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

export interface CountedMetrics extends Metrics {
  /** Sums by name. */
  readonly sums: ReadonlyMap<string, number>;
}

export function createCountedMetrics(): CountedMetrics {
  const sums = new Map<string, number>();
  return { sums, add: (name, value) => sums.set(name, (sums.get(name) ?? 0) + value) };
}
