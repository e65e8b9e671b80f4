/**
 * Empties the lifeboat into the store: refresh answers under a claim, whatever the due time; code answers as the
 * callback would have stored them; duties into their sessions. An entry is removed only after its outcome is stored.
 */

import type { Connection } from '../core/connection.ts';
import { type DrainDecision, decideDrain, mayLackKey } from '../core/drain.ts';
import type { StoredAuthorization } from '../core/duty.ts';
import type { CodeEntry, DutyEntry, LifeboatEntry, RefreshEntry } from '../core/lifeboat.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { disconnectedMeanwhile, fail } from '../core/session-step.ts';
import { revokeDutyId } from '../core/settle-superseded.ts';
import { type NewAuthorization, revocationOf } from '../core/store-grant.ts';
import { advance } from './advance.ts';
import { change } from './change.ts';
import { recordAuthorization } from './record-grant.ts';
import { type RescuePorts, rescueFrom } from './rescue.ts';
import { storeGrant } from './store-grant.ts';

export type DrainPorts = RescuePorts & Pick<Ports, 'store' | 'clock' | 'random' | 'sealer'>;

export interface Drained {
  readonly found: number;
  readonly left: number;
  /** Among those that are left: they stay until a release comes that can read them. */
  readonly unreadable: number;
  /** Of the oldest entry that could be read; `undefined`: there was none. */
  readonly oldestAt: number | undefined;
  /** At most five. */
  readonly connectionIds: readonly string[];
}

const pageSize = 100;
const pagesAtMost = 10;
const timeNeededMs = 20_000;

/** Throws `LifeboatUnavailableError` where it cannot be listed. */
export async function drainLifeboat(ports: DrainPorts, remainingTimeMs: () => number): Promise<Drained> {
  let cursor: string | undefined;
  let found = 0;
  let left = 0;
  let unreadable = 0;
  let oldestAt: number | undefined;
  const connections = new Set<string>();
  for (let pages = 0; pages < pagesAtMost; pages += 1) {
    const page = await ports.lifeboat.list(pageSize, cursor);
    for (const entry of page.items) {
      found += 1;
      if (entry.kind !== 'duty') connections.add(entry.connectionId);
      oldestAt = Math.min(oldestAt ?? entry.at, entry.at);
      if (remainingTimeMs() < timeNeededMs || !(await drained(ports, entry))) left += 1;
    }
    unreadable += page.unreadable ?? 0;
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return {
    found: found + unreadable,
    left: left + unreadable,
    unreadable,
    oldestAt,
    connectionIds: [...connections].slice(0, 5),
  };
}

async function drained(ports: DrainPorts, entry: LifeboatEntry): Promise<boolean> {
  try {
    switch (entry.kind) {
      case 'refresh':
        return await drainRefresh(ports, entry);
      case 'code':
        return await drainCode(ports, entry);
      case 'duty':
        return await drainDuty(ports, entry);
    }
  } catch (error) {
    ports.log.error('An entry of the lifeboat could not be stored; it is tried again.', {
      connection_id: entry.connectionId,
      kind: entry.kind,
      error,
    });
    return false;
  }
}

/** On the claimed generation it is committed; where the generation or the grant has moved on, its duty is told. */
async function drainRefresh(ports: DrainPorts, entry: RefreshEntry): Promise<boolean> {
  const { connectionId, attempt } = entry;
  const attemptId = newId(ports.random);
  const seen = await ports.store.connections.read(connectionId);
  if (seen === undefined) return false;
  if (mayLackKey(seen, entry) && !(await hasKeyOf(ports, seen.orgId, entry))) {
    ports.log.error('An answer of the lifeboat lies under a data key that this table lacks; nobody can open it.', {
      connection_id: connectionId,
    });
    await ports.lifeboat.remove(entry);
    return true;
  }
  const { outcome, item } = await advance(
    ports,
    connectionId,
    { type: 'drain_asked', generation: attempt.generation, attemptId },
    { writeId: `${attemptId}.claim`, seen },
  );
  if (item === undefined) return false;
  if (outcome === 'claimed' && item.grant !== undefined) {
    const claimed = { ...item, grant: item.grant };
    return (await rescueFrom(ports, claimed, attemptId, [entry])).kind === 'rescued';
  }
  const { result } = await change<string, Connection, DrainDecision['kind']>(
    ports.store.connections,
    connectionId,
    (current) => {
      if (current === undefined) return { keep: true, result: 'stale' };
      const decision = decideDrain(current, entry, ports.clock.now());
      if (decision.kind === 'owe' || decision.kind === 'catch_up') {
        return { write: decision.after, result: decision.kind };
      }
      return { keep: true, result: decision.kind };
    },
    { writeId: `${attemptId}.drain`, seen: item },
  );
  // Caught up, it can be claimed: at the next look, within a minute.
  if (result === 'wait' || result === 'catch_up') return false;
  await ports.lifeboat.remove(entry);
  return true;
}

/** Were it committed without, the connection would hold what no refresh opens, and nobody would be told. */
async function hasKeyOf({ store, sealer }: DrainPorts, orgId: string, { made }: RefreshEntry): Promise<boolean> {
  if (made.refreshToken === undefined) return true;
  return (await store.readDataKey(orgId, 'refresh', sealer.keyIdOf(made.refreshToken))) !== undefined;
}

async function drainCode(ports: DrainPorts, entry: CodeEntry): Promise<boolean> {
  const { result } = await storeGrant(ports, entry.authorization);
  if (result === 'disconnected') await owe(ports, entry);
  ports.log.warn("A callback's tokens were stored from the lifeboat.", { connection_id: entry.connectionId, result });
  ports.metrics.add('Rescued', 1);
  await ports.lifeboat.remove(entry);
  return true;
}

/** Disconnected since: the grant is not revived, and revoked. */
async function owe(ports: DrainPorts, { connectionId, authorization }: CodeEntry): Promise<void> {
  const { grant, link, app } = authorization;
  await recordAuthorization(ports, { id: connectionId, app }, { ...link, grant: refusedAuthorization(authorization) });
  const now = ports.clock.now();
  const id = revokeDutyId(grant.id);
  // The session first: once the duty is there, the grant counts as known, and nobody comes back for the session.
  await change(
    ports.store.sessions,
    link.sessionId,
    (current) => {
      const after = current && fail(current, disconnectedMeanwhile, grant.id);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${grant.id}.failed` },
  );
  await change(
    ports.store.connections,
    connectionId,
    (current) => {
      if (current === undefined || current.duties[id] !== undefined) return { keep: true, result: undefined };
      const duties = { ...current.duties, [id]: revocationOf(grant, now, now, 'disconnected') };
      return { write: { ...current, duties }, result: undefined };
    },
    { writeId: `${grant.id}.owe` },
  );
}

function refusedAuthorization(authorization: NewAuthorization): StoredAuthorization {
  const { grant, begunAt, authorizedAt, fingerprint, ledgerId } = authorization;
  const reason = disconnectedMeanwhile.code;
  return { id: grant.id, begunAt, authorizedAt, outcome: 'refused', reason, fingerprint, ledgerId };
}

async function drainDuty(ports: DrainPorts, entry: DutyEntry): Promise<boolean> {
  await change(
    ports.store.sessions,
    entry.sessionId,
    (current) => {
      if (current === undefined || current.duties[revokeDutyId(entry.duty.grantId)] !== undefined) {
        return { keep: true, result: undefined };
      }
      const after = fail(current, entry.error, entry.duty.grantId, entry.duty);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${entry.attemptId}.owe` },
  );
  await ports.lifeboat.remove(entry);
  return true;
}
