/**
 * How long the functions of an act are billed for, in milliseconds: their own work as measured here, slower by the
 * processor's share that they have, and modelled waits. What is asked side by side is counted one after the other: an
 * upper bound.
 */
import type { FunctionName } from '../../functions/core/routes.ts';
import { slowerThanHere, waitsMs } from './assumptions.ts';
import type { Act, Measured } from './measure.ts';

export function billedMs(act: Act, measured: Measured, refreshesPerBatch: number): number {
  const usage = measured.usage[act];
  const own = Object.entries(usage)
    .filter(([name]) => name.startsWith('invocations.'))
    .reduce((sum, [name, count]) => sum + count * ownMsOf(measured, name.slice('invocations.'.length)), 0);
  const waits = Object.entries(usage).reduce((sum, [name, count]) => sum + count * waitOf(name), 0);
  switch (act) {
    // Side by side: they wait together.
    case 'refresh':
      return waits / refreshesPerBatch + ownMsOf(measured, 'refresh');
    // `token` waits for `refresh`, and both are billed.
    case 'asked refresh':
      return own + 2 * waits;
    default:
      return own + waits;
  }
}

function ownMsOf({ ownMs }: Measured, name: string): number {
  return (ownMs[name as FunctionName] ?? 0) * slowerThanHere;
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
