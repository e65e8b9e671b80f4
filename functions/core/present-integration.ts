/** An integration as it is shown. Its configuration is not: it may hold secrets of the deployer's. */
import type { Connection } from './connection.ts';
import type { Integration } from './integration.ts';
import { rfc3339 } from './rfc3339.ts';

/** As it stands in the list of its connection. */
export function presentIntegration(integration: Integration): Record<string, unknown> {
  const { tenant, integration: name, status, reason, configurationVersion } = integration;
  return {
    tenant,
    integration: name,
    status,
    ...(reason === undefined ? {} : { reason }),
    configuration_version: configurationVersion,
  };
}

/** @param connection the one that it uses */
export function presentIntegrationInFull(
  integration: Integration,
  connection: Connection | undefined,
): Record<string, unknown> {
  const { connectionId, linkedAt, configuredAt } = integration;
  return {
    ...presentIntegration(integration),
    connection_id: connectionId,
    ...(connection === undefined ? {} : { connection_status: connection.status }),
    linked_at: rfc3339(linkedAt),
    ...(configuredAt === undefined ? {} : { configured_at: rfc3339(configuredAt) }),
  };
}
