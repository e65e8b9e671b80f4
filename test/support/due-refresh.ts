/** A connection whose refresh is due, on ports in memory, and the refresher of a warm process. */
import { generationOf } from '../../functions/core/grant.ts';
import type { Ports, RefreshReport, RefreshRequest } from '../../functions/core/ports.ts';
import { createRefreshConnection, type RefreshConnection } from '../../functions/flows/refresh-connection.ts';
import { memoryPorts, remaining, storedConnection } from './memory-ports.ts';

export const dueMs = 5_400_000;

export async function dueRefresh(overrides: Partial<Ports> = {}, change: Parameters<typeof storedConnection>[1] = {}) {
  const ports = memoryPorts(overrides);
  const { connection, atSalesforce } = await storedConnection(ports, change);
  ports.clock.advance(dueMs);
  const request = (): RefreshRequest => ({
    version: 1,
    connectionId: connection.id,
    generation: generationOf(connection.grant),
    reason: 'due',
  });
  const refreshConnection: RefreshConnection = createRefreshConnection(ports);
  const refresh = (asked = request()): Promise<RefreshReport> =>
    ports.clock.run(refreshConnection(asked, remaining(ports.clock)));
  return { ports, connection, atSalesforce, request, refreshConnection, refresh };
}
