/** What became of a configuration, as `GET /integrations/…` shows it. */
import type { DeployedApi, Json } from './deployed-api.ts';
import { until } from './poll.ts';
import { integrationPathOf } from './story.ts';

const configuredWithinMs = 30_000;

/** Waits for the queue and its worker: until this version is configured, or has failed to be. */
export function integrationStatus(
  api: DeployedApi,
  key: { readonly tenant: string; readonly integration: string },
  version: number,
): Promise<Json> {
  return until(`version ${version} of ${key.integration} is judged`, configuredWithinMs, async () => {
    const shown = await api.call(200, 'GET', integrationPathOf(key));
    const judged = shown.configuration_version === version && String(shown.status).startsWith('config');
    return judged ? shown : undefined;
  });
}
