/** What no write to a session or an integration may do: nothing is linked before its claim, and no claim comes too late. */
import type { Connection } from '../../functions/core/connection.ts';
import type { LinkDuty } from '../../functions/core/duty.ts';
import type { Integration } from '../../functions/core/integration.ts';
import type { Session } from '../../functions/core/session.ts';
import { keyOf } from './ids.ts';
import type { Monitor } from './monitor.ts';
import type { Process } from './world.ts';
import { skewAtMostMs } from './write-rules.ts';

/** A link that was owed. */
export interface ObservedLink {
  readonly connectionId: string;
  readonly key: string;
  /** The session, or the request that shares. */
  readonly by: string;
  readonly at: number;
  /** Its first write, where the answer of that was lost and it was written again. */
  readonly since: number;
  readonly claim: boolean;
}

export function observedLinks({ id, duties }: Connection): [string, Omit<ObservedLink, 'since'>][] {
  return Object.entries(duties).flatMap(([dutyId, duty]): [string, Omit<ObservedLink, 'since'>][] => {
    if (duty.kind !== 'link') return [];
    const { sessionId: by, claim } = duty;
    const at = duty.grant?.begunAt ?? duty.since;
    return [[dutyId, { connectionId: id, key: keyOf(duty), by, at, claim: claim === true }]];
  });
}

/** Its session ended without the claim that it wants. */
export function isUnclaimed(monitor: Monitor, { claim, sessionId }: Pick<LinkDuty, 'claim' | 'sessionId'>): boolean {
  if (claim !== true) return false;
  const session = monitor.sessions.get(sessionId);
  return session?.status === 'failed' && session.claimedAt === undefined;
}

export function checkSessionWrite(
  monitor: Monitor,
  process: Process,
  before: Session | undefined,
  after: Session,
): void {
  const { id, claim, claimedAt, status } = after;
  const claimed = before !== undefined && before.claimedAt === undefined && claimedAt !== undefined;
  // The write may have been long under way; what matters is that nobody ended the session before it.
  if (claimed && (before.status !== 'authorized' || process.startedAt > before.expiresAt + skewAtMostMs)) {
    monitor.breaks('a claim is in time', `session ${id} was claimed after its end (it was ${before.status})`);
  }
  if (claim === true && claimedAt === undefined && (status === 'connected' || status === 'signed_in')) {
    monitor.breaks('no link without a claim', `session ${id} is ${status} and was never claimed`);
  }
  // Unless something newer was linked, or it was unlinked, since it began: `judge-links.ts` looks whether that is so.
  if (claimedAt !== undefined && status === 'failed' && after.error?.code !== 'overtaken') {
    monitor.breaks('a claim is kept', `session ${id} was claimed and is failed (${after.error?.code})`);
  }
  if (before?.status === 'connected' && status !== 'connected') {
    monitor.breaks('a claim is kept', `session ${id} was connected and is ${status}`);
  }
}

export function checkIntegrationWrite(monitor: Monitor, before: Integration | undefined, after: Integration): void {
  const session = monitor.sessions.get(after.linkedBy);
  if (session?.claim === true && session.claimedAt === undefined && after.status !== 'unlinked') {
    monitor.breaks('no link without a claim', `${keyOf(after)} was linked by the unclaimed session ${session.id}`);
  }
  if (before !== undefined && after.linkedAt < before.linkedAt) {
    monitor.breaks('no link is lost', `${keyOf(after)} was linked by an older request in place of a newer one`);
  }
}
