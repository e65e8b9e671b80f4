/**
 * What one failing connection makes of its org's watch: when it last failed, the first wave of the others if none is under
 * way, and the next look. One small write, or none where another failure of these seconds has written it already: forty
 * that fail at once are one write and forty looks.
 */
import type { Duty, WatchDuty } from './duty.ts';
import { firstWaveSize, type NextWave, nextWave } from './pull-forward.ts';
import { orgWatchId, type Watch } from './watch.ts';

/** How exactly `failedAt` is kept. */
const freshMs = 15_000;
/** No oftener does an org write that it gets no answers. */
const unansweredFreshMs = 5 * 60_000;
/** A little less than a minute: `maintain` looks each minute. */
export const lookEveryMs = 50_000;
const watchDutyId = 'watch';

/** Orgs up to this size are counted at every failure, larger ones by so much of their size once. */
const countedAlwaysUpTo = 100;
const countedEveryMsPerConnection = 20;

export interface Touch {
  /** Absent: there is nothing to write. */
  readonly after?: Watch;
  /** The wave that is this caller's to pull. */
  readonly wave?: NextWave;
  /** Whether this caller is to count the org's connections; else the next look does. */
  readonly judges: boolean;
}

export interface OrgOf {
  readonly app: string;
  readonly orgId: string;
}

/** @param failingSince of the connection; it may be long ago where its writer died */
export function touchFailed(
  watch: Watch | undefined,
  org: OrgOf,
  failingSince: number,
  windowMs: number,
  now: number,
): Touch {
  const known = watch ?? newOrgWatch(org, now);
  const wave = waveFor(known, failingSince, windowMs, now);
  // An open incident is looked at each minute.
  const judges = known.incident === undefined && mayCount(known, now);
  const counts = judges && (known.looked ?? 0) > countedAlwaysUpTo;
  const news = known.failedAt === undefined || failingSince - known.failedAt >= freshMs;
  if (!news && wave === undefined && !counts && hasWatchDuty(known)) return { judges };
  const after: Watch = {
    ...known,
    activeAt: now,
    failedAt: Math.max(failingSince, known.failedAt ?? 0),
    ...(counts ? { judgedAt: now } : {}),
    ...(wave === undefined ? {} : { pull: wave.pull }),
    duties: withWatchDuty(known.duties, now),
  };
  return { after, wave, judges };
}

function waveFor({ pull }: Watch, failingSince: number, windowMs: number, now: number): NextWave | undefined {
  if (pull === undefined || now - pull.at >= windowMs) {
    return { pull: { since: failingSince, at: now, waves: 0 }, size: firstWaveSize };
  }
  return pull.waves === 0 ? nextWave({ pull }, false, now) : undefined;
}

/** How often a large org is counted; of small ones: as often as is asked. */
export function mayCount({ judgedAt, looked = 0 }: Pick<Watch, 'judgedAt' | 'looked'>, now: number): boolean {
  if (judgedAt === undefined || looked <= countedAlwaysUpTo) return true;
  return now - judgedAt >= looked * countedEveryMsPerConnection;
}

/** What is to be kept of a count, so that the next one of a large org waits. Small ones keep nothing. */
export function counted(watch: Watch, looked: number, now: number): Watch {
  if (looked <= countedAlwaysUpTo && watch.looked === undefined) return watch;
  return { ...watch, looked, judgedAt: now };
}

/** `undefined`: it is known. */
export function touchUnanswered(watch: Watch | undefined, org: OrgOf, now: number): Watch | undefined {
  const known = watch ?? newOrgWatch(org, now);
  if (known.unansweredAt !== undefined && now - known.unansweredAt < unansweredFreshMs) return undefined;
  return { ...known, unansweredAt: now, activeAt: now };
}

export function newOrgWatch({ app, orgId }: OrgOf, now: number): Watch {
  const id = orgWatchId(app, orgId);
  return { version: 1, revision: 0, writeId: '', id, kind: 'org', app, orgId, activeAt: now, duties: {} };
}

function hasWatchDuty({ duties }: Watch): boolean {
  return duties[watchDutyId] !== undefined;
}

/** Anew even where there is one: whoever is about to end that one must see that there was news. */
export function withWatchDuty(duties: Readonly<Record<string, Duty>>, now: number): Readonly<Record<string, Duty>> {
  const open = duties[watchDutyId];
  const dueAt = open === undefined ? now + lookEveryMs : Math.min(open.dueAt, now + lookEveryMs);
  const duty: WatchDuty = { kind: 'watch', since: now, dueAt, tries: open?.tries ?? 0 };
  return { ...duties, [watchDutyId]: duty };
}
