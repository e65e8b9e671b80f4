/** What linking makes of an integration. A link that is older than the present one changes nothing. */
import type { Integration } from './integration.ts';

export interface Link {
  readonly tenant: string;
  readonly integration: string;
  readonly connectionId: string;
  /** JSON text; absent: the integration keeps what it has. */
  readonly configuration?: string;
  /** The connect session or request that asks. */
  readonly by: string;
  readonly at: number;
}

/** `undefined`: linked by this very request already, or by a later one. */
export function decideLink(current: Integration | undefined, link: Link): Integration | undefined {
  if (current !== undefined && (current.linkedBy === link.by || current.linkedAt > link.at)) return undefined;
  const configuration = link.configuration ?? current?.configuration;
  return {
    ...current,
    version: 1,
    revision: current?.revision ?? 0,
    writeId: current?.writeId ?? '',
    tenant: link.tenant,
    integration: link.integration,
    connectionId: link.connectionId,
    formerConnectionId:
      current === undefined || current.connectionId === link.connectionId
        ? current?.formerConnectionId
        : current.connectionId,
    configuration,
    configurationVersion: (current?.configurationVersion ?? 0) + 1,
    status: 'linked',
    reason: undefined,
    linkedAt: link.at,
    linkedBy: link.by,
  };
}

/** The outcome of a configuration step; an older version's never overwrites a newer. */
export function decideConfigured(
  current: Integration,
  version: number,
  outcome: { readonly status: 'configured' } | { readonly status: 'configuration_failed'; readonly reason: string },
): Integration | undefined {
  if (current.configurationVersion !== version || current.status !== 'linked') return undefined;
  const reason = outcome.status === 'configuration_failed' ? outcome.reason.slice(0, 500) : undefined;
  return { ...current, status: outcome.status, reason };
}
