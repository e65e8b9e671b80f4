/**
 * Unlinks an integration. It is owed in a write of its connection and done at once, or by `maintain` after a death: the
 * tombstone, the use and the last one's disconnect are three writes, and none of them may be forgotten.
 */
import type { Connection } from '../core/connection.ts';
import type { UnlinkDuty } from '../core/duty.ts';
import { StoreUnavailableError } from '../core/errors.ts';
import { newId } from '../core/new-id.ts';
import type { IntegrationKey } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { dutyHeadStartMs } from '../core/store-grant.ts';
import { change } from './change.ts';
import { doDuties } from './do-duties.ts';
import { takeBack, type UnlinkPorts, unlinkDoer } from './unlink-duty.ts';

/** May the caller act on that connection's app? `undefined`: it may. */
export type Admission = (connectionId: string) => Problem | undefined;

export type Unlinking =
  /** Now, or before. */
  | { readonly kind: 'unlinked' }
  /** It never was. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly problem: Problem };

const roundsAtMost = 5;

export async function unlinkIntegration(
  ports: UnlinkPorts,
  key: IntegrationKey,
  refusalOf: Admission,
): Promise<Unlinking> {
  let at: number | undefined;
  // Moved to another connection meanwhile, it is unlinked there.
  for (let rounds = 0; rounds < roundsAtMost; rounds += 1) {
    const integration = await ports.store.integrations.read(key);
    if (integration === undefined) return { kind: 'unknown' };
    const problem = refusalOf(integration.connectionId);
    if (problem !== undefined) return { kind: 'refused', problem };
    // What was seen is unlinked, also where the clock of the process that linked it is ahead.
    at ??= Math.max(ports.clock.now(), integration.linkedAt);
    const isOver = integration.status === 'unlinked' && integration.linkedAt === at;
    if (isOver || integration.linkedAt > at) return { kind: 'unlinked' };
    // A repeated one moves the instant on: a link that is still to be done, asked for before, does not revive it.
    if (integration.status === 'unlinked') await takeBack(ports, integration.connectionId, key, at);
    else await unlinkFrom(ports, integration.connectionId, key, at);
  }
  throw new StoreUnavailableError(
    `The integration ${key.tenant}/${key.integration} was moved ${roundsAtMost} times while it was unlinked; try again.`,
  );
}

async function unlinkFrom(ports: UnlinkPorts, connectionId: string, key: IntegrationKey, at: number): Promise<void> {
  const step = newId(ports.random);
  const id = `unlink.${step}`;
  const dueAt = ports.clock.now() + dutyHeadStartMs;
  const duty: UnlinkDuty = { kind: 'unlink', ...key, since: at, dueAt, tries: 0 };
  const { item } = await change<string, Connection, undefined>(
    ports.store.connections,
    connectionId,
    (current) => {
      if (current === undefined) return { keep: true, result: undefined };
      return { write: { ...current, duties: { ...current.duties, [id]: duty } }, result: undefined };
    },
    { writeId: `${step}.unlink` },
  );
  if (item === undefined) await takeBack(ports, connectionId, key, at);
  else await doDuties(ports, ports.store.connections, item, { unlink: unlinkDoer(ports) }, [id]);
}
