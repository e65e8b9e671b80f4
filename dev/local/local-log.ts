/** Where the local stack's log lines go: to a stream, or into memory for tests. Redacted as on Lambda. */
import type { Log } from '../../functions/core/ports.ts';
import { createLog } from '../../functions/runtime/observability.ts';

export interface LocalLog extends Log {
  /** The newest 1000 lines. */
  lines(): readonly string[];
}

const keptLines = 1_000;

/** @param quiet keeps every line and prints none; else warnings and errors go to stderr */
export function createLocalLog(quiet: boolean): LocalLog {
  const kept: string[] = [];
  const write = (line: string) => {
    kept.push(line);
    if (kept.length > keptLines) kept.shift();
    if (!quiet) process.stderr.write(`${line}\n`);
  };
  const log = createLog({ service: 'local-stack', write, level: quiet ? 'INFO' : 'WARN' });
  return { ...log, lines: () => kept };
}
