/**
 * Where an answer from the lifeboat belongs whose generation cannot be claimed: its grant or generation has moved on,
 * or back (a restore), or somebody holds its lease and must be left to look into the lifeboat first.
 */
import type { Connection } from './connection.ts';
import { leaseLives } from './grant.ts';
import type { RefreshEntry } from './lifeboat.ts';
import { decideCommit } from './settle-commit.ts';
import { revokeDutyId } from './settle-superseded.ts';

export type DrainDecision =
  /** Its grant was superseded: the revocation duty is brought up to date. */
  | { readonly kind: 'owe'; readonly after: Connection }
  /**
   * The answer is newer than the table, which was restored from a backup: what the table holds of that grant is of no more
   * use. Where it stands then, the answer can be claimed.
   */
  | { readonly kind: 'catch_up'; readonly after: Connection }
  /** Nothing is to be kept of it. */
  | { readonly kind: 'stale' }
  /** A lease of its grant lives. Were the entry taken away now, its owner would send the older token. */
  | { readonly kind: 'wait' };

/**
 * Whether the table may lack the data key that the answer lies under: only a restored one does, whose org's key was made
 * since. Else it is the key of what the answer is to replace, or an older answer's.
 */
export function mayLackKey({ grant }: Connection, { attempt }: Pick<RefreshEntry, 'attempt'>): boolean {
  const { grantId, refreshes } = attempt.generation;
  return grant?.id === grantId && (grant.ownKeys !== undefined || grant.refreshes < refreshes);
}

export function decideDrain(
  connection: Connection,
  { attempt, made }: Pick<RefreshEntry, 'attempt' | 'made'>,
  now: number,
): DrainDecision {
  const { grant } = connection;
  const { grantId, refreshes } = attempt.generation;
  if (grant?.id === grantId && grant.refreshes === refreshes) return { kind: 'wait' };
  if (grant?.id === grantId && grant.refreshes < refreshes) {
    if (leaseLives(grant, now)) return { kind: 'wait' };
    const caughtUp = { ...grant, refreshes, refreshToken: undefined, lease: undefined, attempts: [] };
    return { kind: 'catch_up', after: { ...connection, grant: caughtUp } };
  }
  const duty = connection.duties[revokeDutyId(grantId)];
  if (duty?.kind === 'revoke' && duty.lease !== undefined && duty.lease.until > now) return { kind: 'wait' };
  const decision = decideCommit(connection, attempt, made, now, 0);
  return decision.kind === 'superseded' ? { kind: 'owe', after: decision.after } : { kind: 'stale' };
}
