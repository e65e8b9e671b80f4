/**
 * What an org's connections, just counted, make of its watch: an incident opens, is told again, ends; the next wave of the
 * others is made due. Pure; the caller writes it onto the watch that it was decided on, so that of forty who count at once
 * one opens.
 */

import type { SpikeThresholds } from './config.ts';
import type { Connection } from './connection.ts';
import { followIncident, type IncidentStep, type IncidentTypes, openIncident, type Sighting } from './open-incident.ts';
import { failingSince, hasShare, type OrgTally, tallyOrg } from './org-tally.ts';
import { looksDead, type NextWave, nextWave, someoneIsLeft } from './pull-forward.ts';
import { causeOfSpike, evidenceOfSpike } from './spike-cause.ts';
import { counted, withWatchDuty } from './touch-watch.ts';
import type { Watch } from './watch.ts';

const spikeTypes: IncidentTypes = { opened: 'invalid_grant_spike', resolved: 'invalid_grant_spike_resolved' };

/** After a failure it is looked again, even where nothing seems to go on: an index may be behind. */
const lookAfterFailureMs = 2 * 60_000;

export interface OrgDecision {
  /** The very watch that was given where there is nothing to write. */
  readonly after: Watch;
  readonly tally: OrgTally;
  readonly step: IncidentStep | 'absorbed' | 'quiet';
  /** To be pulled by the caller, once it is written. */
  readonly wave?: NextWave;
  /** Whether the org is to be looked at again in a minute. */
  readonly goesOn: boolean;
}

export interface OrgFacts {
  readonly connections: readonly Connection[];
  readonly thresholds: SpikeThresholds;
  readonly now: number;
  /** Of the incident, should it open. */
  readonly incidentId: string;
  /** The open incident of all orgs: it tells of this one too. */
  readonly fleetIncidentId?: string;
  /** The first wave was pulled by the caller. */
  readonly pulled: boolean;
}

export function decideOrgWatch(watch: Watch, facts: OrgFacts): OrgDecision {
  const { connections, thresholds, now } = facts;
  const tally = tallyOrg(connections, thresholds.windowMinutes * 60_000, now, watch.closed?.lastFailureAt);
  const stepped = step(watch, tally, facts);
  const pulled = facts.pulled ? firstWaveDone(stepped.after) : stepped.after;
  const { pull } = pulled;
  const dead = pulled.incident !== undefined || looksDead(tally, thresholds.minimumShare);
  const left = pull !== undefined && someoneIsLeft(connections, pull, now);
  const wave = left ? nextWave(pulled, dead, now) : undefined;
  const moved = wave === undefined ? pulled : { ...pulled, pull: wave.pull, activeAt: now };
  const after = counted(moved, connections.length, now);
  const goesOn = (dead && left) || isWatched(after, tally, thresholds, now);
  return { after, tally, step: stepped.step, wave, goesOn };
}

type Stepped = Pick<OrgDecision, 'after' | 'step'>;

function step(watch: Watch, tally: OrgTally, facts: OrgFacts): Stepped {
  const { thresholds, now, fleetIncidentId } = facts;
  const { incident } = watch;
  if (incident !== undefined) {
    const seen = sightingOf(watch, tally, facts, incident.openedAt);
    const over = (lastFailureAt: number) => now - lastFailureAt >= thresholds.holdMinutes * 60_000;
    return followIncident(watch, incident, seen, spikeTypes, now, over);
  }
  if (!isSpike(tally, thresholds)) return { step: 'quiet', after: watch };
  const seen = sightingOf(watch, tally, facts, now);
  const opened = openIncident(watch, seen, spikeTypes, now, facts.incidentId, fleetIncidentId);
  // Whoever ends the look at this instant has not seen it.
  const after = { ...opened, duties: withWatchDuty(opened.duties, now) };
  return { step: fleetIncidentId === undefined ? 'opened' : 'absorbed', after };
}

function isSpike(
  tally: Pick<OrgTally, 'failed' | 'tried'>,
  { minimumConnections, minimumShare }: SpikeThresholds,
): boolean {
  return tally.failed >= minimumConnections && hasShare(tally, minimumShare);
}

function sightingOf(
  { closed }: Watch,
  tally: OrgTally,
  { connections, thresholds }: OrgFacts,
  openedAt: number,
): Sighting {
  const windowMs = thresholds.windowMinutes * 60_000;
  const still = failingSince(connections, Math.max(openedAt - windowMs, (closed?.lastFailureAt ?? 0) + 1));
  return {
    tally,
    size: tally.size,
    expected: tally.expected,
    failed: still.length,
    left: still.length,
    lastFailureAt: still.at(-1)?.failingSince,
    cause: causeOfSpike(tally),
    connectionIds: still.map(({ id }) => id),
    evidence: evidenceOfSpike(tally, windowMs),
  };
}

function firstWaveDone(watch: Watch): Watch {
  if (watch.pull === undefined || watch.pull.waves > 0) return watch;
  return { ...watch, pull: { ...watch.pull, waves: 1 } };
}

function isWatched(watch: Watch, tally: OrgTally, { minimumConnections }: SpikeThresholds, now: number): boolean {
  // Those that were tried leave the window before those that failed do: the share may rise by itself.
  if (watch.incident !== undefined || tally.failed >= minimumConnections) return true;
  return now - (watch.failedAt ?? 0) < lookAfterFailureMs;
}
