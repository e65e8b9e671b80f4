/**
 * What we hold for one (app, org, user): the newest grant's tokens, their state, and what is still owed.
 *
 * Times are milliseconds since the epoch. Tokens are sealed (compact JWE) wherever they stand in an item.
 */
import type { Duty } from './duty.ts';
import type { Grant } from './grant.ts';
import type { LoginWindow } from './login-window.ts';
import type { RejectionBucket } from './rejection-bucket.ts';
import type { Versioned } from './versioned.ts';

export type Flow = 'authorization_code' | 'jwt_bearer' | 'client_credentials';

export const connectionStatuses = [
  'active',
  'admin_action_required',
  'reauthorization_required',
  'disconnected',
] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

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
  /**
   * Since when Salesforce refuses it for a reason that trying again does not mend (class dead, or admin). Counts to the
   * org's window once, by this instant; gone with the next success, the next grant or the disconnect.
   */
  readonly failingSince?: number;
  /** The incident that told of its failure, so that no alert of its own did. */
  readonly absorbedBy?: string;
  readonly createdAt: number;
  /** `issued_at` of the code response that began the stored grant. Orders authorizations; no refresh moves it. */
  readonly authorizedAt: number;
  readonly grant: Grant | undefined;
  /** What earlier writes oblige us to do: link, revoke, alert. By duty id. */
  readonly duties: Readonly<Record<string, Duty>>;
  /** When the schedule looks at it next; absent: never. */
  readonly nextRefreshAt?: number;
  /** What rejections of its access tokens may still draw; absent: none drew yet. */
  readonly rejections?: RejectionBucket;
  /** Logins by assertion, or as the client, of the last hour. */
  readonly logins?: LoginWindow;
  /** Set by a disconnect and never removed: a code answer begun before it does not revive the connection. */
  readonly disconnectedAt?: number;
  /** When its org's data keys were deleted and its tokens with them: that disconnect owed no revocation. */
  readonly forgottenAt?: number;
}
