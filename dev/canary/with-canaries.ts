/**
 * A source of randomness whose secrets are canaries. 208 of 256 bits stay random, and it never leaves a person's own
 * machine: deployed functions have the operating system's bytes as they are.
 */
import type { Random } from '../../functions/core/ports.ts';
import { marked } from './canary.ts';

export function withCanaries(random: Random): Random {
  return { bytes: (length) => marked(random.bytes(length)), fraction: () => random.fraction() };
}
