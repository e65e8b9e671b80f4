/**
 * Links an integration to a connection and runs its configuration step. Every step is safe to do twice: a duty may be
 * done by the callback and, after its death, by `maintain`.
 *
 * The step gets no token and changes none; what it throws becomes the integration's reason.
 */

import { StoreUnavailableError } from '../core/errors.ts';
import type { Integration } from '../core/integration.ts';
import { decideConfigured, decideLink, type Link } from '../core/link.ts';
import type { IntegrationKey, Ports } from '../core/ports.ts';
import { change } from './change.ts';

export type LinkPorts = Pick<Ports, 'store' | 'configurationStep' | 'log'>;

export async function linkIntegration(ports: LinkPorts, link: Link): Promise<Integration | undefined> {
  const { tenant, integration, connectionId } = link;
  const key = { tenant, integration };
  await ports.store.addUse(connectionId, key);
  const { item } = await change<typeof key, Integration, undefined>(
    ports.store.integrations,
    key,
    (current) => {
      const after = decideLink(current, link);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${link.by}.link` },
  );
  if (item !== undefined) await settleUses(ports, key, [connectionId, item.formerConnectionId]);
  return item;
}

const settleRoundsAtMost = 10;

/**
 * The integration says which connection it uses; the records beside connections follow it. Whoever settles last has
 * seen the integration as it is then: it is read again after each round, until nothing moved meanwhile.
 */
async function settleUses(
  ports: LinkPorts,
  key: IntegrationKey,
  touched: readonly (string | undefined)[],
): Promise<void> {
  const ids = new Set(touched.filter((id) => id !== undefined));
  let current = (await ports.store.integrations.read(key))?.connectionId;
  for (let rounds = 0; rounds < settleRoundsAtMost; rounds += 1) {
    if (current !== undefined) ids.add(current);
    for (const id of ids) await (id === current ? ports.store.addUse(id, key) : ports.store.removeUse(id, key));
    const now = (await ports.store.integrations.read(key))?.connectionId;
    if (now === current) return;
    current = now;
  }
  throw new StoreUnavailableError(
    `The integration ${key.tenant}/${key.integration} was moved ${settleRoundsAtMost} times while its use was recorded; try again.`,
  );
}

/** Runs the step for the integration as it is; an outcome for an older version is dropped. */
export async function configureIntegration(ports: LinkPorts, item: Integration): Promise<void> {
  if (item.status !== 'linked') return;
  const { tenant, integration, configurationVersion } = item;
  const outcome = await runStep(ports, item);
  await change(
    ports.store.integrations,
    { tenant, integration },
    (current) => {
      const after = current && decideConfigured(current, configurationVersion, outcome);
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${item.linkedBy}.configured` },
  );
}

async function runStep(
  ports: LinkPorts,
  { tenant, integration, connectionId, configuration, configurationVersion }: Integration,
): Promise<{ status: 'configured' } | { status: 'configuration_failed'; reason: string }> {
  try {
    await ports.configurationStep.run({
      connection_id: connectionId,
      tenant,
      integration,
      configuration: configuration === undefined ? null : JSON.parse(configuration),
      configuration_version: configurationVersion,
    });
    return { status: 'configured' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    ports.log.warn('A configuration step failed; its tokens are untouched.', { tenant, integration, error });
    return { status: 'configuration_failed', reason };
  }
}
