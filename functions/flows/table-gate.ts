/**
 * What stands before every refresh, authorization and revocation: on a copied table none is done. In a flow's first
 * lines, so that a refusal leaves nothing behind, and once more where a revocation is sent.
 */
import { TableRestoredError } from '../core/errors.ts';
import type { Ports } from '../core/ports.ts';
import { restoredDetail } from '../core/table-identity.ts';

export type GatePorts = Pick<Ports, 'tableIdentity' | 'log' | 'metrics'>;

/** Why nothing may be done with what the table holds; `undefined`: the table is its own. Throws `StoreUnavailableError`. */
export async function stoppedBy({ tableIdentity, log, metrics }: GatePorts): Promise<string | undefined> {
  const state = await tableIdentity.state();
  if (state.kind === 'own') return undefined;
  log.warn('Not done: the table is a copy of another.', { table_id: state.tableId, items_of_table: state.storedId });
  metrics.add('StoppedByRestore', 1);
  return restoredDetail(state);
}

/** Throws `TableRestoredError`, which a caller is answered with 503. */
export async function requireOwnTable(ports: GatePorts): Promise<void> {
  const detail = await stoppedBy(ports);
  if (detail !== undefined) throw new TableRestoredError(detail);
}
