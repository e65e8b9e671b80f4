/** How a refresh ended, as it is told to whoever asked for it: a reader's function, or the queue's worker. */
import type { RefreshReport } from './ports.ts';

export function report(outcome: RefreshReport['outcome'], detail?: string): RefreshReport {
  return { version: 1, outcome, ...(detail === undefined ? {} : { detail }) };
}
