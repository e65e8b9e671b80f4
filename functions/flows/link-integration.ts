/**
 * Links an integration to a connection and asks for its configuration step. Every step is safe to do twice: a duty may
 * be done by the callback and, after its death, by `maintain`.
 */

import type { Connection } from '../core/connection.ts';
import type { UnlinkDuty } from '../core/duty.ts';
import { StoreUnavailableError } from '../core/errors.ts';
import type { Integration } from '../core/integration.ts';
import { decideLink, type Link } from '../core/link.ts';
import { newId } from '../core/new-id.ts';
import type { IntegrationKey, Ports } from '../core/ports.ts';
import { dutyHeadStartMs } from '../core/store-grant.ts';
import { type AbandonPorts, abandonIfUnused } from './abandon-connection.ts';
import { change } from './change.ts';

export type LinkPorts = AbandonPorts & Pick<Ports, 'configurationQueue'>;

/** `outdated`: it was linked elsewhere, or unlinked, since this was asked. */
export async function linkIntegration(ports: LinkPorts, link: Link): Promise<'linked' | 'outdated'> {
  const { tenant, integration, connectionId } = link;
  const key = { tenant, integration };
  await ports.store.addUse(connectionId, key);
  const before = await ports.store.integrations.read(key);
  if (before !== undefined && before.linkedBy !== link.by) await finishMove(ports, before, connectionId);
  const { item } = await change<typeof key, Integration, undefined>(
    ports.store.integrations,
    key,
    (current) => {
      const after = decideLink(current, link);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${link.by}.link`, seen: before },
  );
  if (item === undefined) return 'outdated';
  const { now, left } = await settleUses(ports, key, [connectionId, item.formerConnectionId]);
  if (item.status === 'linked') {
    await ports.configurationQueue.send({ version: 1, ...key, configurationVersion: item.configurationVersion });
  }
  await leaveOthers(ports, left, connectionId, item);
  return now === connectionId ? 'linked' : 'outdated';
}

/** Who moved it last may have died since; the next move forgets where it was before. */
async function finishMove(ports: LinkPorts, before: Integration, connectionId: string): Promise<void> {
  const { tenant, integration, formerConnectionId: former } = before;
  // Back to where it was: this link looks there itself.
  if (former === undefined || former === before.connectionId || former === connectionId) return;
  const { left } = await settleUses(ports, { tenant, integration }, [former]);
  if (left.includes(former)) await leave(ports, former, before);
}

/** Whoever takes a use back last looks whether it was the last one. Its own connection is looked at under its duty. */
export async function leaveOthers(
  ports: AbandonPorts,
  left: readonly string[],
  connectionId: string,
  integration: Integration,
): Promise<void> {
  for (const id of left) if (id !== connectionId) await leave(ports, id, integration);
}

/** Where a link to the former connection is open, it is too early to tell whether anybody uses it: a duty looks again. */
async function leave(
  ports: AbandonPorts,
  former: string,
  { tenant, integration, linkedBy, linkedAt }: Integration,
): Promise<void> {
  if ((await abandonIfUnused(ports, former)) !== 'to_be_linked') return;
  const dueAt = ports.clock.now() + dutyHeadStartMs;
  // Before this link: what links the integration to that connection again is newer.
  const duty: UnlinkDuty = { kind: 'unlink', tenant, integration, since: linkedAt - 1, dueAt, tries: 0 };
  await change<string, Connection, undefined>(
    ports.store.connections,
    former,
    (current) => {
      if (current?.grant === undefined) return { keep: true, result: undefined };
      return { write: { ...current, duties: { ...current.duties, [`unlink.${linkedBy}`]: duty } }, result: undefined };
    },
    { writeId: `${newId(ports.random)}.leave` },
  );
}

const settleRoundsAtMost = 10;

interface Uses {
  /** The connection that the integration uses at last. */
  readonly now: string | undefined;
  /** Those from which its use was taken back. */
  readonly left: readonly string[];
}

/**
 * The integration says which connection it uses; the records beside connections follow it. Whoever settles last has
 * seen the integration as it is then: it is read again after each round, until nothing moved meanwhile.
 */
export async function settleUses(
  ports: Pick<Ports, 'store'>,
  key: IntegrationKey,
  touched: readonly (string | undefined)[],
): Promise<Uses> {
  const ids = new Set(touched.filter((id) => id !== undefined));
  let current = await usedBy(ports, key);
  for (let rounds = 0; rounds < settleRoundsAtMost; rounds += 1) {
    if (current !== undefined) ids.add(current);
    for (const id of ids) await (id === current ? ports.store.addUse(id, key) : ports.store.removeUse(id, key));
    const now = await usedBy(ports, key);
    if (now === current) return { now, left: [...ids].filter((id) => id !== now) };
    current = now;
  }
  throw new StoreUnavailableError(
    `The integration ${key.tenant}/${key.integration} was moved ${settleRoundsAtMost} times while its use was recorded; try again.`,
  );
}

/** The connection that an integration uses; a tombstone uses none. */
async function usedBy({ store }: Pick<Ports, 'store'>, key: IntegrationKey): Promise<string | undefined> {
  const integration = await store.integrations.read(key);
  return integration?.status === 'unlinked' ? undefined : integration?.connectionId;
}
