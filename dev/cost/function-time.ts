/**
 * How long the functions of an act are billed for, in milliseconds, and with how much memory: their own work as measured
 * here, slower by the processor's share that they have, and modelled waits. What is asked side by side is counted one
 * after the other, and a wait as if the largest of the act's functions waited: an upper bound.
 */
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames, functionShapes } from '../../lib/functions.ts';
import { memoryOfProcessorMib, waitsMs } from './assumptions.ts';
import type { Act, Measured } from './measure.ts';

export function billedMs(act: Act, measured: Measured, refreshesPerBatch: number): number {
  const { own, waits } = partsOf(act, measured, refreshesPerBatch);
  return own.reduce((sum, { ms }) => sum + ms, waits);
}

/** Gigabytes times milliseconds, each function's by the memory that the stack gives it. */
export function billedGbMs(act: Act, measured: Measured, refreshesPerBatch: number): number {
  const { own, waits } = partsOf(act, measured, refreshesPerBatch);
  // What has no invocation of its own happens in a read or a refresh.
  const names = own.length > 0 ? own.map(({ name }) => name) : (['token', 'refresh'] as const);
  const waitsGb = Math.max(...names.map(memoryGbOf));
  return own.reduce((sum, { name, ms }) => sum + ms * memoryGbOf(name), waits * waitsGb);
}

/** How many times as long as here a function's own work takes. */
export function slowerThanHere(name: FunctionName): number {
  return memoryOfProcessorMib / functionShapes[name].memoryMiB;
}

interface Parts {
  readonly own: readonly { readonly name: FunctionName; readonly ms: number }[];
  readonly waits: number;
}

function partsOf(act: Act, measured: Measured, refreshesPerBatch: number): Parts {
  const usage = measured.usage[act];
  const own = functionNames
    .map((name) => ({ name, ms: (usage[`invocations.${name}`] ?? 0) * ownMsOf(measured, name) }))
    .filter(({ name }) => usage[`invocations.${name}`] !== undefined);
  const waits = Object.entries(usage).reduce((sum, [name, count]) => sum + count * waitOf(name), 0);
  switch (act) {
    // Side by side: they wait together.
    case 'refresh':
      return { own: [{ name: 'refresh', ms: ownMsOf(measured, 'refresh') }], waits: waits / refreshesPerBatch };
    // `token` waits for `refresh`, and both are billed.
    case 'asked refresh':
      return { own, waits: 2 * waits };
    default:
      return { own, waits };
  }
}

function ownMsOf({ ownMs }: Measured, name: FunctionName): number {
  return (ownMs[name] ?? 0) * slowerThanHere(name);
}

function memoryGbOf(name: FunctionName): number {
  return functionShapes[name].memoryMiB / 1_024;
}

function waitOf(name: string): number {
  const operations = /^dynamodb\.(GetItem|PutItem|UpdateItem|DeleteItem|Query|BatchGetItem)$/;
  if (operations.test(name)) return waitsMs.dynamodb;
  if (name.startsWith('calls.keys.')) return waitsMs.keys;
  if (name.startsWith('calls.salesforce')) return waitsMs.salesforce;
  if (name.startsWith('calls.lifeboat.')) return waitsMs.lifeboat;
  if (name.startsWith('calls.configurationQueue.')) return waitsMs.queue;
  if (name === 'calls.refresher.refresh' || name === 'calls.tokens.read') return waitsMs.invocation;
  return 0;
}
