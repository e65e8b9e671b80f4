/** Makes the connections of a wave due: one conditional write each, on the item as it is then. */
import type { Connection } from '../core/connection.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { pulledForward } from '../core/pull-forward.ts';
import type { Pull } from '../core/watch.ts';
import { change } from './change.ts';

export type PullPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'metrics'>;

/** Whoever cannot be pulled is refreshed at its own time: nothing is lost, and the others are not kept waiting. */
export async function pullForward(ports: PullPorts, wave: readonly Connection[], pull: Pull): Promise<void> {
  if (wave.length === 0) return;
  const pulled = await Promise.all(wave.map((one) => pullOne(ports, one, pull)));
  const count = pulled.filter(Boolean).length;
  ports.log.info('Connections were made due, for others of their org fail.', { app: wave[0]?.app, count });
  ports.metrics.add('PulledForward', count);
}

async function pullOne(ports: PullPorts, connection: Connection, pull: Pull): Promise<boolean> {
  const fraction = ports.random.fraction();
  try {
    const { result } = await change<string, Connection, boolean>(
      ports.store.connections,
      connection.id,
      (current) => {
        const after = current && pulledForward(current, pull, ports.clock.now(), fraction);
        return after === undefined ? { keep: true, result: false } : { write: after, result: true };
      },
      { writeId: `${newId(ports.random)}.pull`, seen: connection },
    );
    return result;
  } catch (error) {
    ports.log.warn('A connection could not be made due.', { connection_id: connection.id, error });
    return false;
  }
}
