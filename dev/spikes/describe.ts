/** What a run came to: how soon it was known and told, and with how many alerts. */
import type { PublishedAlert, SpikeTelling } from './spike-run.ts';

/** Published messages. */
export interface AlertCounts {
  /** `invalid_grant_spike`, under the id of the incident. */
  readonly opened: number;
  readonly escalated: number;
  readonly resolved: number;
  /** Of single connections. */
  readonly own: number;
  readonly other: number;
}

export interface Description {
  readonly size: number;
  readonly refusedAfterMs: number | undefined;
  /** Of the spike; where none was told, of the first alert. */
  readonly toldAfterMs: number | undefined;
  readonly toldAfterRefusalMs: number | undefined;
  readonly alerts: AlertCounts;
  /** Connections known to fail so many minutes after the first refusal. */
  readonly knownAfter: ReadonlyMap<number, number>;
  readonly allKnownAfterMs: number | undefined;
  readonly pulled: number;
  readonly readsPerDeath: number;
  readonly writesPerDeath: number;
}

export const knownAfterMinutes: readonly number[] = [1, 2, 5, 15, 60];

export function describe(telling: SpikeTelling, size: number): Description {
  const { revokedAt, firstRefusalAt, published, knownAt, counts } = telling;
  const told = (published.find(isOpening) ?? published[0])?.at;
  const since = (instant: number | undefined, from: number | undefined) =>
    instant === undefined || from === undefined ? undefined : instant - from;
  const deaths = Math.max(1, knownAt.length);
  return {
    size,
    refusedAfterMs: since(firstRefusalAt, revokedAt),
    toldAfterMs: since(told, revokedAt),
    toldAfterRefusalMs: since(told, firstRefusalAt),
    alerts: alertCountsOf(published),
    knownAfter: new Map(
      knownAfterMinutes.map((minutes) => [
        minutes,
        knownAt.filter((at) => at <= firstOf(telling) + minutes * 60_000).length,
      ]),
    ),
    allKnownAfterMs: knownAt.length < size ? undefined : since(knownAt.at(-1), firstRefusalAt),
    pulled: counts.pulled,
    readsPerDeath: counts.reads / deaths,
    writesPerDeath: counts.writes / deaths,
  };
}

function firstOf({ firstRefusalAt = 0 }: SpikeTelling): number {
  return firstRefusalAt;
}

export function alertCountsOf(published: readonly PublishedAlert[]): AlertCounts {
  const count = (accept: (one: PublishedAlert) => boolean) => published.filter(accept).length;
  const own = ['reauthorization_required', 'admin_action_required', 'connection_recovered'];
  const opened = count(isOpening);
  const escalated = count((one) => one.alert.type === 'invalid_grant_spike') - opened;
  const resolved = count((one) => one.alert.type === 'invalid_grant_spike_resolved');
  const ofOwn = count((one) => own.includes(one.alert.type));
  return { opened, escalated, resolved, own: ofOwn, other: published.length - opened - escalated - resolved - ofOwn };
}

function isOpening({ alert }: PublishedAlert): boolean {
  return alert.type === 'invalid_grant_spike' && !/\.x\d+$/.test(alert.id);
}

export function median(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((one) => one !== undefined).sort((a, b) => a - b);
  return known.length === 0 ? undefined : known[Math.floor((known.length - 1) / 2)];
}
