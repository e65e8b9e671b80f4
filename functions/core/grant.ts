/**
 * One authorization of a user, with its present generation of tokens, its lease and its unsettled attempts.
 *
 * Times are milliseconds since the epoch. Tokens are sealed (compact JWE).
 */
import type { Generation } from './generation.ts';

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
  /** Since when the verdict stands that it is dead, and how often it was tried since: Salesforce may have been wrong. */
  readonly death?: Death;
  /** Ends that were warned of: the instant of the limit. */
  readonly warned?: { readonly idle?: number; readonly lifetime?: number };
  /** A refresh of this grant brought a new refresh token. */
  readonly rotates?: boolean;
  /** The newest answer named another org or user: its access token is not served. */
  readonly identityChanged?: boolean;
}

export interface Death {
  readonly at: number;
  readonly tries: number;
  /** What the org's window and the app's showed when the alert was due: evidence that does not last. */
  readonly org?: Tally;
  /** Counted in orgs. */
  readonly fleet?: Tally;
}

/** Of those tried in a window, how many failed newly. */
export interface Tally {
  readonly failed: number;
  readonly tried: number;
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

/** The owner of the lease got no answer and is done; the lease stays, for Salesforce may still be acting. */
export function ownerGaveUp({ lease, attempts, lastFailure }: Grant): boolean {
  const attempt = attempts.find((one) => one.id === lease?.attempt);
  return lastFailure?.error === 'no_answer' && attempt !== undefined && lastFailure.at >= attempt.begunAt;
}

export function leaseLives(grant: Pick<Grant, 'lease'>, now: number): boolean {
  return grant.lease !== undefined && grant.lease.until > now;
}
