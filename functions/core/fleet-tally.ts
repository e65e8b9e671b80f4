/**
 * What a sample of an app's connections says of its orgs: how many orgs fail newly, or get no answers, of those that were
 * tried. An org counts once, however many connections it has.
 */
import type { Connection } from './connection.ts';
import type { Tally } from './grant.ts';
import { expectedOf, type FailingConnection, failingSince, standingOf } from './org-tally.ts';

export interface FleetTally extends Tally {
  /** Orgs whose connections work, fail newly, or were not tried. */
  readonly size: number;
  /** As many orgs as will fail in the end, if the others are as those that were tried since the first failure. */
  readonly expected: number;
  /** Of the orgs that fail, one connection each; who failed first, first. */
  readonly failing: readonly FailingConnection[];
  /** Orgs of which nobody was tried. */
  readonly untried: readonly string[];
}

export function tallyFleet(sample: readonly Connection[], windowMs: number, now: number): FleetTally {
  const since = now - windowMs;
  const tried = new Set<string>();
  const reached = new Set<string>();
  for (const connection of sample) {
    const standing = standingOf(connection, since);
    if (standing === 'left_the_signal') continue;
    reached.add(connection.orgId);
    if (standing !== 'untried') tried.add(connection.orgId);
  }
  const failing = oneOfEachOrg(failingSince(sample, since));
  const untried = [...reached].filter((orgId) => !tried.has(orgId));
  const expected = expectedIn(sample, failing, reached.size);
  return { failed: failing.length, tried: tried.size, size: reached.size, expected, failing, untried };
}

function expectedIn(sample: readonly Connection[], failing: readonly FailingConnection[], size: number): number {
  const first = failing[0]?.failingSince ?? Number.POSITIVE_INFINITY;
  const since = sample.filter((one) => standingOf(one, first) === 'works').map(({ orgId }) => orgId);
  const tried = new Set([...since, ...failing.map(({ orgId }) => orgId)]).size;
  return expectedOf({ failed: failing.length, tried }, size);
}

/** Orgs with a connection that got no answer more than once in a row, of those that Salesforce answered or not. */
export function tallyOutage(sample: readonly Connection[], windowMs: number, now: number): FleetTally {
  const since = now - windowMs;
  const unanswered = new Map<string, Connection>();
  const tried = new Set<string>();
  const reached = new Set<string>();
  for (const connection of sample) {
    if (standingOf(connection, since) === 'left_the_signal') continue;
    reached.add(connection.orgId);
    const fails = isUnanswered(connection, since);
    if (fails && !unanswered.has(connection.orgId)) unanswered.set(connection.orgId, connection);
    if (fails || (connection.grant?.refreshedAt ?? 0) >= since) tried.add(connection.orgId);
  }
  const failing = [...unanswered.values()].map((one) => ({ ...one, failingSince: one.grant?.lastFailure?.at ?? now }));
  const expected = expectedOf({ failed: failing.length, tried: tried.size }, reached.size);
  return { failed: failing.length, tried: tried.size, size: reached.size, expected, failing, untried: [] };
}

/** More than once in a row: what one request meets is chance. */
export function isUnanswered({ grant }: Connection, since: number): boolean {
  if (grant === undefined || grant.failures < 2) return false;
  return grant.lastFailure?.class === 'transient' && grant.lastFailure.at >= since;
}

function oneOfEachOrg(connections: readonly FailingConnection[]): readonly FailingConnection[] {
  const seen = new Set<string>();
  return connections.filter(({ orgId }) => !seen.has(orgId) && seen.add(orgId));
}
