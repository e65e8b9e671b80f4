/**
 * The alerts of an org or a fleet, composed from their duty and the incident that it belongs to. Numbers first: whoever is
 * woken by it must see how large it is before anything else.
 */
import type { Alert, Severity } from './alert.ts';
import { alertFrame } from './alert-frame.ts';
import { alertWords } from './alert-words.ts';
import type { Flow } from './connection.ts';
import { counted } from './counted.ts';
import type { AlertDuty } from './duty.ts';
import { rfc3339 } from './rfc3339.ts';
import { type ClosedIncident, isOf, type OpenIncident, type Watch } from './watch.ts';
import { outageCause, remedyOfIncident } from './watch-remedies.ts';

/** @param flow the app's: it decides who can mend what */
export function composeWatchAlert(watch: Watch, duty: AlertDuty, flow: Flow): Alert {
  const { incident, closed } = watch;
  const over = duty.alertId.endsWith('.resolved');
  if (!over && incident !== undefined && isOf(duty.alertId, incident)) return ofOpen(watch, duty, incident, flow);
  if (closed !== undefined && isOf(duty.alertId, closed)) return ofClosed(watch, duty, closed, over, flow);
  const { summary, remedy } = over
    ? alertWords[duty.type]
    : { ...alertWords[duty.type], remedy: remedyOfIncident(duty.cause, flow) };
  const text = {
    severity: severityOf(duty.type, duty.cause),
    summary: `${placeOf(watch)}: ${summary}`,
    remedy,
    evidence: [],
    counts: {},
  };
  return { ...alertFrame(duty, watch), ...text };
}

/** Of connections whose failure an incident told: how many came back since it ended. */
export function composeRecovery(watch: Watch, duty: AlertDuty, recovered: number, left: number, flow: Flow): Alert {
  const { severity } = alertWords[duty.type];
  const { one } = nounsOf(watch);
  const rest = left === 0 ? 'none of it fails any more' : stillFail(left);
  const closed = isOf(duty.alertId, watch.closed) ? watch.closed : undefined;
  return {
    ...alertFrame(duty, watch),
    severity,
    opened_at: rfc3339(closed?.openedAt ?? duty.since),
    summary: `${placeOf(watch)}: ${counted(recovered, one)} of the incident ${workAgain(recovered)}; ${rest}.`,
    evidence: [`It was told of by incident ${closed?.id ?? duty.absorbedBy ?? 'before'}.`],
    remedy: left === 0 ? 'Nothing is to be done.' : leftRemedy(watch, flow),
    counts: { recovered, left },
  };
}

function ofOpen(watch: Watch, duty: AlertDuty, incident: OpenIncident, flow: Flow): Alert {
  const { openedAt, cause, evidence, connectionIds, tally, failed, told, size } = incident;
  const outage = cause === outageCause;
  const { what } = nounsOf(watch);
  const more = `${failed} have failed since it began, at least twice as many as were told before.`;
  return {
    ...alertFrame(duty, watch),
    severity: severityOf(duty.type, cause),
    connection_ids: connectionIds,
    opened_at: rfc3339(openedAt),
    summary: `${placeOf(watch)}: ${outage ? outageWords(incident) : failureWords(incident, what)}${isEscalation(duty) ? ` ${more}` : ''}`,
    evidence: isEscalation(duty) ? [`It doubled: ${more}`, ...evidence] : evidence,
    remedy: remedyOfIncident(cause, flow),
    counts: { failed: Math.max(failed, tally.failed), tried: tally.tried, [what]: size, expected: told },
  };
}

function failureWords({ tally, told, size }: OpenIncident, what: string): string {
  const seen = `Salesforce refuses ${tally.failed} of the ${tally.tried} ${what} that were tried`;
  return told > tally.failed ? `${seen}; some ${told} of ${size} are to be expected.` : `${seen}, of ${size}.`;
}

function outageWords({ tally, size }: OpenIncident): string {
  return `Salesforce does not answer for ${tally.failed} of the ${tally.tried} orgs that were tried, of ${size}; no token is lost.`;
}

function ofClosed(watch: Watch, duty: AlertDuty, closed: ClosedIncident, over: boolean, flow: Flow): Alert {
  const { openedAt, closedAt, cause, evidence, connectionIds, failed, left } = closed;
  const { what } = nounsOf(watch);
  const recovered = Math.max(0, failed - left);
  const minutes = Math.max(1, Math.round((closedAt - openedAt) / 60_000));
  const ended = `No more ${what} fail, after ${counted(minutes, 'minute')}. ${failed} failed, ${recovered} ${workAgain(recovered)}`;
  return {
    ...alertFrame(duty, watch),
    severity: over ? (left === 0 || cause === outageCause ? 'info' : 'warning') : severityOf(duty.type, cause),
    connection_ids: connectionIds,
    opened_at: rfc3339(openedAt),
    summary: `${placeOf(watch)}: ${ended}, ${left === 0 ? 'none is left' : stillFail(left)}.`,
    evidence,
    remedy: left === 0 ? 'Nothing is to be done.' : over ? leftRemedy(watch, flow) : remedyOfIncident(cause, flow),
    counts: { failed, recovered, left },
  };
}

function leftRemedy({ kind, closed }: Watch, flow: Flow): string {
  if (closed?.cause === outageCause) return 'Nothing is to be done: the others are tried again by themselves.';
  const where = kind === 'org' ? 'this org' : 'this app';
  const dead =
    flow === 'authorization_code' ? 'status=reauthorization_required (their users authorize again) and ' : '';
  return `Those left still want what their status says: GET /connections with ${dead}status=admin_action_required (their administrator acts) lists them, for ${where}.`;
}

function isEscalation({ alertId }: AlertDuty): boolean {
  return /\.x\d+$/.test(alertId);
}

/** An outage of Salesforce costs no token, whatever is still known of it. */
function severityOf(type: AlertDuty['type'], cause: string): Severity {
  return cause === outageCause ? 'warning' : alertWords[type].severity;
}

function nounsOf({ kind }: Watch): { readonly one: string; readonly what: 'connections' | 'orgs' } {
  return kind === 'org' ? { one: 'connection', what: 'connections' } : { one: 'org', what: 'orgs' };
}

function workAgain(count: number): string {
  return count === 1 ? 'works again' : 'work again';
}

function stillFail(count: number): string {
  return `${count} still ${count === 1 ? 'fails' : 'fail'}`;
}

function placeOf({ kind, app, orgId }: Watch): string {
  return kind === 'org' ? `${app}, org ${orgId}` : `${app}, all orgs`;
}
