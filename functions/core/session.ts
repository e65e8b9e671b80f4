/**
 * A connect session: one invitation for one user to authorize one app, for fifteen minutes.
 *
 * Its id is the hash of its link secret: whoever holds the link finds the session, and the id, which the service and
 * the return address may see, gives no way back to the link.
 */

import type { Duty } from './duty.ts';
import type { Versioned } from './versioned.ts';

export const sessionLifetimeMs = 15 * 60_000;

export const sessionStatuses = [
  'pending',
  'exchanging',
  'authorized',
  'connected',
  'signed_in',
  'failed',
  'expired',
] as const;
export type SessionStatus = (typeof sessionStatuses)[number];

export interface Session extends Versioned {
  readonly id: string;
  readonly app: string;
  readonly tenant: string;
  readonly integration: string;
  /** JSON text of at most 16 KB, handed to the configuration step. */
  readonly configuration?: string;
  readonly returnTo?: string;
  readonly loginUrl: string;
  readonly loginHint?: string;
  readonly expectedOrgId?: string;
  readonly expectedUserId?: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** As stored; `expired` is derived from `expiresAt` when it is shown. */
  readonly status: Exclude<SessionStatus, 'expired'>;
  readonly binding?: Binding;
  /** The code exchange that consumed it. */
  readonly attempt?: { readonly id: string; readonly begunAt: number };
  readonly connectionId?: string;
  /** Links, or shows its identity, only once claimed: the service says that who began it is who came back. */
  readonly claim?: boolean;
  readonly claimedAt?: number;
  /** The apps of whose connections it may take the integration: those of a limited caller. Absent: any. */
  readonly takesFrom?: readonly string[];
  /** Where its attempt is recorded: the ledger of the connection that it is believed to be for, or of its integration. */
  readonly ledgerId?: string;
  /** Of a sign-in: who the user is. No token is kept. */
  readonly identity?: Identity;
  readonly error?: SessionError;
  /** The revocation of a grant that this session obtained and that we refused to keep. */
  readonly duties: Readonly<Record<string, Duty>>;
}

/** Ties the session to the browser that opened its link last; holds hashes and a salt, nothing to log in with. */
export interface Binding {
  /** Of the cookie's value. Lower-case hex. */
  readonly cookieSha256: string;
  /** Of the `state` parameter. Lower-case hex. */
  readonly stateSha256: string;
  /** With the cookie's value it makes the PKCE verifier: neither the table nor the browser alone can. */
  readonly verifierSalt: string;
  /** Of the claim, which only the bound browser can make. Lower-case hex. */
  readonly claimSha256?: string;
}

/** Of the user who signed in, out of the token response and the identity URL. */
export interface Identity {
  readonly orgId: string;
  readonly userId: string;
  readonly username?: string;
  readonly displayName?: string;
  readonly email?: string;
}

export interface SessionError {
  /** Stable, e.g. `access_denied`, `wrong_org`, `lost_response`. */
  readonly code: string;
  readonly detail: string;
  /** What to do next, and who. */
  readonly remedy: string;
}
