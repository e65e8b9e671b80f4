/** What is reserved for each function, of the recommended and the deployer's own numbers (`concurrency.ts`). */
import type { FunctionName } from '../functions/core/routes.ts';
import { inFrontAtFirst } from '../functions/core/waiting-readers.ts';
import { type ReservedConcurrency, recommendedConcurrency } from './concurrency.ts';
import { functionNames } from './functions.ts';
import { workersAtMost } from './refresh-queue.ts';

/**
 * The queue's workers, and the readers of one org that hangs: twice those in front are under way, three times where a
 * minute ends. With fewer, batches find no instance, stay invisible for minutes and end in the dead-letter queue.
 */
export const refreshAtLeast: number = workersAtMost + 3 * inFrontAtFirst;

/** A configuration's types are taken out, not checked, when it is run: a name that is misspelt would reserve nothing. */
const modes = ['shared', 'reserved'];

/** @throws Error where a name is unknown or a number none */
export function reservedConcurrencyOf(
  concurrency: 'shared' | 'reserved',
  own: ReservedConcurrency = {},
): ReservedConcurrency {
  if (!modes.includes(concurrency)) {
    throw new Error(`concurrency must be 'shared' or 'reserved'; got ${JSON.stringify(concurrency)}`);
  }
  for (const [name, reserved] of Object.entries(own)) {
    requireFunction(name);
    if (Number.isInteger(reserved) && reserved >= 1) continue;
    throw new Error(
      `reservedConcurrency.${name} must be a whole number from 1: with 0 it would never run; got ${reserved}`,
    );
  }
  const { refresh = refreshAtLeast } = own;
  if (refresh < refreshAtLeast) {
    throw new Error(
      `reservedConcurrency.refresh must be ${refreshAtLeast} at least, for the queue's ${workersAtMost} workers and the readers of an org that hangs; got ${refresh}`,
    );
  }
  return { ...(concurrency === 'reserved' ? recommendedConcurrency : {}), ...own };
}

function requireFunction(name: string): void {
  if (functionNames.includes(name as FunctionName)) return;
  throw new Error(`reservedConcurrency.${name} is no function; there are ${functionNames.join(', ')}`);
}
