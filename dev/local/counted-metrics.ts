/** Metrics of the local stack: summed by name, for tests to look at, never printed. */
import type { Metrics } from '../../functions/core/ports.ts';

export interface CountedMetrics extends Metrics {
  readonly sums: ReadonlyMap<string, number>;
}

export function createCountedMetrics(): CountedMetrics {
  const sums = new Map<string, number>();
  return { sums, add: (name, value) => void sums.set(name, (sums.get(name) ?? 0) + value) };
}
