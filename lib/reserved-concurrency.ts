/** What is reserved for each function, of the recommended and the deployer's own numbers (`concurrency.ts`). */
import { ConfigurationError } from '../functions/core/errors.ts';
import { inFrontAtFirst } from '../functions/core/waiting-readers.ts';
import { type ReservedConcurrency, recommendedConcurrency } from './concurrency.ts';
import { functionNames } from './functions.ts';
import { type PropNames, requireKnownProps } from './known-props.ts';
import { workersAtMost } from './refresh-queue.ts';

/**
 * The queue's workers, and the readers of one org that hangs: twice those in front are under way, three times where a
 * minute ends. With fewer, batches find no instance, stay invisible for minutes and end in the dead-letter queue.
 */
export const refreshAtLeast: number = workersAtMost + 3 * inFrontAtFirst;

const source = 'the deployment';

const modes = ['shared', 'reserved'];

/** @throws ConfigurationError where a name is unknown or a number none */
export function reservedConcurrencyOf(
  concurrency: 'shared' | 'reserved',
  own: ReservedConcurrency = {},
): ReservedConcurrency {
  if (!modes.includes(concurrency)) {
    throw refusal('concurrency', `must be 'shared' or 'reserved'; got ${JSON.stringify(concurrency)}`);
  }
  const known = Object.fromEntries(functionNames.map((name) => [name, true])) as PropNames<ReservedConcurrency>;
  requireKnownProps(source, 'reservedConcurrency', own, known);
  for (const [name, reserved] of Object.entries(own)) {
    if (reserved === undefined || (Number.isInteger(reserved) && reserved >= 1)) continue;
    const message = `must be a whole number from 1: with 0 it would never run; got ${reserved}`;
    throw refusal(`reservedConcurrency.${name}`, message);
  }
  const { refresh = refreshAtLeast } = own;
  if (refresh < refreshAtLeast) {
    const message = `must be ${refreshAtLeast} at least, for the queue's ${workersAtMost} workers and the readers of an org that hangs; got ${refresh}`;
    throw refusal('reservedConcurrency.refresh', message);
  }
  return { ...(concurrency === 'reserved' ? recommendedConcurrency : {}), ...own };
}

function refusal(path: string, message: string): ConfigurationError {
  return new ConfigurationError(source, [{ path, message }]);
}
