/**
 * Each minute: are refreshes long overdue? Looked for apart from what queues and does them, so that it is noticed too
 * when one of those no longer runs. Costs one query of the due index a shard, which finds nothing when all is well.
 */
import type { IncidentFinding } from '../core/incident.ts';
import type { DueConnection, Ports } from '../core/ports.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { type WatchPorts, watchIncident } from './watch-incident.ts';

export type BacklogPorts = WatchPorts & Pick<Ports, 'metrics'>;

/** A try moves its connection's due time, whatever comes of it; so does a circuit. What stays was not even tried. */
export const overdueMs = 15 * 60_000;
/** At so many in all: one that cannot be tried is a fault of its own, not a backlog. */
export const backlogAtLeast = 10;
const perShardAtMost = 100;

export async function watchBacklog(ports: BacklogPorts): Promise<void> {
  const now = ports.clock.now();
  const pages = await Promise.all(
    Array.from({ length: ports.store.shards }, (_, shard) =>
      ports.store.dueConnections(shard, now - overdueMs, perShardAtMost),
    ),
  );
  const overdue = pages.flatMap(({ items }) => items).sort((a, b) => a.nextRefreshAt - b.nextRefreshAt);
  ports.metrics.add('RefreshesOverdue', overdue.length);
  await watchIncident(ports, 'refresh_backlog', findingOf(overdue, now));
}

function findingOf(overdue: readonly DueConnection[], now: number): IncidentFinding | undefined {
  const [oldest] = overdue;
  if (oldest === undefined || overdue.length < backlogAtLeast) return undefined;
  const minutes = Math.floor((now - oldest.nextRefreshAt) / 60_000);
  const orgs = new Set(overdue.map(({ orgId }) => orgId)).size;
  return {
    evidence: [
      `At least ${overdue.length} connections of ${orgs} orgs are overdue by more than ${overdueMs / 60_000} minutes.`,
      `The longest overdue was due at ${rfc3339(oldest.nextRefreshAt)}, ${minutes} minutes ago.`,
    ],
    connectionIds: overdue.slice(0, 5).map(({ connectionId }) => connectionId),
    counts: { connections: overdue.length, orgs },
  };
}
