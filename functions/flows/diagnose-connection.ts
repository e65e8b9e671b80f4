/**
 * Diagnoses a connection that is dead or kept out: reads the ledger of its grants and what is known of the app, one item
 * each. Of one that works nothing is read.
 */
import type { Connection } from '../core/connection.ts';
import { type Diagnosis, diagnose, isIll } from '../core/diagnosis.ts';
import { tokenLimitsOf } from '../core/expiry-ahead.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Ports } from '../core/ports.ts';

export type DiagnosePorts = Pick<Ports, 'store' | 'config' | 'clock'>;

/** @param read the connection's ledger, where the caller has it already */
export async function diagnoseConnection(
  { store, config, clock }: DiagnosePorts,
  connection: Connection,
  read?: { readonly ledger: Ledger | undefined },
): Promise<Diagnosis | undefined> {
  if (!isIll(connection)) return undefined;
  const [ledger, app] = await Promise.all([
    read === undefined ? store.ledgers.read(connection.id) : read.ledger,
    store.apps.read(connection.app),
  ]);
  const settings = config.apps[connection.app];
  return diagnose(connection, {
    ledger,
    app,
    limits: tokenLimitsOf(settings),
    // Without a refresh token nothing counts to the limit of grants.
    grantLimit: connection.flow === 'authorization_code' ? settings?.grantLimit : undefined,
    now: clock.now(),
  });
}
