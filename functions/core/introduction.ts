/**
 * A connection without a browser in the making: before Salesforce has answered, org and user are not known, so there is
 * no connection to claim. Concurrent callers meet here: one asks, the others wait for what it finds.
 *
 * Times are milliseconds since the epoch.
 */
import { sha256Base64url } from './hash.ts';
import type { LoginWindow } from './login-window.ts';
import type { Versioned } from './versioned.ts';

export interface Introduction extends Versioned {
  /** `introductionIdOf`. */
  readonly id: string;
  /** Who asks Salesforce now, and until when at most. */
  readonly lease?: { readonly attempt: string; readonly until: number };
  /** What the last one who asked has found. */
  readonly connectionId?: string;
  /** Why the last one found nothing, for those who waited for it. */
  readonly lastFailure?: {
    readonly at: number;
    readonly attempt: string;
    readonly code: string;
    readonly detail: string;
    /** What is to be done, where somebody must act. */
    readonly members?: Readonly<Record<string, unknown>>;
  };
  /** Before there is a connection that counts them. */
  readonly logins?: LoginWindow;
}

/** Usernames are the same in upper and lower case; a client has one user, whom Salesforce knows. */
export function introductionIdOf(app: string, loginUrl: string, username: string | undefined): string {
  return sha256Base64url(`introduction.${app}.${loginUrl}.${username?.toLowerCase() ?? ''}`);
}
