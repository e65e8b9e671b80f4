/**
 * Looks into the lifeboat for what an earlier attempt left there, after a claim and under it.
 *
 * An unsettled attempt of the claimed generation means that a response may have been lost or saved. Never is the old
 * refresh token sent while a newer one lies there; while the lifeboat cannot be read, the refresh waits.
 *
 * A copy that has just taken its table's place knows nothing of attempts since its moment: for an hour every refresh looks.
 */
import { unsettledBefore } from '../core/claim.ts';
import type { Connection } from '../core/connection.ts';
import { LifeboatUnavailableError, UnreadableItemError } from '../core/errors.ts';
import { type Grant, generationOf } from '../core/grant.ts';
import type { RefreshEntry } from '../core/lifeboat.ts';
import type { Ports } from '../core/ports.ts';
import { type AdvancePorts, advance } from './advance.ts';

export type RescuePorts = AdvancePorts & Pick<Ports, 'lifeboat' | 'log' | 'metrics'>;

export type Rescue =
  | { readonly kind: 'nothing'; readonly claimed: Connection & { readonly grant: Grant } }
  | { readonly kind: 'rescued' }
  /** An answer of a later generation than the table's lies there: `maintain` takes it up. */
  | { readonly kind: 'behind' }
  | { readonly kind: 'unreadable' };

const unreadableWaitMs = 60_000;
/** `maintain` runs each minute. */
const behindWaitMs = 60_000;
/** It may take `maintain` some runs to empty the lifeboat. */
const looksAfterAdoptionMs = 3_600_000;

export async function rescue(
  ports: RescuePorts & Pick<Ports, 'tableIdentity'>,
  claimed: Connection & { readonly grant: Grant },
  attemptId: string,
): Promise<Rescue> {
  // Without a refresh token there is nothing that could have been saved there.
  const maySave = claimed.grant.refreshToken !== undefined;
  if (!maySave) return { kind: 'nothing', claimed };
  if (!unsettledBefore(claimed.grant, attemptId) && !(await isJustAdopted(ports))) return { kind: 'nothing', claimed };
  try {
    const entries = await refreshesOf(ports, claimed);
    if (entries.some(({ attempt }) => attempt.generation.refreshes > claimed.grant.refreshes)) {
      ports.log.warn('The lifeboat holds a later answer than the table; the refresh waits.', {
        connection_id: claimed.id,
      });
      await giveBack(ports, claimed, attemptId, ports.clock.now() + behindWaitMs);
      return { kind: 'behind' };
    }
    return await rescueFrom(ports, claimed, attemptId, entries);
  } catch (error) {
    if (!(error instanceof LifeboatUnavailableError || error instanceof UnreadableItemError)) throw error;
    ports.log.error('The lifeboat cannot be read; the refresh waits.', { connection_id: claimed.id, error });
    await giveBack(ports, claimed, attemptId, ports.clock.now() + unreadableWaitMs);
    return { kind: 'unreadable' };
  }
}

async function isJustAdopted({ tableIdentity, clock }: Pick<Ports, 'tableIdentity' | 'clock'>): Promise<boolean> {
  const state = await tableIdentity.state();
  if (state.kind !== 'own' || state.adoptedAt === undefined) return false;
  return clock.now() < state.adoptedAt + looksAfterAdoptionMs;
}

async function refreshesOf(
  { lifeboat }: Pick<Ports, 'lifeboat'>,
  { id, grant }: Connection & { readonly grant: Grant },
): Promise<readonly RefreshEntry[]> {
  const entries = await lifeboat.ofConnection(id);
  return entries.flatMap((entry) =>
    entry.kind === 'refresh' && entry.attempt.generation.grantId === grant.id ? [entry] : [],
  );
}

/** Commits what lies there of the claimed generation, and deletes what is older. */
export async function rescueFrom(
  ports: RescuePorts,
  claimed: Connection & { readonly grant: Grant },
  attemptId: string,
  entries: readonly RefreshEntry[],
): Promise<Rescue> {
  const { refreshes } = generationOf(claimed.grant);
  for (const entry of entries.filter((one) => one.attempt.generation.refreshes < refreshes)) {
    await ports.lifeboat.remove(entry);
  }
  const [saved] = entries.filter((one) => one.attempt.generation.refreshes === refreshes).sort((a, b) => b.at - a.at);
  if (saved === undefined) return { kind: 'nothing', claimed };
  const { attempt, made } = saved;
  const { outcome } = await advance(
    ports,
    claimed.id,
    { type: 'rescued', attempt, made, attemptId },
    { writeId: `${attemptId}.rescue`, seen: claimed },
  );
  ports.log.warn('An answer was committed from the lifeboat.', { connection_id: claimed.id, outcome });
  ports.metrics.add('Rescued', 1);
  await ports.lifeboat.remove(saved);
  return { kind: 'rescued' };
}

export async function giveBack(
  ports: AdvancePorts,
  claimed: Connection,
  attemptId: string,
  nextRefreshAt: number,
): Promise<void> {
  await advance(
    ports,
    claimed.id,
    { type: 'not_sent', attemptId, nextRefreshAt },
    { writeId: `${attemptId}.withdraw`, seen: claimed },
  );
}
