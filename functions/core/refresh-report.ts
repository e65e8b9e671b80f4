import type { RefreshReport } from './ports.ts';

export function report(outcome: RefreshReport['outcome'], detail?: string): RefreshReport {
  return { version: 1, outcome, ...(detail === undefined ? {} : { detail }) };
}
