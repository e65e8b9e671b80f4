/** What must hold at rest of links: sessions, integrations, uses and connections agree with each other. */
import type { Connection } from '../../functions/core/connection.ts';
import type { Integration } from '../../functions/core/integration.ts';
import { keyOf } from './ids.ts';
import type { ObservedLink } from './link-rules.ts';
import type { Monitor } from './monitor.ts';
import type { World } from './world.ts';

const usesAtMost = 100;
const promise = 'no link is lost';

export async function judgeLinks(world: World): Promise<void> {
  const { monitor } = world;
  for (const link of monitor.links.values()) judgeLink(monitor, link);
  for (const integration of monitor.integrations.values()) judgeIntegration(monitor, integration);
  for (const connection of monitor.connections.values()) {
    const uses = await world.store.usesOf(connection.id, usesAtMost);
    judgeUses(monitor, connection, uses.map(keyOf));
  }
}

/** Claimed, where it wants that: its session says so, and its integration is linked by it or by what came later. */
function judgeLink(monitor: Monitor, link: ObservedLink): void {
  const session = monitor.sessions.get(link.by);
  if (link.claim && session?.claimedAt === undefined) return;
  const integration = monitor.integrations.get(link.key);
  // Linked by a later one, or unlinked, since it was asked: the session says so.
  const overtaken =
    session?.error?.code === 'overtaken' && (integration?.linkedBy !== link.by || integration.status === 'unlinked');
  if (session !== undefined && session.status !== 'connected' && !overtaken) {
    monitor.breaks(promise, `session ${link.by} may link ${link.key}, and is ${session.status}`);
  }
  if (integration === undefined || integration.linkedAt < link.since) {
    monitor.breaks(promise, `${link.key} was to be linked by ${link.by}, and is not`);
  }
}

function judgeIntegration(monitor: Monitor, integration: Integration): void {
  const { status, linkedBy, linkedAt, connectionId } = integration;
  const key = keyOf(integration);
  if (status === 'unlinked') return;
  const link = monitor.links.get(`link.${linkedBy}`);
  if (link === undefined || link.key !== key || link.connectionId !== connectionId || !isOf(link, linkedAt)) {
    monitor.breaks(promise, `${key} is linked to ${connectionId} by ${linkedBy}, and that was never asked for so`);
  }
  const connection = monitor.connections.get(connectionId);
  if (connection === undefined) monitor.breaks(promise, `${key} is linked to ${connectionId}, which is not there`);
  if (connection?.status === 'disconnected' && !monitor.disconnected.has(connectionId)) {
    monitor.breaks(promise, `${key} is linked to ${connectionId}, which was given up (${connection.writeId})`);
  }
}

function isOf({ since, at }: ObservedLink, linkedAt: number): boolean {
  return linkedAt >= since && linkedAt <= at;
}

/** The records of uses follow the integrations, and what nobody uses is given up. */
function judgeUses(monitor: Monitor, { id, grant }: Connection, uses: readonly string[]): void {
  const linked = [...monitor.integrations.values()]
    .filter(({ connectionId, status }) => connectionId === id && status !== 'unlinked')
    .map(keyOf);
  const differing = [...linked.filter((key) => !uses.includes(key)), ...uses.filter((key) => !linked.includes(key))];
  for (const key of differing) {
    monitor.breaks(
      'uses agree',
      `${key} ${uses.includes(key) ? 'is recorded as a use of' : 'uses, unrecorded,'} ${id}`,
    );
  }
  if (grant !== undefined && uses.length === 0 && !monitor.logins.unused.has(id)) {
    monitor.breaks('what nobody uses is given up', `${id} holds grant ${grant.id}, and no integration uses it`);
  }
}
