/**
 * A connection's own alerts beside the incidents: each failure is told by exactly one of them, nothing is told of what
 * was mended before, and nobody hears of the end of what he was never told.
 */
import type { Alert } from '../../functions/core/alert.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { AlertDuty, Duty } from '../../functions/core/duty.ts';
import { incidentIdOf, type SpikeRules, skewMs, staleMs } from './spike-rules.ts';
import type { Process } from './world.ts';

interface OwnAlert {
  readonly connectionId: string;
  readonly owedAt: number;
  /** Somebody took it on, and may have told it. */
  taken: boolean;
  absorbedBy?: string;
  /** The process that told it first. */
  toldBy?: Process;
}

const waitMs = 120_000;

export class OwnAlerts {
  readonly #rules: SpikeRules;
  /** Of failures, by id. */
  readonly all = new Map<string, OwnAlert>();
  /** Connections of whose failure somebody may know: by an alert, or by an incident. */
  readonly #known = new Set<string>();
  readonly #mendedAt = new Map<string, number>();

  constructor(rules: SpikeRules) {
    this.#rules = rules;
  }

  written(before: Connection | undefined, after: Connection): void {
    const isOver = before !== undefined && isFailing(before) && !isFailing(after);
    if (isOver) this.#mendedAt.set(after.id, this.#rules.now());
    if (isFailing(after)) this.#mendedAt.delete(after.id);
    for (const duty of Object.values(after.duties)) {
      if (!isOfFailure(duty)) continue;
      const known = this.all.get(duty.alertId);
      if (known !== undefined) known.taken ||= duty.tries > 0;
      else this.all.set(duty.alertId, { connectionId: after.id, owedAt: duty.since, taken: duty.tries > 0 });
      if (duty.tries > 0) this.#known.add(after.id);
    }
    for (const duty of Object.values(before?.duties ?? {})) {
      if (duty.kind !== 'alert' || after.duties[`alert.${duty.alertId}`] !== undefined) continue;
      this.#removed(before!, after, duty);
    }
    if (after.absorbedBy !== undefined && after.absorbedBy !== before?.absorbedBy) this.#absorbed(after);
  }

  /** Told; or told by an incident; or nothing is left to tell. */
  #removed(before: Connection, after: Connection, duty: AlertDuty): void {
    const { monitor } = this.#rules;
    const { alertId, type } = duty;
    const ofFailure = isOfFailure(duty);
    if (ofFailure && isFailing(after) && after.absorbedBy !== undefined && !this.#isReplaced(after, duty)) {
      const own = this.all.get(alertId);
      if (own !== undefined) own.absorbedBy = after.absorbedBy;
      monitor.owedAlerts.delete(alertId);
      monitor.world.tell('alert_absorbed');
      return;
    }
    if (monitor.published.has(alertId)) return;
    if (this.#mayDrop(before, after, duty)) {
      monitor.owedAlerts.delete(alertId);
      monitor.world.tell('alert_dropped');
      return;
    }
    this.#rules.breaks(`${after.id} lets go of alert ${alertId} (${type}), which nobody was told (${after.writeId})`);
  }

  #mayDrop(before: Connection, after: Connection, duty: AlertDuty): boolean {
    // That a grant lives on at Salesforce is no matter of the connection.
    if (duty.cause === 'revocation_given_up') return false;
    if (after.status === 'disconnected') return true;
    // Its incident tells of all that recovered.
    if (duty.type === 'connection_recovered') return duty.absorbedBy !== undefined;
    if (!isOfFailure(duty)) return false;
    return !isFailing(after) || before.grant?.id !== after.grant?.id || this.#isReplaced(after, duty);
  }

  /** By the alert of a worse failure. */
  #isReplaced({ duties }: Connection, { alertId }: AlertDuty): boolean {
    return Object.values(duties).some((duty) => isOfFailure(duty) && duty.alertId !== alertId);
  }

  #absorbed({ id, app, orgId, absorbedBy, writeId }: Connection): void {
    this.#known.add(id);
    const incident = this.#rules.incidents.get(absorbedBy!);
    const fits = incident?.app === app && (incident.kind === 'fleet_revocation' || incident.orgId === orgId);
    const since = this.#rules.failures.openOf(id)?.since ?? 0;
    if (incident === undefined || !fits || !this.#rules.counts(incident, since, staleMs)) {
      this.#rules.breaks(`${id} is told by ${absorbedBy}, which is no incident of its (${writeId})`);
    }
  }

  published(process: Process, alert: Alert, first: boolean): void {
    const [connectionId = ''] = alert.connection_ids;
    const own = this.all.get(alert.id);
    if (own !== undefined && first) this.#failureTold(process, alert, own);
    if (alert.type === 'connection_recovered') this.#recoveryTold(alert, connectionId);
  }

  #failureTold(process: Process, { id, type, app, org_id }: Alert, own: OwnAlert): void {
    const now = this.#rules.now();
    own.toldBy = process;
    this.#known.add(own.connectionId);
    this.#rules.monitor.world.tell(`alert_${type}`);
    if (now - own.owedAt < waitMs - 2 * skewMs) this.#rules.breaks(`${id} did not wait: ${now - own.owedAt} ms`);
    const mendedAt = this.#mendedAt.get(own.connectionId);
    if (mendedAt !== undefined && now - mendedAt > staleMs) {
      this.#rules.breaks(`${type} ${id} is told ${now - mendedAt} ms after ${own.connectionId} was mended`);
    }
    for (const incident of [this.#rules.openOf(app, 'org', org_id), this.#rules.openOf(app, 'fleet_revocation')]) {
      if (incident === undefined || incident.openedAt >= process.startedAt) continue;
      if (!this.#rules.counts(incident, this.#rules.failures.openOf(own.connectionId)?.since ?? 0, -staleMs)) continue;
      this.#rules.breaks(`${type} ${id} of ${own.connectionId} is told by itself while ${incident.id} tells of it`);
    }
  }

  #recoveryTold({ id }: Alert, connectionId: string): void {
    const incident = this.#rules.incidents.get(incidentIdOf(id));
    this.#rules.monitor.world.tell(incident === undefined ? 'alert_recovered' : 'alert_recovered_summary');
    if (incident !== undefined || this.#known.has(connectionId)) return;
    this.#rules.breaks(`the recovery of ${connectionId} is told, and its failure never was`);
  }

  /** At rest: one of its own, or an incident's; both only where whoever told it did not live to say so. */
  judge(): void {
    for (const [id, { connectionId, absorbedBy, toldBy }] of this.all) {
      if (absorbedBy === undefined) continue;
      const { monitor, incidents } = this.#rules;
      if (toldBy?.alive && toldBy.disturbed !== true) {
        this.#rules.breaks(`${id} of ${connectionId} was told by itself and by ${absorbedBy}`);
      }
      const incident = incidents.get(absorbedBy);
      const teller = incident?.told === true && monitor.published.has(absorbedBy);
      const fleets = [...incidents.values()].filter(({ kind }) => kind === 'fleet_revocation');
      if (!teller && !fleets.some((one) => monitor.published.has(one.id))) {
        this.#rules.breaks(`${id} of ${connectionId} was left to ${absorbedBy}, which nobody was told`);
      }
    }
  }
}

function isFailing({ status }: Connection): boolean {
  return status === 'reauthorization_required' || status === 'admin_action_required';
}

function isOfFailure(duty: Duty): duty is AlertDuty {
  if (duty.kind !== 'alert') return false;
  const { type, cause } = duty;
  if (cause === 'revocation_given_up' || cause === 'identity_changed') return false;
  return type === 'reauthorization_required' || type === 'admin_action_required';
}
