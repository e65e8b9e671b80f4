/**
 * Each minute: the duties that their writers did not get to do. After a death, a failed call or a grace period.
 */
import type { DueDuty, Ports } from '../core/ports.ts';
import { type AlertPorts, alertDoer } from './alert-duty.ts';
import { doDuties } from './do-duties.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';
import { connectionRevokeDoer, type RevokePorts, sessionRevokeDoer } from './revoke-duty.ts';
import { createVault } from './vault.ts';

export type MaintainPorts = LinkPorts & RevokePorts & AlertPorts & Pick<Ports, 'keys' | 'sealer' | 'random'>;

const pageSize = 100;
const pagesPerShardAtMost = 10;
const timeNeededMs = 20_000;

export function createMaintain(ports: MaintainPorts): (remainingTimeMs: () => number) => Promise<number> {
  const vault = createVault(ports);
  const ofConnections = {
    link: linkDoer(ports),
    revoke: connectionRevokeDoer(ports, vault),
    alert: alertDoer(ports),
  };
  const ofSessions = { revoke: sessionRevokeDoer(ports, vault) };

  async function doOne({ holder, id }: DueDuty): Promise<void> {
    try {
      if (holder === 'connection') {
        const connection = await ports.store.connections.read(id);
        if (connection !== undefined) await doDuties(ports, ports.store.connections, connection, ofConnections);
      } else {
        const session = await ports.store.sessions.read(id);
        if (session !== undefined) await doDuties(ports, ports.store.sessions, session, ofSessions);
      }
    } catch (error) {
      // One that cannot be done must not keep the others waiting; it is due again by itself.
      ports.log.error('A duty could not be done; it is tried again.', { holder, id, error });
    }
  }

  async function maintainShard(shard: number, now: number, remainingTimeMs: () => number): Promise<number> {
    let cursor: string | undefined;
    let done = 0;
    for (let pages = 0; pages < pagesPerShardAtMost; pages += 1) {
      const page = await ports.store.dueDuties(shard, now, pageSize, cursor);
      for (const due of page.items) {
        if (remainingTimeMs() < timeNeededMs) return done;
        await doOne(due);
        done += 1;
      }
      cursor = page.cursor;
      if (cursor === undefined) return done;
    }
    return done;
  }

  return async (remainingTimeMs) => {
    const now = ports.clock.now();
    const counts = await Promise.all(
      Array.from({ length: ports.store.shards }, (_, shard) => maintainShard(shard, now, remainingTimeMs)),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };
}
