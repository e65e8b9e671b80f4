/** Takes a connection one event further by the refresh machine: one conditional write, or none. */
import type { Connection } from '../core/connection.ts';
import { tokenLimitsOf } from '../core/expiry-ahead.ts';
import type { Ports } from '../core/ports.ts';
import { next, type RefreshEvent, type RefreshOutcome } from '../core/refresh-machine.ts';
import { type ChangeOptions, change } from './change.ts';

export type AdvancePorts = Pick<Ports, 'config' | 'store' | 'clock' | 'random'>;

export async function advance(
  ports: AdvancePorts,
  connectionId: string,
  event: RefreshEvent,
  options: ChangeOptions<Connection>,
): Promise<{ outcome: RefreshOutcome; item: Connection | undefined }> {
  const fraction = ports.random.fraction();
  const { result, item } = await change<string, Connection, RefreshOutcome>(
    ports.store.connections,
    connectionId,
    (current) => {
      if (current === undefined) return { keep: true, result: { skipped: 'unknown_connection' } };
      const limits = tokenLimitsOf(ports.config.apps[current.app]);
      const transition = next(current, event, ports.clock.now(), fraction, limits);
      if (transition.kind === 'keep') return { keep: true, result: transition.outcome };
      return { write: transition.after, result: transition.outcome };
    },
    options,
  );
  return { outcome: result, item };
}
