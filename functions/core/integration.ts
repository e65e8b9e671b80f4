/** A tenant's named use of a connection, with its own configuration. Many integrations share one connection. */
import type { Versioned } from './versioned.ts';

/** `linked`: its configuration step is still to run. `unlinked`: a tombstone, so that no late link revives it. */
export type IntegrationStatus = 'linked' | 'configured' | 'configuration_failed' | 'unlinked';

export interface Integration extends Versioned {
  readonly tenant: string;
  readonly integration: string;
  readonly connectionId: string;
  /** JSON text of at most 16 KB. */
  readonly configuration?: string;
  readonly configurationVersion: number;
  readonly status: IntegrationStatus;
  /** Why the configuration step failed. */
  readonly reason?: string;
  /** When the configuration step ended last. */
  readonly configuredAt?: number;
  /** The connection that it moved away from, whose record of this use is to be taken back. */
  readonly formerConnectionId?: string;
  readonly linkedAt: number;
  /** The connect session that linked it last, or the request that configured it: a repeated link changes nothing. */
  readonly linkedBy: string;
}
