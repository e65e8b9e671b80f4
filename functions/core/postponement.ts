/**
 * Puts a connection's refresh off without touching anything else of it: nothing failed there. For the circuit of its
 * app: what stayed due would fill the head of the due index minute by minute and keep other apps' refreshes from being
 * seen at all. A reader's own request goes to the circuit whatever the due time.
 */
import type { Connection } from './connection.ts';
import { leaseLives } from './grant.ts';

/** Spread behind `until`, so that a fleet does not come back in one second. */
const spreadMs = 5 * 60_000;

/** `undefined`: it is claimed, or was not to be looked at before anyway. */
export function decidePostponement(
  connection: Connection,
  until: number,
  now: number,
  fraction: number,
): Connection | undefined {
  const { grant, nextRefreshAt } = connection;
  if (grant === undefined || nextRefreshAt === undefined || leaseLives(grant, now)) return undefined;
  if (nextRefreshAt > now || nextRefreshAt >= until) return undefined;
  return { ...connection, nextRefreshAt: until + Math.floor(spreadMs * fraction) };
}
