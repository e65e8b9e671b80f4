/**
 * Gives an integration a new configuration, or the same once more: its step runs again, and no authorization is needed. The
 * version is written first and then queued; who asks is told where the second did not happen, and repeats.
 */
import type { Integration } from '../core/integration.ts';
import { decideReconfigure } from '../core/link.ts';
import { newId } from '../core/new-id.ts';
import type { IntegrationKey, Ports } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { change } from './change.ts';
import type { Admission } from './unlink-integration.ts';

export type ReconfigurePorts = Pick<Ports, 'store' | 'random' | 'configurationQueue' | 'log' | 'metrics'>;

export type Reconfiguration =
  | { readonly kind: 'queued'; readonly version: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** @param configuration JSON text; absent: what the integration has, once more */
export async function reconfigureIntegration(
  ports: ReconfigurePorts,
  key: IntegrationKey,
  configuration: string | undefined,
  refusalOf: Admission,
): Promise<Reconfiguration> {
  const { result } = await change<IntegrationKey, Integration, Reconfiguration>(
    ports.store.integrations,
    key,
    (current) => {
      if (current === undefined || current.status === 'unlinked') return { keep: true, result: { kind: 'unknown' } };
      const problem = refusalOf(current.connectionId);
      if (problem !== undefined) return { keep: true, result: { kind: 'refused', problem } };
      const after = decideReconfigure(current, configuration);
      return { write: after, result: { kind: 'queued', version: after.configurationVersion } };
    },
    { writeId: `${newId(ports.random)}.reconfigure` },
  );
  return result.kind === 'queued' ? queue(ports, key, result) : result;
}

async function queue(
  ports: ReconfigurePorts,
  key: IntegrationKey,
  queued: Extract<Reconfiguration, { kind: 'queued' }>,
): Promise<Reconfiguration> {
  try {
    await ports.configurationQueue.send({ version: 1, ...key, configurationVersion: queued.version });
    ports.metrics.add('ConfigurationsQueued', 1);
    return queued;
  } catch (error) {
    ports.log.error('A configuration was stored, and its step could not be queued.', { ...key, error });
    const detail = `The configuration is stored as version ${queued.version}, but the queue did not take its step; repeat the request.`;
    return { kind: 'refused', problem: { code: 'store_unavailable', detail, retryAfterSeconds: 5 } };
  }
}
