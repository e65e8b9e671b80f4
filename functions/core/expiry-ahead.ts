/**
 * The ends of a refresh token that the app's policy in Salesforce sets, warned of before they come: so long after its last
 * use (idle), or so long after the authorization (lifetime). After every write that settles a refresh, puts it off or stores
 * a grant, what the item says now decides: is a warning owed, and is one still open that is none any more?
 *
 * A healthy keep-alive comes at half the idle limit at the latest and is never near it; what is warned of is one that
 * fails. What was warned of stands in `grant.warned`, with the alert as a duty in the same write, so a death in between
 * neither loses a warning nor repeats one. The instant of the limit is its name: another limit, or another use, is another end.
 *
 * Source: Salesforce Help, "Manage OAuth Access Policies for a Connected App" (refresh token policy; facts §6).
 */
import type { AppConfig } from './config.ts';
import type { Connection } from './connection.ts';
import type { AlertDuty, Duty } from './duty.ts';
import type { Grant } from './grant.ts';

/** Of an app's refresh tokens; absent: no limit is known. */
export interface TokenLimits {
  readonly idleMs?: number;
  readonly lifetimeMs?: number;
}

export type TokenEnd = keyof typeof tokenEndCauses;

export const tokenEndCauses = {
  idle: 'refresh_token_idle_limit',
  lifetime: 'refresh_token_lifetime_limit',
} as const;

const tokenEnds: readonly TokenEnd[] = ['idle', 'lifetime'];
const dayMs = 24 * 3_600_000;
const longestNoticeMs = 2 * dayMs;
/** Nearer to its end it is not tried more often. */
const shortestRetryMs = 60_000;

/** The item with the warnings that it owes by its next look, and without those that are none any more. */
export function foreseeExpiry(connection: Connection, limits: TokenLimits, now: number): Connection {
  const { grant } = connection;
  if (grant === undefined) return connection;
  const before = tokenEnds.filter((end) => grant.warned?.[end] !== undefined);
  const marks = tokenEnds.flatMap((end) => {
    const at = markOf(connection, grant, end, limits);
    return at === undefined ? [] : [{ end, at }];
  });
  if (before.length === 0 && marks.length === 0 && openWarnings(connection).length === 0) return connection;
  const warned = marks.length === 0 ? undefined : Object.fromEntries(marks.map(({ end, at }) => [end, at]));
  return { ...connection, grant: { ...grant, warned }, duties: dutiesWith(connection, grant, marks, limits, now) };
}

/**
 * Its next try earlier where it would be too late for the idle limit: half the time that is left, so that tries become
 * denser towards the end.
 */
export function tryBeforeIdleEnd(connection: Connection, limits: TokenLimits, now: number): Connection {
  const { grant, nextRefreshAt } = connection;
  if (grant === undefined || nextRefreshAt === undefined || isDoomed(connection, grant)) return connection;
  const end = tokenEndAt(connection, grant, 'idle', limits);
  if (end === undefined || end <= now) return connection;
  const half = now + Math.max(shortestRetryMs, Math.floor((end - now) / 2));
  // While a lease lives nobody else may ask.
  const latest = Math.max(half, grant.lease?.until ?? 0);
  return nextRefreshAt <= latest ? connection : { ...connection, nextRefreshAt: latest };
}

export function tokenLimitsOf(app: Pick<AppConfig, 'idleLimitDays' | 'lifetimeLimitDays'> | undefined): TokenLimits {
  const ms = (days: number | undefined) => (days === undefined ? undefined : days * dayMs);
  return { idleMs: ms(app?.idleLimitDays), lifetimeMs: ms(app?.lifetimeLimitDays) };
}

/** `undefined`: it has no refresh token, or no limit is known. */
export function tokenEndAt(
  { authorizedAt }: Pick<Connection, 'authorizedAt'>,
  { refreshToken, refreshedAt }: Pick<Grant, 'refreshToken' | 'refreshedAt'>,
  end: TokenEnd,
  { idleMs, lifetimeMs }: TokenLimits,
): number | undefined {
  if (refreshToken === undefined) return undefined;
  if (end === 'idle') return idleMs === undefined ? undefined : refreshedAt + idleMs;
  return lifetimeMs === undefined ? undefined : authorizedAt + lifetimeMs;
}

/** How long before the end it is told: 48 hours, of a limit under eight days a quarter. */
export function noticeMsOf(limitMs: number): number {
  return Math.min(longestNoticeMs, Math.floor(limitMs / 4));
}

/** Stable, and the same whoever writes it. */
export function expiryAlertId(connectionId: string, end: TokenEnd, at: number): string {
  return `${connectionId}.${end}.${at}`;
}

/** What this duty warns of, where it still is to be told: the token stands that it was owed for, and is not dead yet. */
export function warningOf(
  connection: Connection,
  { alertId }: Pick<AlertDuty, 'alertId'>,
): { readonly end: TokenEnd; readonly at: number } | undefined {
  const { grant, id } = connection;
  if (grant === undefined || isDoomed(connection, grant)) return undefined;
  for (const end of tokenEnds) {
    const at = grant.warned?.[end];
    if (at !== undefined && alertId === expiryAlertId(id, end, at)) return { end, at };
  }
  return undefined;
}

/** The end that is warned of already, or is to be by the next look; `undefined`: none. */
function markOf(connection: Connection, grant: Grant, end: TokenEnd, limits: TokenLimits): number | undefined {
  const at = tokenEndAt(connection, grant, end, limits);
  const limitMs = end === 'idle' ? limits.idleMs : limits.lifetimeMs;
  if (at === undefined || limitMs === undefined) return undefined;
  const marked = grant.warned?.[end] === at;
  // Whoever is to authorize again is not warned too; if Salesforce was wrong, it is owed anew.
  if (isDoomed(connection, grant)) return marked && !isOpen(connection, end, at) ? at : undefined;
  const nextLookAt = connection.nextRefreshAt ?? Number.POSITIVE_INFINITY;
  return marked || at - noticeMsOf(limitMs) <= nextLookAt ? at : undefined;
}

/** Called dead: for good, or once and looked at again within seconds. */
export function isDoomed({ status }: Connection, { lastFailure }: Grant): boolean {
  return status === 'reauthorization_required' || status === 'disconnected' || lastFailure?.class === 'dead';
}

function dutiesWith(
  connection: Connection,
  { warned }: Grant,
  marks: readonly { readonly end: TokenEnd; readonly at: number }[],
  { idleMs = 0, lifetimeMs = 0 }: TokenLimits,
  now: number,
): Readonly<Record<string, Duty>> {
  const duties: Record<string, Duty> = { ...connection.duties };
  const wanted = marks.map(({ end, at }) => expiryAlertId(connection.id, end, at));
  for (const [id, duty] of openWarnings(connection)) if (!wanted.includes(duty.alertId)) delete duties[id];
  for (const { end, at } of marks) {
    if (warned?.[end] === at) continue;
    const alertId = expiryAlertId(connection.id, end, at);
    duties[dutyId(alertId)] = dutyOf(
      alertId,
      end,
      Math.max(now, at - noticeMsOf(end === 'idle' ? idleMs : lifetimeMs)),
    );
  }
  return duties;
}

function openWarnings({ duties }: Connection): [string, AlertDuty][] {
  return Object.entries(duties).flatMap(([id, duty]) =>
    duty.kind === 'alert' && duty.type === 'expiry_approaching' ? [[id, duty]] : [],
  );
}

function isOpen({ id, duties }: Connection, end: TokenEnd, at: number): boolean {
  return duties[dutyId(expiryAlertId(id, end, at))] !== undefined;
}

function dutyOf(alertId: string, end: TokenEnd, dueAt: number): AlertDuty {
  const cause = tokenEndCauses[end];
  return { kind: 'alert', alertId, type: 'expiry_approaching', cause, since: dueAt, dueAt, tries: 0 };
}

function dutyId(alertId: string): string {
  return `alert.${alertId}`;
}
