import type { Refresher } from '../../functions/core/ports.ts';
import { createReadToken, type ReadOrder, type TokenReading } from '../../functions/flows/read-token.ts';
import { type MemoryPorts, memoryPorts, orgA, storedConnection, userA } from './memory-ports.ts';

export const connectionId = `crm.${orgA}.${userA}`;
/** Past the end of its token. */
export const stale = 7_200_000;

export async function setUp(
  change: Parameters<typeof storedConnection>[1] = {},
  refresher?: (ports: MemoryPorts) => Refresher,
) {
  const memory = memoryPorts();
  const ports = refresher === undefined ? memory : { ...memory, refresher: refresher(memory) };
  await storedConnection(memory, change);
  const readToken = createReadToken(ports);
  const read = (order: Partial<ReadOrder> = {}): Promise<TokenReading> =>
    memory.clock.run(readToken({ connectionId, ...order }));
  return { ports: memory, readToken, read };
}

export function tokenOf(reading: TokenReading): string {
  return reading.kind === 'token' ? reading.token.reveal() : reading.problem.code;
}
export const calls = (ports: MemoryPorts) => Object.fromEntries(ports.store.calls);
