/** Log and metrics that remember what they were given, unredacted: what a stack hands on is what a test sees. */
import type { Log } from '../../../functions/core/ports.ts';
import type { MetricValue, RuntimeMetrics } from '../../../functions/runtime/observability.ts';

export interface RecordedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function recordingLog(): Log & { readonly lines: RecordedLine[]; text(): string } {
  const lines: RecordedLine[] = [];
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields });
    };
  return { info: at('info'), warn: at('warn'), error: at('error'), lines, text: () => JSON.stringify(lines) };
}

export function recordingMetrics(): Required<RuntimeMetrics> & {
  readonly added: Record<string, number>;
  readonly observed: { dimensions: Readonly<Record<string, string>>; values: readonly MetricValue[] }[];
  readonly flushes: () => number;
} {
  const added: Record<string, number> = {};
  const observed: { dimensions: Readonly<Record<string, string>>; values: readonly MetricValue[] }[] = [];
  let flushes = 0;
  return {
    add: (name, value) => {
      added[name] = (added[name] ?? 0) + value;
    },
    observe: (dimensions, values) => observed.push({ dimensions, values }),
    flush: () => {
      flushes += 1;
    },
    added,
    observed,
    flushes: () => flushes,
  };
}
