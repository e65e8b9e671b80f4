/**
 * Keeps an incident's item in step with what was just found: opens it, with its alert as a duty, or resolves it. One
 * read where nothing changed. Callers: whoever looks each minute, `maintain` above all.
 */
import type { IncidentAlertType } from '../core/alert.ts';
import { decideIncident, type Incident, type IncidentFinding } from '../core/incident.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { change } from './change.ts';

export type WatchPorts = Pick<Ports, 'clock' | 'random' | 'store'>;

/** @param finding `undefined`: all is well. */
export async function watchIncident(
  ports: WatchPorts,
  id: IncidentAlertType,
  finding: IncidentFinding | undefined,
): Promise<Incident | undefined> {
  const alertId = newId(ports.random);
  const { item } = await change<IncidentAlertType, Incident, undefined>(
    ports.store.incidents,
    id,
    (current) => {
      const after = decideIncident(current, id, finding, ports.clock.now(), alertId);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${alertId}.watch` },
  );
  return item;
}
