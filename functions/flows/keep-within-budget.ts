/**
 * Before one more grant is asked for, or right after one was stored whose user was not known: where one more would evict
 * a live one, the superseded grants are revoked now, without their grace. Only what nobody holds can then fill the budget.
 */
import { type Budget, budgetOf, isNear, isSpent, underWayOf } from '../core/budget.ts';
import type { Connection } from '../core/connection.ts';
import type { Duty } from '../core/duty.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { change } from './change.ts';

export type BudgetPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'maintainer' | 'log' | 'metrics'>;

export async function keepWithinBudget(ports: BudgetPorts, connectionId: string, limit: number): Promise<Budget> {
  const { budget, underWay } = await believed(ports, connectionId, limit);
  if (isNear(budget)) ports.metrics.add('GrantsNearLimit', 1);
  if (!isSpent(budget, underWay) || budget.owed === 0) return budget;
  ports.metrics.add('GrantBudgetSpent', 1);
  await revokeNow(ports, connectionId);
  try {
    await ports.maintainer.doDutiesOf(connectionId);
  } catch (error) {
    // They are due: the next run of `maintain` does them.
    ports.log.warn('Superseded grants could not be revoked at once.', { connection_id: connectionId, error });
  }
  return (await believed(ports, connectionId, limit)).budget;
}

async function believed({ store, clock }: BudgetPorts, connectionId: string, limit: number) {
  const [connection, ledger] = await Promise.all([
    store.connections.read(connectionId),
    store.ledgers.read(connectionId),
  ]);
  const now = clock.now();
  return { budget: budgetOf(connection, ledger, limit, now), underWay: underWayOf(ledger, now) };
}

async function revokeNow(ports: BudgetPorts, connectionId: string): Promise<void> {
  await change<string, Connection, undefined>(
    ports.store.connections,
    connectionId,
    (current) => {
      const duties = current && hastened(current.duties, ports.clock.now());
      if (current === undefined || duties === undefined) return { keep: true, result: undefined };
      return { write: { ...current, duties }, result: undefined };
    },
    { writeId: `${newId(ports.random)}.hasten` },
  );
}

/** Never before a lease of the grant has ended. `undefined`: all are due as it is. */
function hastened(duties: Readonly<Record<string, Duty>>, now: number): Record<string, Duty> | undefined {
  let earlier = false;
  const after = Object.entries(duties).map(([id, duty]): [string, Duty] => {
    const dueAt = duty.kind === 'revoke' ? Math.max(now, duty.lease?.until ?? 0) : duty.dueAt;
    if (duty.kind !== 'revoke' || dueAt >= duty.dueAt) return [id, duty];
    earlier = true;
    return [id, { ...duty, dueAt }];
  });
  return earlier ? Object.fromEntries(after) : undefined;
}
