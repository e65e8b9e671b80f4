/**
 * What linking, configuring and unlinking make of an integration. What is older than the present state changes nothing.
 */
import { parseConnectionId } from './ids.ts';
import type { Integration } from './integration.ts';

export interface Link {
  readonly tenant: string;
  readonly integration: string;
  readonly connectionId: string;
  /** JSON text; absent: the integration keeps what it has. */
  readonly configuration?: string;
  /** The apps of whose connections it may take the integration. Absent: any. */
  readonly takesFrom?: readonly string[];
  /** The connect session or request that asks. */
  readonly by: string;
  readonly at: number;
}

/** `undefined`: linked by this very request already, or by a later one; or it is another app's by now. */
export function decideLink(current: Integration | undefined, link: Link): Integration | undefined {
  if (current !== undefined && (current.linkedBy === link.by || current.linkedAt > link.at)) return undefined;
  if (current !== undefined && isWithheld(current, link)) return undefined;
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
    configuredAt: undefined,
    linkedAt: link.at,
    linkedBy: link.by,
  };
}

/** Who began was held to some apps; linked since by a caller of another, it is not to be taken away. */
function isWithheld({ status, connectionId }: Integration, { takesFrom }: Link): boolean {
  if (takesFrom === undefined || status === 'unlinked') return false;
  return !takesFrom.includes(parseConnectionId(connectionId)?.app ?? '');
}

/** A new configuration, or the same once more: its step runs again, and no authorization is needed. */
export function decideReconfigure(current: Integration, configuration: string | undefined): Integration {
  return {
    ...current,
    configuration: configuration ?? current.configuration,
    configurationVersion: current.configurationVersion + 1,
    status: 'linked',
    reason: undefined,
    configuredAt: undefined,
  };
}

/** A tombstone; `undefined`: it uses another connection by now, was linked again since, or was unlinked then or later. */
export function decideUnlink(current: Integration, connectionId: string, at: number): Integration | undefined {
  const { status, linkedAt } = current;
  if (current.connectionId !== connectionId || linkedAt > at) return undefined;
  if (status === 'unlinked' && linkedAt === at) return undefined;
  return { ...current, status: 'unlinked', configuration: undefined, reason: undefined, linkedAt: at };
}

export type ConfigurationOutcome =
  | { readonly status: 'configured' }
  | { readonly status: 'configuration_failed'; readonly reason: string };

/**
 * The outcome of a configuration step; an older version's never overwrites a newer. A failure may be followed by a
 * retry's success, and a success by a duplicate's failure, which is not believed.
 */
export function decideConfigured(
  current: Integration,
  version: number,
  outcome: ConfigurationOutcome,
  now: number,
): Integration | undefined {
  if (!mayConfigure(current, version)) return undefined;
  const reason = outcome.status === 'configuration_failed' ? outcome.reason.slice(0, 500) : undefined;
  return { ...current, status: outcome.status, reason, configuredAt: now };
}

/** Is this version's step still to run, or to run again? */
export function mayConfigure({ configurationVersion, status }: Integration, version: number): boolean {
  return configurationVersion === version && (status === 'linked' || status === 'configuration_failed');
}
