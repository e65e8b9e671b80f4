/** Wrong edits to what watches orgs and fleets: spikes that are lost, told twice, or told of what is none. */
import { core, flow, type Mutant } from './mutant.ts';

export const spikeMutants: readonly Mutant[] = [
  {
    name: 'a connection counts anew at every refusal',
    edits: [
      core(
        'failing',
        "  if (failingSince !== undefined || status === 'reauthorization_required') return false;",
        "  if (failingSince === 0 || status === 'reauthorization_required') return false;",
      ),
    ],
  },
  {
    name: 'nobody is to count a failure',
    edits: [core('failing', '[countDutyId(now)]: duty', '')],
  },
  {
    name: 'what recovered fails on',
    edits: [core('failing', 'failingSince: undefined, absorbedBy: undefined,', 'absorbedBy: undefined,')],
  },
  {
    name: 'what failed before the window stays in the signal',
    edits: [core('org-tally', 'Math.max(since, toldUntil + 1);', 'toldUntil + 1;')],
  },
  {
    name: 'the alert of a connection does not wait',
    edits: [core('own-alert', 'dueAt: now + waitMs', 'dueAt: now')],
  },
  {
    name: 'the recovery of what nobody was told of is told',
    edits: [core('own-alert', '  if (before.absorbedBy === undefined && !wasTold(before)) return quiet;\n', '')],
  },
  {
    name: 'a failure is told although it was mended before',
    edits: [
      core(
        'own-alert',
        '  const quiet: Connection = { ...after, duties: withoutFailureAlerts(after.duties) };',
        '  const quiet: Connection = after;',
      ),
    ],
  },
  {
    name: 'wave upon wave',
    edits: [core('pull-forward', 'now - pull.at < waveEveryMs', 'now - pull.at < 0')],
  },
  {
    name: 'an incident is opened, and its alert is no duty of that write',
    edits: [
      core(
        'open-incident',
        '  return absorbedBy === undefined ? withAlert(opened, types.opened, id, incident.cause, now) : opened;',
        '  return opened;',
      ),
    ],
  },
  {
    name: 'an incident is told again before it doubled',
    edits: [core('open-incident', 'if (failed >= 2 * incident.told)', 'if (failed >= incident.told)')],
  },
  {
    name: 'nobody is told that an incident is over',
    edits: [
      core(
        'open-incident',
        'absorbedBy === undefined ? withAlert(after, types.resolved,',
        'absorbedBy === id ? withAlert(after, types.resolved,',
      ),
    ],
  },
  {
    name: 'a spike is opened by one failure',
    edits: [
      core(
        'decide-org-watch',
        "  if (!isSpike(tally, thresholds)) return { step: 'quiet', after: watch };",
        "  if (tally.failed < 1) return { step: 'quiet', after: watch };",
      ),
    ],
  },
  {
    name: 'each who counts opens an incident',
    edits: [
      core('decide-org-watch', '  if (incident !== undefined) {', '  if (incident !== undefined && facts.now < 0) {'),
    ],
  },
  {
    name: 'whatever the share of those tried',
    edits: [core('decide-org-watch', ' && hasShare(tally, minimumShare);', ';')],
  },
  {
    name: 'over without a hold',
    edits: [core('decide-org-watch', '>= thresholds.holdMinutes * 60_000;', '>= 0;')],
  },
  {
    name: 'what an incident told of opens the next one',
    edits: [core('decide-org-watch', '* 60_000, now, watch.closed?.lastFailureAt);', '* 60_000, now);')],
  },
  {
    name: 'nobody looks again at an open incident',
    edits: [
      core(
        'decide-org-watch',
        '  if (watch.incident !== undefined || tally.failed >= minimumConnections) return true;',
        '  if (tally.failed >= minimumConnections && now < 0) return true;',
      ),
    ],
  },
  {
    name: 'an alert that is tried again has another id',
    edits: [
      flow(
        'watch-alert-duty',
        '    await ports.alerts.publish(composeWatchAlert(watch, duty, flowOf(ports, watch)));',
        '    const alert = composeWatchAlert(watch, duty, flowOf(ports, watch));\n    await ports.alerts.publish({ ...alert, id: duty.tries > 1 ? newId(ports.random) : alert.id });',
      ),
    ],
  },
  {
    name: 'told by an incident that did not count it',
    edits: [
      core(
        'telling-incident',
        '    if (closed !== undefined && isCounted(failingSince, closed, windowMs)) return',
        '    if (closed !== undefined) return',
      ),
    ],
  },
  {
    name: 'told by itself beside the incident',
    edits: [
      flow('tell-failure', '  if (absorbedBy !== undefined) {\n', '  if (absorbedBy === undefined && now < 0) {\n'),
    ],
  },
  {
    name: 'a fleet suppresses no spike',
    edits: [
      flow('judge-org', '        fleetIncidentId: fleet?.incident?.id,\n', ''),
      flow(
        'watch-alert-duty',
        '  return fleet?.incident?.id;',
        '  return fleet === undefined ? undefined : undefined;',
      ),
    ],
  },
  {
    name: 'counted, and the org never hears of it',
    edits: [
      flow('count-duty', '        return touch.after === undefined ? ', '        return touch.after !== undefined ? '),
    ],
  },
];
