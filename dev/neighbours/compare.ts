/**
 * What a neighbour notices, by quantile: the same acts beside nobody, beside an org that answers under as many readers, and
 * beside the one that hangs. The second is what the hanging costs by itself: any crowd starts instances of `token`, and
 * each opens an org's key once.
 */
import { type Act, acts, type NeighbourTelling } from './neighbour-order.ts';

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface Compared {
  readonly act: Act;
  readonly count: number;
  readonly alone: Quantiles;
  readonly answering: Quantiles;
  readonly hanging: Quantiles;
  /** Not served beside the one that hangs. */
  readonly failed: number;
}

export interface Tellings {
  readonly alone: NeighbourTelling;
  readonly answering: NeighbourTelling;
  readonly hanging: NeighbourTelling;
}

export function compare({ alone, answering, hanging }: Tellings): Compared[] {
  return acts.map((act) => ({
    act,
    count: hanging.took[act].length,
    alone: quantilesOf(alone, act),
    answering: quantilesOf(answering, act),
    hanging: quantilesOf(hanging, act),
    failed: hanging.failed[act],
  }));
}

const none: Quantiles = { p50: Number.NaN, p95: Number.NaN, max: Number.NaN };

function quantilesOf({ took }: NeighbourTelling, act: Act): Quantiles {
  return took[act].length === 0 ? none : quantiles(took[act]);
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
