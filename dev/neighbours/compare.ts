/** What a neighbour notices: the same acts with and without the org that hangs, by quantile. */
import { type Act, acts, type NeighbourTelling } from './neighbour-order.ts';

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface Compared {
  readonly act: Act;
  readonly count: number;
  readonly without: Quantiles;
  readonly with: Quantiles;
  readonly ratio: Quantiles;
  /** Not served, with it. */
  readonly failed: number;
}

export function compare(without: NeighbourTelling, beside: NeighbourTelling): Compared[] {
  return acts.map((act) => {
    const [alone, crowded] = [quantiles(without.took[act]), quantiles(beside.took[act])];
    const ratio = { p50: crowded.p50 / alone.p50, p95: crowded.p95 / alone.p95, max: crowded.max / alone.max };
    return { act, count: beside.took[act].length, without: alone, with: crowded, ratio, failed: beside.failed[act] };
  });
}

/** Nearest rank. @throws RangeError where there is nothing to rank */
export function quantiles(took: readonly number[]): Quantiles {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    if (found === undefined) throw new RangeError('of no values there is no quantile');
    return found;
  };
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
