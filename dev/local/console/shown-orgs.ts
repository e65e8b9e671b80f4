/** How the refreshes of each org went, and what the simulator can do to it. */
import type { Connection } from '../../../functions/core/connection.ts';
import { rfc3339 } from '../../../functions/core/rfc3339.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import type { Activity } from '../activity.ts';
import { localApps } from '../local-config.ts';
import { minuteMs, minutesKept, type OrgMinute } from '../org-minutes.ts';

/** Of every org that has a connection or was heard of in the last hour, in the order of their ids. */
export function shownPlots(
  activity: Activity,
  connections: readonly Connection[],
  simulator: Simulator | undefined,
  now: number,
) {
  const minutes = new Map(activity.minutes().map((one) => [one.orgId, one.minutes]));
  const orgIds = [...new Set([...connections.map(({ orgId }) => orgId), ...minutes.keys()])].sort();
  return {
    since: rfc3339(activity.since),
    first_minute: rfc3339(now - (now % minuteMs) - (minutesKept - 1) * minuteMs),
    minutes: minutesKept,
    orgs: orgIds.map((orgId) => ({
      org_id: orgId,
      ...named(nameOf(simulator, orgId)),
      connections: connections.filter((one) => one.orgId === orgId).length,
      minutes: (minutes.get(orgId) ?? []).map(shownMinute),
    })),
  };
}

/** The orgs and apps of the simulator, with what an administrator sees of them in Setup. */
export function shownSalesforce({ books }: Simulator) {
  const live = books.liveGrants();
  return {
    orgs: books.orgs.map(({ id, name, active = true, users }) => ({
      id,
      name,
      active,
      live_grants: live.filter(({ orgId }) => orgId === id).length,
      users: users.map((user) => ({
        id: user.id,
        username: user.username,
        active: user.active,
        live_grants: live.filter(({ userId }) => userId === user.id).length,
      })),
    })),
    apps: Object.entries(localApps)
      .filter(([, { flow, purpose }]) => flow === 'authorization_code' && purpose === 'api')
      .map(([name, { clientId }]) => ({
        name,
        client_id: clientId,
        live_grants: live.filter((grant) => grant.clientId === clientId).length,
      })),
  };
}

export function nameOf(simulator: Simulator | undefined, orgId: string): string | undefined {
  return simulator?.books.orgs.find(({ id }) => id === orgId)?.name;
}

function shownMinute({ at, ...counts }: OrgMinute) {
  return { at: rfc3339(at), ...counts };
}

function named(name: string | undefined) {
  return name === undefined ? {} : { name };
}
