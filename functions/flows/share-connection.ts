/**
 * Another integration of the tenant on a connection that is there: no grant is spent. The link is owed in a write of the
 * connection, so that it is not given up as unused in between, and a death leaves nothing half linked.
 */
import type { Connection } from '../core/connection.ts';
import type { LinkDuty } from '../core/duty.ts';
import { StoreUnavailableError } from '../core/errors.ts';
import { newId } from '../core/new-id.ts';
import type { IntegrationKey } from '../core/ports.ts';
import { dutyHeadStartMs, linkDutyId } from '../core/store-grant.ts';
import { change } from './change.ts';
import { doDuties } from './do-duties.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';

export interface Share extends IntegrationKey, Pick<LinkDuty, 'takesFrom'> {
  /** JSON text. */
  readonly configuration?: string;
  /** When the integration, as the request found it, was linked or unlinked. */
  readonly seenAt?: number;
}

/** Each may hold a configuration of 16 KB, and an item of 400 KB takes no write any more: not even a refreshed token. */
const openAtMost = 8;

/** `gone`: it is not active any more; nothing was linked. */
export async function shareConnection(
  ports: LinkPorts,
  connection: Connection,
  { seenAt = 0, ...use }: Share,
): Promise<'shared' | 'gone'> {
  const by = newId(ports.random);
  const id = linkDutyId(by);
  const { result, item } = await change<string, Connection, 'shared' | 'gone'>(
    ports.store.connections,
    connection.id,
    (current) => {
      if (current?.status !== 'active') return { keep: true, result: 'gone' };
      if (openSharesOf(current) >= openAtMost) throw tooManyOpen(current);
      const now = ports.clock.now();
      // What the request saw is older than it, also where the clock of the process that wrote that is ahead.
      const owed = { since: Math.max(now, seenAt), dueAt: now + dutyHeadStartMs, tries: 0 };
      const duty: LinkDuty = { kind: 'link', sessionId: by, ...use, ...owed };
      return { write: { ...current, duties: { ...current.duties, [id]: duty } }, result: 'shared' };
    },
    { writeId: `${by}.share`, seen: connection },
  );
  if (result === 'shared' && item !== undefined) {
    await doDuties(ports, ports.store.connections, item, { link: linkDoer(ports) }, [id]);
  }
  return result;
}

function openSharesOf({ duties }: Connection): number {
  return Object.values(duties).filter((duty) => duty.kind === 'link' && duty.grant === undefined).length;
}

function tooManyOpen({ id }: Connection): StoreUnavailableError {
  return new StoreUnavailableError(
    `Connection ${id} is still to be linked to ${openAtMost} integrations, which is as many as may wait; try again later.`,
  );
}
