/**
 * What may never happen to spikes and fleets, not even for a moment. Keeps books of its own of who fails since when, and
 * of each incident from its opening write to its closing one; what must hold at rest, `judge-spikes.ts` looks at.
 */
import type { Alert } from '../../functions/core/alert.ts';
import { spikeThresholdsOf } from '../../functions/core/config.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { AlertDuty, Duty } from '../../functions/core/duty.ts';
import type { Watch, WatchKind } from '../../functions/core/watch.ts';
import { begins, ends, FailureBooks } from './failure-books.ts';
import type { Monitor } from './monitor.ts';
import { OwnAlerts } from './own-alerts.ts';
import type { Process } from './world.ts';

/** Whoever read before may write this much later: as long as a function runs. Clocks differ by two seconds. */
export const staleMs = 65_000;
export const skewMs = 2_000;
const fewFail = 5;
const promise = '7 one incident, one alert';
/** A look a minute, and nobody comes to the second. */
const waveMs = 45_000;

export interface ObservedIncident {
  readonly id: string;
  readonly watchId: string;
  readonly kind: WatchKind;
  readonly app: string;
  readonly orgId: string | undefined;
  readonly openedAt: number;
  /** Its opening owed an alert; else another incident tells of it. */
  readonly told: boolean;
  /** As many as were counted at the opening; an escalation tells of twice as many at least. */
  readonly failed: number;
  closedAt?: number;
}

export class SpikeRules {
  readonly monitor: Monitor;
  readonly failures = new FailureBooks();
  readonly own: OwnAlerts;
  readonly incidents = new Map<string, ObservedIncident>();
  /** Alerts that somebody tried to publish before: they may have gone out. */
  readonly #tried = new Set<string>();

  constructor(monitor: Monitor) {
    this.monitor = monitor;
    this.own = new OwnAlerts(this);
  }

  breaks(detail: string): void {
    this.monitor.breaks(promise, detail);
  }

  now(): number {
    return this.monitor.world.now();
  }

  // --- Connections ---------------------------------------------------------------------------------------------

  connectionWritten(before: Connection | undefined, after: Connection): void {
    const now = this.now();
    this.failures.size.set(after.id, after.orgId);
    if (ends(before, after)) this.failures.end(after.id, now);
    if (begins(before, after)) this.#begins(after, now);
    const open = this.failures.openOf(after.id);
    if (open?.since !== after.failingSince) {
      this.breaks(`${after.id} fails since ${open?.since}, and says ${after.failingSince} (${after.writeId})`);
    }
    this.failures.noteUnanswered(after, now);
    this.own.written(before, after);
  }

  #begins(after: Connection, now: number): void {
    const since = after.failingSince ?? now;
    if (Math.abs(since - now) > staleMs) this.breaks(`${after.id} begins to fail now, and says since ${since}`);
    this.failures.begin({ connectionId: after.id, app: after.app, orgId: after.orgId, since, at: now });
    if (!Object.values(after.duties).some(({ kind }) => kind === 'count')) {
      this.breaks(`${after.id} begins to fail, and nobody is to count it (${after.writeId})`);
    }
  }

  // --- Watches -------------------------------------------------------------------------------------------------

  watchWritten(process: Process, before: Watch | undefined, after: Watch): void {
    const [was, is] = [before?.incident?.id, after.incident?.id];
    if (was !== undefined && was !== is) this.#closes(process, before!, after);
    if (is !== undefined && was !== is) this.#opens(process, after);
    if (after.pull !== undefined && before?.pull !== undefined && after.pull.waves > before.pull.waves) {
      if (after.pull.waves > 1 && after.pull.at - before.pull.at < waveMs) {
        this.breaks(`${after.id}: a wave ${after.pull.at - before.pull.at} ms after the one before`);
      }
    }
    this.#alertsOf(before, after);
  }

  #opens(process: Process, after: Watch): void {
    const { id, app, kind, orgId, duties } = after;
    const { id: incidentId } = after.incident!;
    const told = Object.values(duties).some((duty) => duty.kind === 'alert' && duty.alertId === incidentId);
    if (this.incidents.has(incidentId)) this.breaks(`${id} opens incident ${incidentId} again`);
    const other = this.openOf(app, kind, orgId);
    if (other !== undefined) this.breaks(`${id} opens incident ${incidentId} while ${other.id} is open`);
    const now = this.now();
    if (kind === 'org') this.#mayOpenOrg(process, after, told);
    else this.#mayOpenFleet(after, told);
    const { failed } = after.incident!.tally;
    this.incidents.set(incidentId, { id: incidentId, watchId: id, kind, app, orgId, openedAt: now, told, failed });
    this.monitor.world.tell(kind === 'org' ? (told ? 'spike_opened' : 'spike_in_fleet') : `${kind}_opened`);
  }

  #mayOpenOrg({ startedAt }: Process, { id, app, orgId, incident }: Watch, told: boolean): void {
    const now = this.now();
    const { windowMinutes, minimumConnections, minimumShare } = spikeThresholdsOf(this.monitor.world.config, app);
    const from = now - windowMinutes * 60_000 - skewMs;
    const failed = this.failures.failedBetween(from, now, (one) => one.orgId === orgId && one.app === app);
    if (failed.size < minimumConnections) {
      this.breaks(`${id} opens a spike, and only ${failed.size} of its connections failed newly`);
    }
    // Where many fail, those refreshed before the first failure may be left out.
    const begun = [...failed].map((one) => this.failures.lastBegin(one) ?? now);
    const first = failed.size > fewFail ? Math.min(...begun) : 0;
    const tried = this.#surelyTried(app, orgId, Math.max(from + staleMs, first) + skewMs, startedAt - skewMs);
    for (const one of failed) tried.add(one);
    if (failed.size / tried.size < minimumShare) {
      this.breaks(`${id} opens a spike, and only ${failed.size} of ${tried.size} that were tried failed`);
    }
    const last = this.#lastOf(id);
    const news = [...failed].filter((one) => (this.failures.lastBegin(one) ?? 0) > (last?.closedAt ?? 0) - staleMs);
    if (last !== undefined && news.length === 0) this.breaks(`${id} opens ${incident?.id}, and nothing failed anew`);
    const fleet = this.openOf(app, 'fleet_revocation');
    if (told && fleet !== undefined && fleet.openedAt < startedAt) {
      this.breaks(`${id} opens a spike with an alert while ${fleet.id} tells of it`);
    }
    if (!told && !this.wasOpen(app, 'fleet_revocation')) this.breaks(`${id} opens a spike that nobody tells of`);
  }

  #surelyTried(app: string, orgId: string | undefined, from: number, to: number): Set<string> {
    const tried = new Set<string>();
    for (const { id, app: of, orgId: org, grant, status } of this.monitor.connections.values()) {
      if (of !== app || org !== orgId || status !== 'active' || grant === undefined) continue;
      if (grant.refreshes > 0 && grant.refreshedAt >= from && grant.refreshedAt <= to) tried.add(id);
    }
    return tried;
  }

  #mayOpenFleet({ id, app, kind }: Watch, told: boolean): void {
    const { world } = this.monitor;
    const { minimumOrgs } = world.config.thresholds.fleet;
    const now = this.now();
    const from = now - spikeThresholdsOf(world.config, app).windowMinutes * 60_000 - skewMs;
    const orgs =
      kind === 'fleet_outage' ? this.failures.unansweredSince(from - staleMs) : this.failures.orgsThatFailed(app, from);
    if (orgs.size < minimumOrgs) this.breaks(`${id} opens a fleet incident, and only ${orgs.size} orgs fail`);
    if (!told) this.breaks(`${id} opens a fleet incident that nobody tells of`);
  }

  #closes({ startedAt }: Process, before: Watch, after: Watch): void {
    const incident = this.incidents.get(before.incident!.id);
    const now = this.now();
    const { app, id, kind, orgId } = before;
    const holdMs = spikeThresholdsOf(this.monitor.world.config, app).holdMinutes * 60_000;
    if (kind !== 'fleet_outage') {
      const from = now - holdMs + skewMs;
      const late = this.failures.begunBetween(from, startedAt, (one) =>
        kind === 'org' ? one.orgId === orgId && one.app === app : one.app === app,
      );
      // One org that fails for a reason of its own does not keep an incident of all orgs open.
      const enough = kind === 'org' ? 1 : this.monitor.world.config.thresholds.fleet.minimumOrgs;
      if (new Set(late.map((one) => (kind === 'org' ? one.connectionId : one.orgId))).size >= enough) {
        this.breaks(`${id} is over, and ${late[0]!.connectionId} failed within the hold`);
      }
    }
    if (after.closed?.id !== before.incident!.id) this.breaks(`${id} forgets ${before.incident!.id}`);
    const resolved = `${before.incident!.id}.resolved`;
    const owes = Object.values(after.duties).some((duty) => duty.kind === 'alert' && duty.alertId === resolved);
    if (incident?.told === true && !owes && this.monitor.published.has(incident.id)) {
      this.breaks(`${id} is over, and nobody is told`);
    }
    if (incident !== undefined) incident.closedAt = now;
  }

  /** What a watch owes is published, or told by a fleet incident instead. */
  #alertsOf(before: Watch | undefined, after: Watch): void {
    for (const { alertId, type, tries } of alertsIn(after.duties)) {
      this.monitor.owedAlerts.set(alertId, type);
      if (tries > 1) this.#tried.add(alertId);
    }
    for (const { alertId, type } of alertsIn(before?.duties ?? {})) {
      if (after.duties[`alert.${alertId}`] !== undefined || this.monitor.published.has(alertId)) continue;
      if (after.kind === 'org' && this.wasOpen(after.app, 'fleet_revocation')) {
        this.monitor.owedAlerts.delete(alertId);
        this.monitor.world.tell('spike_left_to_fleet');
      } else this.breaks(`${after.id} lets go of ${alertId} (${type}), which nobody was told`);
    }
  }

  // --- Incidents -----------------------------------------------------------------------------------------------

  openOf(app: string, kind: WatchKind, orgId?: string): ObservedIncident | undefined {
    return [...this.incidents.values()].find(
      (one) => one.app === app && one.kind === kind && one.orgId === orgId && one.closedAt === undefined,
    );
  }

  /** Now, or so shortly ago that who writes now may have seen it open. */
  wasOpen(app: string, kind: WatchKind, orgId?: string): boolean {
    return [...this.incidents.values()].some(
      (one) => one.app === app && one.kind === kind && one.orgId === orgId && this.isRecent(one),
    );
  }

  isRecent({ closedAt }: ObservedIncident): boolean {
    return closedAt === undefined || this.now() - closedAt <= staleMs;
  }

  /** Whether a failure is one of those that the incident tells of. @param slackMs more is counted, or less */
  counts({ app, openedAt, closedAt }: ObservedIncident, since: number, slackMs: number): boolean {
    const from = openedAt - spikeThresholdsOf(this.monitor.world.config, app).windowMinutes * 60_000;
    return since >= from - slackMs && since <= (closedAt ?? Number.POSITIVE_INFINITY) + slackMs;
  }

  #lastOf(watchId: string): ObservedIncident | undefined {
    return [...this.incidents.values()].filter((one) => one.watchId === watchId).at(-1);
  }

  // --- What leaves ---------------------------------------------------------------------------------------------

  published(process: Process, alert: Alert): void {
    const first = !this.monitor.published.has(alert.id);
    switch (alert.type) {
      case 'invalid_grant_spike':
      case 'invalid_grant_spike_resolved':
      case 'fleet_incident':
      case 'fleet_incident_resolved':
        this.#incidentTold(process, alert, first);
        return;
      default:
        this.own.published(process, alert, first);
    }
  }

  #incidentTold({ startedAt }: Process, { id, type, app, org_id, counts }: Alert, first: boolean): void {
    const incident = this.incidents.get(incidentIdOf(id));
    if (incident === undefined) {
      this.breaks(`${type} ${id} tells of no incident that was opened`);
      return;
    }
    const isOrg = type.startsWith('invalid_grant_spike');
    if (incident.app !== app || isOrg !== (incident.kind === 'org') || (isOrg && incident.orgId !== org_id)) {
      this.breaks(`${type} ${id} tells of ${incident.watchId}`);
    }
    if (!formOf(type).test(id.slice(incident.id.length))) this.breaks(`${type} has the id ${id}`);
    if (!first) return;
    if (/\.x\d+$/.test(id)) this.#mayEscalate(incident, id);
    this.monitor.world.tell(`alert_${type}${id === incident.id || type.endsWith('resolved') ? '' : '_again'}`);
    const fleet = isOrg ? this.openOf(app, 'fleet_revocation') : undefined;
    if (type === 'invalid_grant_spike' && fleet !== undefined && fleet.openedAt < startedAt && !this.#tried.has(id)) {
      this.breaks(`${id} of ${org_id} is told while ${fleet.id} tells of it`);
    }
    // The watch keeps the last two: of one that could not be published until then, the numbers are gone.
    const forgotten = counts.failed === undefined && this.#lastOf(incident.watchId) !== incident;
    if (type === 'invalid_grant_spike' && !forgotten && (counts.failed ?? 0) < 1) {
      this.breaks(`${id} tells of no failure`);
    }
  }

  #mayEscalate({ kind, app, orgId, openedAt, failed }: ObservedIncident, alertId: string): void {
    if (kind === 'fleet_outage') return;
    const from = openedAt - spikeThresholdsOf(this.monitor.world.config, app).windowMinutes * 60_000 - skewMs;
    const known = this.failures.all.filter((one) => one.app === app && one.since >= from);
    const all =
      kind === 'org'
        ? new Set(known.filter((one) => one.orgId === orgId).map(({ connectionId }) => connectionId))
        : new Set(known.map((one) => one.orgId));
    if (all.size < 2 * failed) this.breaks(`${alertId} is told again of ${all.size} that fail, after ${failed}`);
  }
}

/** The opening's own, an escalation's (`.x2`, `.x4`), or the end's. */
export function incidentIdOf(alertId: string): string {
  return alertId.replace(/\.(?:x\d+|resolved|recovered\.\d+)$/, '');
}

function formOf(type: Alert['type']): RegExp {
  return type.endsWith('_resolved') ? /^\.resolved$/ : /^(?:\.x\d+)?$/;
}

function alertsIn(duties: Readonly<Record<string, Duty>>): AlertDuty[] {
  return Object.values(duties).filter((duty) => duty.kind === 'alert');
}
