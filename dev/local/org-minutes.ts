/**
 * How the refreshes of each org went, minute by minute, for the plots of the console: an attempt that was settled counts
 * once, in the minute of its write. Kept in memory for an hour.
 */

export type Outcome = 'refreshed' | 'failed' | 'died';

export interface OrgMinute {
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly refreshed: number;
  readonly failed: number;
  readonly died: number;
}

export interface OrgMinutes {
  readonly orgId: string;
  /** Those in which something happened, the oldest first. */
  readonly minutes: readonly OrgMinute[];
}

export interface MinutesByOrg {
  add(orgId: string, outcome: Outcome, at: number): void;
  /** Of the last hour. Orgs of which nothing is known are left out. */
  lately(now: number): readonly OrgMinutes[];
}

export const minuteMs = 60_000;
export const minutesKept = 60;
const orgsKept = 100;

export function createMinutesByOrg(): MinutesByOrg {
  /** In the order of their last news. */
  const orgs = new Map<string, OrgMinute[]>();
  return {
    add: (orgId, outcome, at) => {
      const minutes = recent(orgs.get(orgId) ?? [], at);
      orgs.delete(orgId);
      orgs.set(orgId, counted(minutes, outcome, minuteOf(at)));
      const [longestQuiet] = orgs.keys();
      if (orgs.size > orgsKept && longestQuiet !== undefined) orgs.delete(longestQuiet);
    },
    lately: (now) =>
      [...orgs]
        .map(([orgId, minutes]) => ({ orgId, minutes: recent(minutes, now) }))
        .filter(({ minutes }) => minutes.length > 0),
  };
}

function counted(minutes: readonly OrgMinute[], outcome: Outcome, at: number): OrgMinute[] {
  const known = minutes.find((one) => one.at === at);
  const before = known ?? { at, refreshed: 0, failed: 0, died: 0 };
  const after = { ...before, [outcome]: before[outcome] + 1 };
  return [...minutes.filter((one) => one !== known), after].sort((a, b) => a.at - b.at);
}

function recent(minutes: readonly OrgMinute[], now: number): OrgMinute[] {
  const oldest = minuteOf(now) - (minutesKept - 1) * minuteMs;
  return minutes.filter(({ at }) => at >= oldest);
}

function minuteOf(at: number): number {
  return at - (at % minuteMs);
}
