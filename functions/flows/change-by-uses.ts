/**
 * One conditional write of a connection that rests on who uses it. The uses are items of their own; but whoever is to use
 * the connection is first noted on it (a link duty), so a write onto the revision that was read *before* the uses finds
 * out whether somebody came in between.
 */
import type { Connection } from '../core/connection.ts';
import { StoreUnavailableError } from '../core/errors.ts';
import type { IntegrationKey, Ports } from '../core/ports.ts';
import type { Decision } from './change.ts';

const triesAtMost = 10;

export interface UsesOptions {
  /** How many uses the decision looks at. */
  readonly limit: number;
  /** Unique to this attempt and step. */
  readonly writeId: string;
}

/** `undefined`: there is no such connection. */
export async function changeByUses<Result>(
  { store }: Pick<Ports, 'store'>,
  connectionId: string,
  decide: (connection: Connection, uses: readonly IntegrationKey[]) => Decision<Connection, Result>,
  { limit, writeId }: UsesOptions,
): Promise<{ readonly result: Result } | undefined> {
  let tried: { readonly result: Result } | undefined;
  for (let tries = 0; tries < triesAtMost; tries += 1) {
    const before = await store.connections.read(connectionId);
    if (before === undefined) return undefined;
    // The answer of our own write was lost.
    if (tried !== undefined && before.writeId === writeId) return tried;
    const uses = await store.usesOf(connectionId, limit);
    const decision = decide(before, uses);
    const { result } = decision;
    if (!('write' in decision)) return { result };
    tried = { result };
    const after = { ...decision.write, revision: before.revision + 1, writeId };
    if ((await store.connections.replace(before, after)) === 'written') return { result };
  }
  throw new StoreUnavailableError(
    `Connection ${connectionId} was changed by others ${triesAtMost} times in a row while we tried to change it; try again later.`,
  );
}
