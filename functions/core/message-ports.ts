/** What the Lambdas say to each other and to the world: requests by queue or by invocation, reports, alerts. */
import type { Alert } from './alert.ts';
import type { Generation } from './generation.ts';
import type { Secret } from './secret.ts';

/** What the queue and `token` ask of `refresh`. */
export interface RefreshRequest {
  readonly version: 1;
  readonly connectionId: string;
  /** As the asker saw it: a request for an older one does nothing. */
  readonly generation: Generation;
  readonly reason: 'due' | 'stale' | 'rejected';
}

/** What became of it; `token` reads the store for the rest. */
export interface RefreshReport {
  readonly version: 1;
  readonly outcome:
    | 'refreshed'
    | 'not_needed'
    | 'in_flight'
    | 'backing_off'
    | 'admin_action_required'
    | 'reauthorization_required'
    | 'no_answer'
    /** DynamoDB refused the answer; it lies in the lifeboat and is committed from there. */
    | 'in_lifeboat'
    | 'app_misconfigured'
    | 'unknown_connection';
  readonly detail?: string;
}

export interface QueuedRefresh {
  readonly request: RefreshRequest;
  readonly orgId: string;
  readonly nextRefreshAt: number;
  /** Requests of one group are worked off one batch after the other. @default the org */
  readonly group?: string;
}

export interface RefreshQueue {
  /** FIFO by `group`; a request that is queued already is not queued twice. */
  send(requests: readonly QueuedRefresh[]): Promise<void>;
}

/** The `refresh` Lambda, invoked synchronously and without retries. */
export interface Refresher {
  refresh(request: RefreshRequest): Promise<RefreshReport>;
}

/** What `maintain` asks of `refresh`: to revoke the access token that a revocation duty holds, where there is no refresh token. */
export interface AccessRevocation {
  readonly version: 1;
  readonly kind: 'revoke_access_token';
  readonly holder: 'connection' | 'session';
  /** The holder's. */
  readonly id: string;
  /** The duty's. */
  readonly grantId: string;
}

/** `held_again`: it is the very token that the connection holds now, and lives on with it. */
export type AccessRevocationOutcome = 'revoked' | 'held_again' | 'later';

/** The `refresh` Lambda, invoked synchronously and without retries: besides `token`, it alone may open access tokens. */
export interface AccessRevoker {
  /** Changes nothing in the store: the duty is the asker's. Throws where the invocation fails. */
  revoke(request: AccessRevocation): Promise<AccessRevocationOutcome>;
}

export interface AlertTopic {
  publish(alert: Alert): Promise<void>;
}

/** Asks `configure` to run the configuration step of an integration, for that version of it and no other. */
export interface ConfigurationRequest {
  readonly version: 1;
  readonly tenant: string;
  readonly integration: string;
  readonly configurationVersion: number;
}

export interface ConfigurationQueue {
  /** Delivered at least once, in no order. Throws where it was not taken. */
  send(request: ConfigurationRequest): Promise<void>;
}

/** The `maintain` Lambda, invoked for one connection: it alone may open refresh tokens to revoke them. */
export interface Maintainer {
  /** Does the connection's duties that are due. Throws where the invocation fails; the duties stay. */
  doDutiesOf(connectionId: string): Promise<void>;
}

export type LiveToken =
  | { readonly kind: 'token'; readonly accessToken: Secret; readonly instanceUrl: string }
  /** As the route `GET /connections/{id}/token` would have answered. */
  | { readonly kind: 'problem'; readonly code: string; readonly detail: string };

/** The `token` Lambda, invoked directly: a token that works, for `configure`, which can open none itself. */
export interface TokenReader {
  /** @param rejectedTokenSha256 the token that Salesforce refused: answers a newer one */
  read(connectionId: string, rejectedTokenSha256?: string): Promise<LiveToken>;
}

/** The deployer's own step after a link. May throw or fail: it never touches tokens. */
export interface ConfigurationStep {
  /** @param timeoutMs what the caller can wait; it throws then. @default the adapter's own */
  run(event: ConfigurationEvent, timeoutMs?: number): Promise<void>;
}

export interface ConfigurationEvent {
  readonly connection_id: string;
  readonly tenant: string;
  readonly integration: string;
  readonly configuration: unknown;
  readonly configuration_version: number;
}
