/** Wrong edits to what watches orgs and fleets: spikes that are lost, told twice, or told of what is none. */
import { core, type Mutant } from './mutant.ts';

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
    edits: [
      core(
        'org-tally',
        "  if (failingSince !== undefined) return failingSince >= since ? 'fails_newly' : 'left_the_signal';",
        "  if (failingSince !== undefined) return 'fails_newly';",
      ),
    ],
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
];
