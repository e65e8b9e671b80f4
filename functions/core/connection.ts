/**
 * What we hold for one (app, org, user): the newest grant's tokens, their state, and what is still owed.
 *
 * Times are milliseconds since the epoch. Tokens are sealed (compact JWE) wherever they stand in an item.
 */
import type { Duty } from './duty.ts';
import type { Generation } from './generation.ts';

export type Flow = 'authorization_code' | 'jwt_bearer' | 'client_credentials';

export const connectionStatuses = [
  'active',
  'admin_action_required',
  'reauthorization_required',
  'disconnected',
] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

/** Every stored item carries these: its schema's version, and what makes each write conditional and recognizable. */
export interface Versioned {
  readonly version: 1;
  /** Counts the writes. A write names the revision it read and is refused if another came in between. */
  readonly revision: number;
  /** Id of the last write (attempt and step): whoever finds its own here was not refused, its answer was lost. */
  readonly writeId: string;
}

export interface Connection extends Versioned {
  readonly id: string;
  readonly app: string;
  readonly orgId: string;
  readonly userId: string;
  readonly flow: Flow;
  readonly username?: string;
  readonly status: ConnectionStatus;
  /** Why the status is not `active`. */
  readonly cause?: string;
  readonly createdAt: number;
  /** `issued_at` of the code response that began the stored grant. Orders authorizations; no refresh moves it. */
  readonly authorizedAt: number;
  readonly grant: Grant | undefined;
  /** What earlier writes oblige us to do: link, revoke, alert. By duty id. */
  readonly duties: Readonly<Record<string, Duty>>;
  /** When the schedule looks at it next; absent: never. */
  readonly nextRefreshAt?: number;
  /** Set by a disconnect and never removed: a code answer begun before it does not revive the connection. */
  readonly disconnectedAt?: number;
}

/** One authorization that a user gave to an app, with its present generation of tokens. */
export interface Grant {
  /** Id of the code exchange that began it. */
  readonly id: string;
  /** Refreshes so far: with `id`, the generation. */
  readonly refreshes: number;
  /** The attempt that made this generation: how a commit whose answer was lost recognizes itself. */
  readonly madeBy: string;
  readonly accessToken: string;
  /** Lower-case hex; compared with what a caller says that Salesforce rejected. */
  readonly accessTokenSha256: string;
  readonly refreshToken?: string;
  /** Data keys made before the exchange, wrapped: the callback could not know the org. Gone with the first refresh. */
  readonly ownKeys?: OwnKeys;
  readonly issuedAt: number;
  readonly refreshedAt: number;
  /** A lower bound: API use extends a session. */
  readonly expiresAt: number;
  readonly refreshAfter: number;
  /** Learnt once per grant by introspection; absent: not asked yet, two hours assumed. */
  readonly session?: LearntSession;
  readonly scopes: readonly string[];
  readonly instanceUrl: string;
  /** Where token, revoke and introspect calls go; never taken from a response. */
  readonly loginUrl: string;
  readonly lease?: Lease;
  /** Sent, and not settled by an answer: a response may have been lost or saved. Kept across claims. */
  readonly attempts: readonly Attempt[];
  /** The newest generation's count that Salesforce rejected: its access token is never served again. */
  readonly rejectedRefreshes?: number;
  /** The newest generation's count that was read: tells connections in use from idle ones. */
  readonly readRefreshes?: number;
  /** Failures since the last success; they drive the backoff. */
  readonly failures: number;
  readonly lastFailure?: Failure;
  /** When the class *dead* was first seen; the second sighting, five seconds later or more, makes it a verdict. */
  readonly deadSince?: number;
  /** A refresh of this grant brought a new refresh token. */
  readonly rotates?: boolean;
}

export interface OwnKeys {
  /** Goes into the encryption context of both wrapped keys. */
  readonly session: string;
  readonly access: string;
  readonly refresh: string;
}

export interface LearntSession {
  readonly lengthMs: number;
  readonly source: 'introspection' | 'jwt' | 'assumed';
}

export interface Lease {
  /** The attempt that owns it. */
  readonly attempt: string;
  readonly until: number;
}

export interface Attempt {
  readonly id: string;
  readonly begunAt: number;
  /** The generation whose token it sent. */
  readonly refreshes: number;
}

export interface Failure {
  readonly at: number;
  readonly class: string;
  readonly error: string;
  readonly description: string;
}

export function generationOf(grant: Pick<Grant, 'id' | 'refreshes'>): Generation {
  return { grantId: grant.id, refreshes: grant.refreshes };
}

export function leaseLives(grant: Pick<Grant, 'lease'>, now: number): boolean {
  return grant.lease !== undefined && grant.lease.until > now;
}
