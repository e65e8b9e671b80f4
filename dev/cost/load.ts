/** How often each act happens in a month, and what of it meets cold caches. */
import {
  type Assumptions,
  cachedSeconds,
  daysPerMonth,
  refreshEachHours,
  requestsPerSecondOfInstance,
} from './assumptions.ts';
import type { Act } from './measure.ts';

export type Load = Readonly<Record<Act, number>>;

const secondsPerMonth = daysPerMonth * 86_400;

/** @param functionMs what a read and a refresh of a batch hold an instance for */
export function loadOf(connections: number, of: Assumptions, functionMs: { read: number; batch: number }): Load {
  const inUse = connections * of.inUseShare;
  const idle = connections - inUse;
  const hours = daysPerMonth * 24;
  const refreshesInUse = (inUse * hours) / refreshEachHours.inUse;
  const refresh = refreshesInUse + (idle * hours) / refreshEachHours.idle;
  const read = inUse * of.readsPerDayInUse * daysPerMonth;
  const batches = refresh / of.refreshesPerBatch;
  const asked = idle * of.readsPerMonthIdle;
  const orgs = Math.max(1, connections / of.connectionsPerOrg);
  return {
    read,
    // One to read and two for a batch of refreshes, where they are in no cache; all three where an idle one is asked for.
    'open keys':
      read * missShare(read, orgs, functionMs.read) +
      2 * batches * missShare(batches, orgs, functionMs.batch) +
      3 * asked,
    mark: refreshesInUse,
    refresh,
    'asked refresh': asked,
    connect: connections * of.connectedShare,
    'idle minute': daysPerMonth * 24 * 60,
  };
}

/**
 * Share of acts that find their org's key in no cache, where they come at random to as many instances as are needed (Little's
 * law, and as many again): each instance keeps a key for five minutes after it opened it.
 */
export function missShare(perMonth: number, orgs: number, heldMs: number): number {
  const perSecond = perMonth / secondsPerMonth;
  const instances = instancesFor(perMonth, heldMs);
  return 1 / (1 + (perSecond / orgs / instances) * cachedSeconds);
}

export function instancesFor(perMonth: number, heldMs: number): number {
  const perSecond = perMonth / secondsPerMonth;
  return Math.max(
    1,
    Math.ceil(perSecond * (heldMs / 1_000) * 2),
    // However short they are.
    Math.ceil(perSecond / requestsPerSecondOfInstance),
  );
}
