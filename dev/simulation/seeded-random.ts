/** Pseudo-randomness from a seed: the same seed gives the same schedule, on every machine. (sfc32, splitmix32.) */
import type { Random } from '../../functions/core/ports.ts';

export interface SeededRandom {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const mixed = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [mixed(), mixed(), mixed(), 1];
  const next = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let round = 0; round < 8; round += 1) next();
  const fraction = () => next() / 4_294_967_296;
  const below = (limit: number) => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    chance: (probability) => probability > 0 && fraction() < probability,
    pick: (from) => from[below(from.length)] as never,
  };
}

/**
 * The port `Random` of one process. What it draws depends on the process and on how much it drew before, never on how
 * others were interleaved with it: equal positions in two schedules have equal ids.
 */
export function processRandom(seed: number, process: number): Random {
  const fractions = seededRandom(Math.imul(seed, 7_919) + process);
  let drawn = 0;
  return {
    bytes(length) {
      drawn += 1;
      const bytes = new Uint8Array(length);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, process);
      view.setUint32(4, drawn);
      return bytes;
    },
    fraction: fractions.fraction,
  };
}
