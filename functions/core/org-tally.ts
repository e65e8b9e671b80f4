/**
 * What an org's connections say of it: how many fail newly, of how many that were tried in the window. Read from the
 * connections themselves, so that each counts once (decision 0014).
 *
 * Refused for now (busy), not answered, our own fault: neither failed nor tried. What failed before the window has left the
 * signal: it is neither, too.
 */
import type { Connection } from './connection.ts';
import type { Tally } from './grant.ts';

export interface OrgTally extends Tally {
  /** Connections that work, or fail newly: those that an incident could reach. */
  readonly size: number;
  /** As many as will fail in the end, if the others are as those that were tried since the first failure. */
  readonly expected: number;
  /** Who failed first, first. */
  readonly failing: readonly FailingConnection[];
}

export type FailingConnection = Connection & { readonly failingSince: number };

/** `untried`: in the window nobody asked Salesforce, or got no answer that says something of the grant. */
export type Standing = 'fails_newly' | 'works' | 'untried' | 'left_the_signal';

/** @param toldUntil the last failure that the last incident counted: what failed by then makes no other */
export function tallyOrg(
  connections: readonly Connection[],
  windowMs: number,
  now: number,
  toldUntil: number = Number.NEGATIVE_INFINITY,
): OrgTally {
  const since = now - windowMs;
  const newSince = Math.max(since, toldUntil + 1);
  const standings = connections.map((one) => ({ one, standing: standingOf(one, since, newSince) }));
  const works = standings.filter(({ standing }) => standing === 'works').map(({ one }) => one);
  const failing = failingSince(connections, newSince);
  const failed = failing.length;
  const untried = standings.filter(({ standing }) => standing === 'untried').length;
  const size = failed + works.length + untried;
  const triedSince = failed + worksSince(works, failing[0]?.failingSince);
  const expected = expectedOf({ failed, tried: triedSince }, size);
  return { failed, tried: triedOf(triedSince, failed, works.length), size, expected, failing };
}

/** So many tried since the first failure tell how the org is now. */
const enoughTried = 10;

/**
 * What was refreshed before an org died says nothing of it: once most of those that were tried since the first failure
 * fail, the others do not count. In a large org they would hide its death for minutes.
 */
function triedOf(triedSince: number, failed: number, works: number): number {
  return triedSince >= enoughTried && failed > triedSince / 2 ? triedSince : failed + works;
}

function worksSince(works: readonly Connection[], first: number = Number.POSITIVE_INFINITY): number {
  return works.filter(({ grant }) => (grant?.refreshedAt ?? 0) >= first).length;
}

/**
 * @param since the window's beginning, which is part of it
 * @param newSince from when on a failure is news. @default the window's beginning
 */
export function standingOf({ status, grant, failingSince }: Connection, since: number, newSince = since): Standing {
  if (grant === undefined) return 'left_the_signal';
  if (failingSince !== undefined) return failingSince >= newSince ? 'fails_newly' : 'left_the_signal';
  if (status !== 'active') return 'left_the_signal';
  return grant.refreshedAt >= since ? 'works' : 'untried';
}

export function failingSince(connections: readonly Connection[], since: number): readonly FailingConnection[] {
  return connections
    .filter((one): one is FailingConnection => one.failingSince !== undefined && one.failingSince >= since)
    .sort((a, b) => a.failingSince - b.failingSince || (a.id < b.id ? -1 : 1));
}

/** True also where the share is met exactly: 3 of 15 are 20 %. */
export function hasShare({ failed, tried }: Tally, minimumShare: number): boolean {
  return tried > 0 && failed / tried >= minimumShare;
}

/**
 * By the rule of succession, for those that were tried may be few: three of three foretell four of five. What is dead as a
 * whole never doubles what was foretold of it.
 */
export function expectedOf({ failed, tried }: Tally, size: number): number {
  return failed === 0 ? 0 : Math.max(failed, Math.round((size * (failed + 1)) / (tried + 2)));
}
