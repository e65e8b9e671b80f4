/** What must hold at rest of spikes and fleets: none is lost, none stays open, and each failure was told by one of them. */
import { spikeThresholdsOf } from '../../functions/core/config.ts';
import type { Failing } from './failure-books.ts';
import type { ObservedIncident, SpikeRules } from './spike-rules.ts';
import type { World } from './world.ts';

/** Failures so near each other, that last so long, are an incident whatever was delayed. */
const nearMs = 3 * 60_000;
const lastMs = 10 * 60_000;

export function judgeSpikes(world: World): void {
  const { spikes } = world.monitor;
  for (const incident of spikes.incidents.values()) judgeIncident(spikes, incident);
  spikes.own.judge();
  for (const app of new Set(spikes.failures.all.map((one) => one.app))) judgeApp(world, app);
}

function judgeIncident(spikes: SpikeRules, { id, watchId, closedAt, told }: ObservedIncident): void {
  if (closedAt === undefined) spikes.breaks(`${watchId} is at rest, and ${id} is open`);
  const owed = spikes.monitor.owedAlerts.has(id);
  if (told && owed && !spikes.monitor.published.has(id)) spikes.breaks(`${id} of ${watchId} was never told`);
}

function judgeApp(world: World, app: string): void {
  const { spikes } = world.monitor;
  const { windowMinutes, minimumConnections, minimumShare } = spikeThresholdsOf(world.config, app);
  // With a shorter window some of them may be out of it before anybody counts.
  if (windowMinutes * 60_000 < lastMs) return;
  const failures = spikes.failures.all.filter((one) => one.app === app);
  const perOrg = Map.groupBy(failures, ({ orgId }) => orgId);
  const anchors: number[] = [];
  for (const [orgId, ofOrg] of perOrg) {
    const size = [...spikes.failures.size.values()].filter((org) => org === orgId).length;
    for (const anchor of ofOrg) {
      const near = lasting(ofOrg, anchor.since);
      if (near.size === 0) continue;
      anchors.push(anchor.since);
      if (near.size < minimumConnections || near.size / size < minimumShare) continue;
      if (hasIncident(spikes, app, anchor.since, orgId)) break;
      spikes.breaks(`${near.size} of ${size} connections of ${orgId} died together, and no incident tells of it`);
      break;
    }
  }
  judgeFleet(world, app, perOrg, anchors);
}

/** Failing together from then on, for long enough that anybody saw it. */
function lasting(failures: readonly Failing[], from: number): Set<string> {
  const near = failures.filter(
    ({ since, endedAt }) =>
      since >= from && since <= from + nearMs && (endedAt ?? Number.POSITIVE_INFINITY) > from + lastMs,
  );
  return new Set(near.map(({ connectionId }) => connectionId));
}

function hasIncident({ incidents }: SpikeRules, app: string, since: number, orgId: string | undefined): boolean {
  return [...incidents.values()].some(
    (one) =>
      one.app === app &&
      (one.kind === 'fleet_revocation' || (one.kind === 'org' && orgId !== undefined && one.orgId === orgId)) &&
      one.openedAt <= since + lastMs &&
      (one.closedAt ?? Number.POSITIVE_INFINITY) >= since,
  );
}

function judgeFleet(
  world: World,
  app: string,
  perOrg: ReadonlyMap<string, readonly Failing[]>,
  anchors: readonly number[],
): void {
  const { spikes } = world.monitor;
  const { minimumOrgs, minimumShare } = world.config.thresholds.fleet;
  const orgs = new Set(spikes.failures.size.values()).size;
  for (const anchor of anchors) {
    const failing = [...perOrg.values()].filter((failures) => lasting(failures, anchor).size > 0).length;
    if (failing < minimumOrgs || failing / orgs < minimumShare) continue;
    if (hasIncident(spikes, app, anchor, undefined)) return;
    spikes.breaks(`${failing} of ${orgs} orgs of ${app} failed together, and no fleet incident tells of it`);
    return;
  }
}
