/**
 * Where a code exchange's tokens go: the write that comes first, alone, before anything is configured or announced.
 *
 * One write stores the pair, orders the authorizations (`authorizedAt`, ties by grant id), moves an older grant into
 * a revocation duty as it is at that instant, and owes the link. It is conditional on the revision that was read, so
 * token, lease and attempts in that duty are the newest.
 */
import { nextRefreshAfterSuccess } from './cadence.ts';
import type { Connection, Flow } from './connection.ts';
import type { Duty, LinkDuty, RevokeDuty, StoredAuthorization } from './duty.ts';
import { withoutFailure } from './failing.ts';
import type { Grant } from './grant.ts';
import { joinedWindows, type LoginWindow } from './login-window.ts';
import { withRecovery } from './own-alert.ts';
import { revokeDutyId } from './settle-superseded.ts';

/** How long a superseded grant is left alone: its access token may still be in somebody's hands. */
export const supersededGraceMs = 15 * 60_000;
/** The process that wrote a duty does it at once; others come after this. */
export const dutyHeadStartMs = 60_000;

export interface NewAuthorization {
  readonly connectionId: string;
  readonly app: string;
  readonly orgId: string;
  readonly userId: string;
  readonly flow: Flow;
  readonly authorizedAt: number;
  /** When its exchange began, on our clock: compared with a disconnect's. */
  readonly begunAt: number;
  readonly grant: Grant;
  /** Absent: no integration asked for it. */
  readonly link?: Pick<LinkDuty, 'sessionId' | 'tenant' | 'integration' | 'claim' | 'configuration' | 'takesFrom'>;
  readonly username?: string;
  /** Without a browser: logins, this one included, that its connection has not counted yet. */
  readonly logins?: LoginWindow;
  /** The first 16 hex digits of the SHA-256 of its refresh token: what the ledger shows of it. */
  readonly fingerprint?: string;
  /** Where its attempt was recorded. */
  readonly ledgerId?: string;
}

/** Of a connect session: it always has an integration to link. */
export type LinkedAuthorization = NewAuthorization & { readonly link: NonNullable<NewAuthorization['link']> };

export type StoreDecision =
  | { readonly kind: 'store'; readonly after: Connection }
  /** Our own write is there, as the stored grant or superseded by now: its answer was lost. */
  | { readonly kind: 'stored' }
  /** A newer authorization is stored. This grant is owed its revocation, and the integration its link all the same. */
  | { readonly kind: 'older'; readonly after: Connection }
  /** Disconnected since the exchange began: nothing is revived by it. */
  | { readonly kind: 'disconnected' };

export function decideStoreGrant(
  current: Connection | undefined,
  incoming: NewAuthorization,
  now: number,
  fraction: number,
): StoreDecision {
  if (current === undefined) {
    return { kind: 'store', after: connectionWith(undefined, incoming, {}, now, fraction) };
  }
  const knowsGrant =
    current.grant?.id === incoming.grant.id || current.duties[revokeDutyId(incoming.grant.id)] !== undefined;
  if (knowsGrant) return { kind: 'stored' };
  if (current.disconnectedAt !== undefined && incoming.begunAt <= current.disconnectedAt) {
    return { kind: 'disconnected' };
  }
  if (isOlder(incoming, current)) {
    const owed = {
      ...owedFor(incoming.grant, now + dutyHeadStartMs, 'older_authorization', now),
      ...linkOf(incoming, 'refused', now),
    };
    return {
      kind: 'older',
      after: { ...current, ...loginsOf(current, incoming), duties: { ...current.duties, ...owed } },
    };
  }
  const superseded = current.grant && owedFor(current.grant, now + supersededGraceMs, 'superseded', now);
  return { kind: 'store', after: connectionWith(current, incoming, superseded ?? {}, now, fraction) };
}

/** Without a refresh token there is no grant to end, and its access token may be the very one that is kept. */
function owedFor(grant: Grant, dueAt: number, reason: RevokeDuty['reason'], now: number): Record<string, Duty> {
  if (grant.refreshToken === undefined) return {};
  return { [revokeDutyId(grant.id)]: revocationOf(grant, now, dueAt, reason) };
}

/** Where no grant is stored, nothing can be older than it: a connect after a disconnect counts. */
function isOlder(incoming: NewAuthorization, current: Connection): boolean {
  if (current.grant === undefined) return false;
  if (incoming.authorizedAt !== current.authorizedAt) return incoming.authorizedAt < current.authorizedAt;
  return incoming.grant.id < current.grant.id;
}

function connectionWith(
  current: Connection | undefined,
  incoming: NewAuthorization,
  superseded: Readonly<Record<string, Duty>>,
  now: number,
  fraction: number,
): Connection {
  const { connectionId, app, orgId, userId, flow, authorizedAt, grant } = incoming;
  const kept = repeatsRejected(current?.grant, grant) ? { ...grant, rejectedRefreshes: grant.refreshes } : grant;
  const before = current && withoutFailure(current);
  const after: Connection = {
    ...before,
    version: 1,
    revision: current?.revision ?? 0,
    writeId: current?.writeId ?? '',
    id: connectionId,
    app,
    orgId,
    userId,
    flow,
    ...(incoming.username === undefined ? {} : { username: incoming.username }),
    status: 'active',
    cause: undefined,
    createdAt: current?.createdAt ?? now,
    authorizedAt,
    grant: kept,
    ...loginsOf(current, incoming),
    duties: { ...before?.duties, ...superseded, ...linkOf(incoming, 'stored', now) },
    nextRefreshAt: nextRefreshAfterSuccess(grant, true, fraction),
  };
  return current === undefined ? after : withRecovery(current, after, grant.id, now, 'grant');
}

/** Beside its own refreshes: the user's hour is one. */
function loginsOf(current: Connection | undefined, { logins, begunAt }: NewAuthorization): Pick<Connection, 'logins'> {
  return logins === undefined ? {} : { logins: joinedWindows(current?.logins, logins, begunAt) };
}

/** Salesforce may give a login without a browser the very token that it had refused in use: it stays rejected. */
function repeatsRejected(before: Grant | undefined, { accessTokenSha256 }: Grant): boolean {
  return before?.rejectedRefreshes === before?.refreshes && before?.accessTokenSha256 === accessTokenSha256;
}

function linkOf(
  { link, grant, begunAt, authorizedAt, fingerprint, ledgerId }: NewAuthorization,
  outcome: StoredAuthorization['outcome'],
  now: number,
): Readonly<Record<string, Duty>> {
  if (link === undefined) return {};
  const authorization = { id: grant.id, begunAt, authorizedAt, outcome, fingerprint, ledgerId };
  const owed = { since: now, dueAt: now + dutyHeadStartMs, tries: 0 };
  return { [linkDutyId(link.sessionId)]: { kind: 'link', ...link, grant: authorization, ...owed } };
}

/** What is owed for a grant that we do not keep. Never before its lease has ended: a refresh may be in flight. */
export function revocationOf(grant: Grant, now: number, dueAt: number, reason: RevokeDuty['reason']): RevokeDuty {
  const held = grant.refreshToken === undefined ? 'access' : 'refresh';
  return {
    kind: 'revoke',
    grantId: grant.id,
    refreshes: grant.refreshes,
    token: grant.refreshToken ?? grant.accessToken,
    tokenPurpose: held,
    ownKeys: grant.ownKeys,
    loginUrl: grant.loginUrl,
    lease: grant.lease,
    attempts: grant.attempts,
    reason,
    since: now,
    dueAt: Math.max(dueAt, grant.lease?.until ?? 0),
    tries: 0,
  };
}

export function linkDutyId(sessionId: string): string {
  return `link.${sessionId}`;
}
