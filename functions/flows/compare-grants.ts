/**
 * Asks Salesforce which grants of this user it lists for the app, where the app's name there is configured and the
 * connection's own session may query, and writes the difference into the ledger. Nothing ever fails because of it.
 */
import type { Connection } from '../core/connection.ts';
import { grantsQuery, holdingOf, judgeListAnswer, type ListVerdict, mayQuery } from '../core/grant-comparison.ts';
import { type GrantComparison, type Ledger, withComparison } from '../core/ledger.ts';
import { newId } from '../core/new-id.ts';
import type { LiveToken, Ports, Store } from '../core/ports.ts';
import { change } from './change.ts';

export type ComparePorts = Pick<Ports, 'config' | 'clock' | 'random' | 'salesforceApi' | 'log'> & {
  /** Connections are read only: comparing touches no token. */
  readonly store: Pick<Store, 'ledgers'> & { readonly connections: Pick<Store['connections'], 'read'> };
};

const timeoutMs = 10_000;

export async function compareGrants(
  ports: ComparePorts,
  connection: Connection,
  live: Extract<LiveToken, { kind: 'token' }>,
): Promise<void> {
  const appName = ports.config.apps[connection.app]?.salesforceName;
  if (appName === undefined || !mayQuery(connection)) return;
  try {
    await compare(ports, connection, live, appName);
  } catch (error) {
    ports.log.warn('The grants could not be compared with those that Salesforce lists.', {
      connection_id: connection.id,
      error,
    });
  }
}

async function compare(
  ports: ComparePorts,
  { id, userId }: Connection,
  { instanceUrl, accessToken }: Extract<LiveToken, { kind: 'token' }>,
  appName: string,
): Promise<void> {
  const before = await holding(ports, id);
  const soql = grantsQuery(appName, userId);
  const verdict = judgeListAnswer(await ports.salesforceApi.query(instanceUrl, soql, accessToken, timeoutMs));
  const after = await holding(ports, id);
  // What changed while Salesforce was asked would show as a difference that is none.
  if (after === undefined || after.state !== before?.state || (verdict.kind === 'listed' && after.unsettled)) {
    ports.log.info('The grants were not compared: an authorization or a revocation came in between.', {
      connection_id: id,
    });
    return;
  }
  const comparison = comparisonOf(verdict, after.count, ports.clock.now());
  ports.log.info('The grants of a user were compared with those that Salesforce lists.', {
    connection_id: id,
    ...comparison,
  });
  await write(ports, id, comparison, verdict.kind === 'unavailable');
}

async function holding({ store, clock }: ComparePorts, id: string) {
  const [connection, ledger] = await Promise.all([store.connections.read(id), store.ledgers.read(id)]);
  return connection === undefined ? undefined : holdingOf(connection, ledger, clock.now());
}

function comparisonOf(verdict: ListVerdict, held: number, at: number): GrantComparison {
  switch (verdict.kind) {
    case 'listed':
      return { at, listed: verdict.count, held };
    case 'refused':
      return { at, note: verdict.errorCode };
    case 'unavailable':
      return { at, note: `Salesforce did not answer (${verdict.detail})` };
  }
}

/** @param onlyIfNone an outage says nothing that an earlier comparison did not say better */
async function write(ports: ComparePorts, id: string, comparison: GrantComparison, onlyIfNone: boolean): Promise<void> {
  await change<string, Ledger, undefined>(
    ports.store.ledgers,
    id,
    (current) => {
      if (onlyIfNone && current?.comparison?.listed !== undefined) return { keep: true, result: undefined };
      return { write: withComparison(current, id, comparison), result: undefined };
    },
    { writeId: `${newId(ports.random)}.compared` },
  );
}
