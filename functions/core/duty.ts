/**
 * Duties: what a write obliges us to do later, recorded in that same write, so that a death in between loses nothing.
 *
 * Done by whoever comes first, removed when done. `dueAt` doubles as a soft lease: whoever takes a duty moves it on,
 * so that two workers seldom do the same one; each duty is safe to do twice.
 */
import type { AlertType } from './alert.ts';
import type { Attempt, Lease, OwnKeys } from './grant.ts';

export type Duty = LinkDuty | UnlinkDuty | RevokeDuty | AlertDuty | CountDuty | WatchDuty;

interface DutyBase {
  readonly since: number;
  readonly dueAt: number;
  readonly tries: number;
}

/**
 * Enter the authorization into the ledger, and tie the integration that it was for to this connection: once claimed,
 * where the session wants a claim.
 */
export interface LinkDuty extends DutyBase {
  readonly kind: 'link';
  /** The connect session, or the id of the request that shares the connection without one. */
  readonly sessionId: string;
  readonly tenant: string;
  readonly integration: string;
  /** Only once the session is claimed. */
  readonly claim?: boolean;
  /** The authorization that brought it; absent: the connection is shared, none was needed. */
  readonly grant?: StoredAuthorization;
  /** JSON text; absent: the session has it, or the integration keeps what it has. */
  readonly configuration?: string;
  /** The apps of whose connections it may take the integration: those of a limited caller. Absent: any. */
  readonly takesFrom?: readonly string[];
}

/** What the ledger is to know of a code answer, decided in the write that stored it. */
export interface StoredAuthorization {
  readonly id: string;
  readonly begunAt: number;
  readonly authorizedAt: number;
  readonly outcome: 'stored' | 'refused';
  /** Why it was refused. @default 'older_authorization' */
  readonly reason?: string;
  readonly fingerprint?: string;
  /** Where its attempt was recorded before the user was known. */
  readonly ledgerId?: string;
}

/** Take a tenant's use of this connection back; the last one disconnects it. */
export interface UnlinkDuty extends DutyBase {
  readonly kind: 'unlink';
  readonly tenant: string;
  readonly integration: string;
}

/** Revoke at Salesforce a grant that we do not keep. */
export interface RevokeDuty extends DutyBase {
  readonly kind: 'revoke';
  readonly grantId: string;
  /** The generation of `token`: only a newer one replaces it. */
  readonly refreshes: number;
  /** Sealed. The refresh token, or the access token where there was none. */
  readonly token: string;
  readonly tokenPurpose: 'access' | 'refresh';
  readonly ownKeys?: OwnKeys;
  readonly loginUrl: string;
  /** A refresh of that grant may be in flight: nothing is revoked while its lease lives. */
  readonly lease?: Lease;
  readonly attempts: readonly Attempt[];
  readonly reason: 'superseded' | 'older_authorization' | 'refused' | 'disconnected' | 'signed_in';
}

/** Publish an alert that this write caused: of a connection, an app or an incident, by whose item it is. */
export interface AlertDuty extends DutyBase {
  readonly kind: 'alert';
  readonly alertId: string;
  readonly type: AlertType;
  readonly cause: string;
  /** Of `connection_recovered`, where the failure was told by this incident and not by an alert of its own. */
  readonly absorbedBy?: string;
  /** Of a connection's failure: another alert of it went out before, so that its end is told even if this one is not. */
  readonly followsTold?: boolean;
}

/** Tell the org's watch that this connection fails newly: pulls the org's others forward, and may open an incident. */
export interface CountDuty extends DutyBase {
  readonly kind: 'count';
}

/** Look at an org or a fleet again while something is going on there: the next wave, escalation, resolution. */
export interface WatchDuty extends DutyBase {
  readonly kind: 'watch';
}

/** The instant at which the first of these is due, or `undefined` where there is none. */
export function firstDueAt(duties: Readonly<Record<string, Duty>>): number | undefined {
  const instants = Object.values(duties).map((duty) => duty.dueAt);
  return instants.length === 0 ? undefined : Math.min(...instants);
}
