/** Each minute: is the table a copy that nobody has adopted? One alert for it, and a line in the log. */
import type { IncidentFinding } from '../core/incident.ts';
import { restoredDetail, type TableState } from '../core/table-identity.ts';
import type { GatePorts } from './table-gate.ts';
import { type WatchPorts, watchIncident } from './watch-incident.ts';

export type WatchTablePorts = WatchPorts & GatePorts;

/** Throws `StoreUnavailableError`. */
export async function watchTable(ports: WatchTablePorts): Promise<TableState['kind']> {
  const state = await ports.tableIdentity.state();
  ports.metrics.add('TableRestored', state.kind === 'restored' ? 1 : 0);
  if (state.kind === 'restored') {
    ports.log.error('The table is a copy of another: nothing is refreshed or revoked.', {
      table_id: state.tableId,
      items_of_table: state.storedId,
    });
  }
  await watchIncident(ports, 'table_restored', findingOf(state));
  return state.kind;
}

function findingOf(state: TableState): IncidentFinding | undefined {
  return state.kind === 'own' ? undefined : { evidence: [restoredDetail(state)], connectionIds: [], counts: {} };
}
