/**
 * Who else of an org is made due when a connection of it fails, so that a dead org is known in minutes and not in a cycle;
 * in waves, so that an org that lives is asked ten times more and no oftener.
 *
 * A pull moves a due time and nothing else: whoever was refreshed meanwhile, is failing or claimed, stays as it is.
 */
import type { Connection } from './connection.ts';
import { leaseLives } from './grant.ts';
import { sha256Hex } from './hash.ts';
import { hasShare, type OrgTally } from './org-tally.ts';
import type { Pull, Watch } from './watch.ts';

export const firstWaveSize = 10;
const nextWaveSize = 20;
/** A little less than a minute: whoever looks each minute must not come just too early. */
const waveEveryMs = 50_000;
/** A wave's refreshes come spread over so long. */
const waveSpreadMs = 20_000;

/** `undefined`: it is not to be pulled. */
export function pulledForward(
  connection: Connection,
  { since }: Pick<Pull, 'since'>,
  now: number,
  fraction: number,
): Connection | undefined {
  if (!isCandidate(connection, { since }, now)) return undefined;
  return { ...connection, nextRefreshAt: now + Math.floor(waveSpreadMs * fraction) };
}

/** Those of a wave: by a hash of their ids, so that they are any, and the same for everyone who asks. */
export function waveOf<C extends Connection>(
  connections: readonly C[],
  pull: Pick<Pull, 'since'>,
  size: number,
  now: number,
): readonly C[] {
  const order = (one: C) => sha256Hex(`${pull.since} ${one.id}`);
  return connections
    .filter((one) => isCandidate(one, pull, now))
    .map((one) => ({ one, at: order(one) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, size)
    .map(({ one }) => one);
}

/** One of each of these orgs. */
export function waveOfOrgs<C extends Connection>(
  sample: readonly C[],
  orgIds: readonly string[],
  pull: Pick<Pull, 'since'>,
  size: number,
  now: number,
): readonly C[] {
  const wanted = new Set(orgIds);
  return waveOf(sample, pull, sample.length, now)
    .filter(({ orgId }) => wanted.delete(orgId))
    .slice(0, size);
}

function isCandidate(
  { status, grant, failingSince, nextRefreshAt }: Connection,
  { since }: Pick<Pull, 'since'>,
  now: number,
) {
  if (grant === undefined || leaseLives(grant, now) || grant.refreshedAt >= since) return false;
  if (nextRefreshAt === undefined || nextRefreshAt <= now + waveSpreadMs) return false;
  // Kept out by the administrator, it may be dead by now, or work; tried since, it was seen.
  if (status === 'admin_action_required') return (grant.lastFailure?.at ?? 0) < since;
  // In backoff Salesforce does not answer, or puts it off; it is tried again by itself.
  return status === 'active' && failingSince === undefined && grant.failures === 0;
}

export function someoneIsLeft(connections: readonly Connection[], pull: Pick<Pull, 'since'>, now: number): boolean {
  return connections.some((one) => isCandidate(one, pull, now));
}

/** Two at least, and as many of those tried as an incident takes. */
export function looksDead(tally: Pick<OrgTally, 'failed' | 'tried'>, minimumShare: number): boolean {
  return tally.failed >= 2 && hasShare(tally, minimumShare);
}

export interface NextWave {
  readonly pull: Pull;
  readonly size: number;
}

/** The wave that is due; `undefined`: none is, or another process is at it. */
export function nextWave({ pull }: Pick<Watch, 'pull'>, goesOn: boolean, now: number): NextWave | undefined {
  if (pull === undefined || now - pull.at < waveEveryMs) return undefined;
  // Whoever began the first one died of it.
  if (pull.waves === 0) return { pull: { ...pull, at: now }, size: firstWaveSize };
  return goesOn ? { pull: { ...pull, at: now, waves: pull.waves + 1 }, size: nextWaveSize } : undefined;
}
