/** The Random port on the operating system's generator. */
import { randomBytes } from 'node:crypto';
import type { Random } from '../core/ports.ts';

/** 2⁵³: every multiple of its inverse below one is a double. */
const steps = 2 ** 53;

export function createSystemRandom(): Random {
  return {
    bytes: (length) => new Uint8Array(randomBytes(length)),
    // Strong bytes for jitter too: nobody then has to ask whether a use of it needs them.
    fraction: () => Number(randomBytes(8).readBigUInt64BE() >> 11n) / steps,
  };
}
