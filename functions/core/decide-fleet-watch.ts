/**
 * What the orgs of one app make of its fleet's watch: many that fail at once are one incident, which then tells for each of
 * them. That Salesforce does not answer is another one: it costs no token, and hinders nothing.
 */

import type { FleetThresholds, SpikeThresholds } from './config.ts';
import type { Connection } from './connection.ts';
import { type FleetTally, isUnanswered, tallyFleet, tallyOutage } from './fleet-tally.ts';
import { followIncident, type IncidentStep, type IncidentTypes, openIncident, type Sighting } from './open-incident.ts';
import { failingSince, hasShare } from './org-tally.ts';
import { firstWaveSize, looksDead, type NextWave, nextWave } from './pull-forward.ts';
import { rfc3339 } from './rfc3339.ts';
import { errorsOf } from './spike-cause.ts';
import { fleetWatchId, type Watch, type WatchKind } from './watch.ts';
import { outageCause } from './watch-remedies.ts';

export type FleetKind = Exclude<WatchKind, 'org'>;

const fleetTypes: IncidentTypes = { opened: 'fleet_incident', resolved: 'fleet_incident_resolved' };
const causes: Readonly<Record<FleetKind, string>> = {
  fleet_revocation: 'app_wide_revocation',
  fleet_outage: outageCause,
};
const orgsNamed = 5;
/** In backoff a connection is tried at least once in so long: without a success until then, silence is no recovery. */
const longestSilenceMs = 75 * 60_000;

export interface FleetFacts {
  /** Watches of the app's orgs that had news since the window before the incident's opening, or the window. */
  readonly orgs: readonly Watch[];
  readonly sample: readonly Connection[];
  readonly spike: SpikeThresholds;
  readonly fleet: FleetThresholds;
  readonly now: number;
  readonly incidentId: string;
}

export interface FleetDecision {
  /** The very watch that was given where there is nothing to write. */
  readonly after: Watch;
  readonly step: IncidentStep | 'quiet';
  readonly tally: FleetTally;
  /** Of a revocation: one connection of each of so many orgs that were not tried is to be pulled. */
  readonly wave?: NextWave;
  readonly goesOn: boolean;
}

export function newFleetWatch(app: string, kind: FleetKind, now: number): Watch {
  return { version: 1, revision: 0, writeId: '', id: fleetWatchId(app, kind), kind, app, activeAt: now, duties: {} };
}

/** When an org last failed so: by its own watch. */
function failedAtOf(org: Watch, kind: FleetKind): number | undefined {
  return kind === 'fleet_revocation' ? org.failedAt : org.unansweredAt;
}

/** How many orgs fail so, by their watches alone: what it takes to look any further. */
export function failingOrgs(orgs: readonly Watch[], kind: FleetKind, since: number): readonly Watch[] {
  return orgs.filter((org) => org.kind === 'org' && (failedAtOf(org, kind) ?? 0) >= since);
}

export function decideFleetWatch(watch: Watch, kind: FleetKind, facts: FleetFacts): FleetDecision {
  const { spike, sample, now } = facts;
  const windowMs = spike.windowMinutes * 60_000;
  const tally = (kind === 'fleet_revocation' ? tallyFleet : tallyOutage)(sample, windowMs, now);
  const failing = failingOrgs(facts.orgs, kind, newsSince(watch, now - windowMs));
  const { after, step } = stepped(watch, kind, tally, failing, facts);
  const dead = after.incident !== undefined || looksDead(tally, facts.fleet.minimumShare);
  const wave = kind === 'fleet_revocation' && dead ? waveDue(after, tally, windowMs, now) : undefined;
  const moved = wave === undefined ? after : { ...after, pull: wave.pull, activeAt: now };
  const more = kind === 'fleet_revocation' && dead && tally.untried.length > 0;
  const goesOn = after.incident !== undefined || more || failing.length >= facts.fleet.minimumOrgs;
  return { after: moved, step, tally, wave, goesOn };
}

/** What the last incident counted was told by it, and makes no other. */
function newsSince({ closed }: Watch, windowBegins: number): number {
  return Math.max(windowBegins, (closed?.lastFailureAt ?? 0) + 1);
}

/** One connection each, of orgs that nobody asked of: an app that is refused everywhere is known in minutes, too. */
function waveDue(watch: Watch, tally: FleetTally, windowMs: number, now: number): NextWave | undefined {
  const [first] = tally.failing;
  if (first === undefined || tally.untried.length === 0) return undefined;
  const { pull } = watch;
  if (pull !== undefined && now - pull.at < windowMs) return nextWave(watch, true, now);
  return { pull: { since: first.failingSince, at: now, waves: 1 }, size: firstWaveSize };
}

function stepped(
  watch: Watch,
  kind: FleetKind,
  tally: FleetTally,
  failing: readonly Watch[],
  facts: FleetFacts,
): Pick<FleetDecision, 'after' | 'step'> {
  const { now, spike } = facts;
  const windowMs = spike.windowMinutes * 60_000;
  const { incident } = watch;
  if (incident !== undefined) {
    const since = failingOrgs(facts.orgs, kind, newsSince(watch, incident.openedAt - windowMs));
    const seen = sightingOf(kind, tally, since, facts, stillFailing(kind, facts, incident.openedAt - windowMs));
    const lastFailureAt = goesOnFailing(kind, tally, failing, facts) ? seen.lastFailureAt : undefined;
    const over = (at: number) => isOver(kind, at, facts);
    return followIncident(watch, incident, { ...seen, lastFailureAt }, fleetTypes, now, over);
  }
  if (!isFleetIncident(tally, failing, facts)) return { step: 'quiet', after: watch };
  const seen = sightingOf(kind, tally, failing, facts, failing.length);
  return { step: 'opened', after: openIncident(watch, seen, fleetTypes, now, facts.incidentId) };
}

/** Enough of them; and spikes all of them, or a share of those tried that chance does not make. */
function isFleetIncident(
  tally: Pick<FleetTally, 'failed' | 'tried'>,
  failing: readonly Watch[],
  { fleet: { minimumOrgs, minimumShare } }: Pick<FleetFacts, 'fleet'>,
): boolean {
  if (failing.length < minimumOrgs) return false;
  const spikes = failing.filter(({ incident }) => incident !== undefined).length;
  return spikes >= minimumOrgs || hasShare(tally, minimumShare);
}

/**
 * In a large fleet something fails every few minutes for a reason of its own. That must not keep an incident open for ever,
 * which would tell of all of it and so hide it.
 */
function goesOnFailing(
  kind: FleetKind,
  tally: Pick<FleetTally, 'failed' | 'tried'>,
  failing: readonly Watch[],
  { fleet: { minimumShare } }: Pick<FleetFacts, 'fleet'>,
): boolean {
  if (kind === 'fleet_revocation' && failing.some(({ incident }) => incident !== undefined)) return true;
  return failing.length >= 2 && hasShare(tally, minimumShare);
}

function isOver(kind: FleetKind, lastFailureAt: number, { spike, sample, now }: FleetFacts): boolean {
  const quietMs = now - lastFailureAt;
  if (quietMs < spike.holdMinutes * 60_000) return false;
  if (kind === 'fleet_revocation' || quietMs >= longestSilenceMs) return true;
  return sample.some(({ grant }) => grant !== undefined && grant.refreshedAt > lastFailureAt);
}

/** Orgs with a connection that fails since then; for an outage: that got no answer, and nobody of its org did later. */
function stillFailing(kind: FleetKind, { sample }: FleetFacts, since: number): number {
  if (kind === 'fleet_revocation') return new Set(failingSince(sample, since).map(({ orgId }) => orgId)).size;
  const answeredAt = new Map<string, number>();
  for (const { orgId, grant } of sample) {
    answeredAt.set(orgId, Math.max(answeredAt.get(orgId) ?? 0, grant?.refreshedAt ?? 0));
  }
  const still = sample.filter(
    (one) => isUnanswered(one, 0) && (one.grant?.lastFailure?.at ?? 0) > (answeredAt.get(one.orgId) ?? 0),
  );
  return new Set(still.map(({ orgId }) => orgId)).size;
}

function sightingOf(
  kind: FleetKind,
  tally: FleetTally,
  orgs: readonly Watch[],
  { spike, sample }: FleetFacts,
  still: number,
): Sighting {
  const times = orgs.map((org) => failedAtOf(org, kind) ?? 0).sort((a, b) => a - b);
  return {
    tally,
    size: Math.max(tally.size, orgs.length),
    expected: tally.expected,
    failed: orgs.length,
    left: still,
    lastFailureAt: newest(kind, times, sample),
    cause: causes[kind],
    connectionIds: tally.failing.map(({ id }) => id),
    evidence: [
      `Of ${tally.size} orgs looked at (${sample.length} connections), ${tally.tried} were tried within ${spike.windowMinutes} minutes, and ${tally.failed} of them ${kind === 'fleet_revocation' ? 'fail newly' : 'get no answers'}.`,
      ...(times.length === 0 ? [] : [`First org ${rfc3339(times[0] ?? 0)}, last one ${rfc3339(times.at(-1) ?? 0)}.`]),
      `Orgs: ${orgs
        .slice(0, orgsNamed)
        .map(({ orgId }) => orgId)
        .join(', ')}${orgs.length > orgsNamed ? ` and ${orgs.length - orgsNamed} more` : ''}.`,
      ...errorsOf(tally.failing),
    ],
  };
}

/** By the connections, too: whoever was to tell the org's watch may have died. */
function newest(kind: FleetKind, times: readonly number[], sample: readonly Connection[]): number | undefined {
  const failures = kind === 'fleet_revocation' ? sample.flatMap(({ failingSince: at }) => at ?? []) : [];
  const all = [...times, ...failures];
  return all.length === 0 ? undefined : Math.max(...all);
}
