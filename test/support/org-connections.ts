/** Connections of one org as a count finds them: failing newly, at work, not tried, or out of the signal. */
import type { Connection } from '../../functions/core/connection.ts';
import type { Failure } from '../../functions/core/grant.ts';
import { orgWatchId, type Watch } from '../../functions/core/watch.ts';
import { aConnection, aGrant, noon, orgId } from '../contract/items.ts';

export const minuteMs = 60_000;
export const windowMs = 15 * minuteMs;
export const thresholds = { windowMinutes: 15, minimumConnections: 3, minimumShare: 0.2, holdMinutes: 15 };

export const revoked: Omit<Failure, 'at'> = {
  class: 'dead',
  error: 'invalid_grant',
  description: 'expired access/refresh token',
};

export interface Failed {
  readonly at?: number;
  readonly failure?: Omit<Failure, 'at'>;
  readonly refreshes?: number;
  readonly org?: number;
}

export function failing(n: number, { at = noon, failure = revoked, refreshes = 3, org = 1 }: Failed = {}): Connection {
  const grant = aGrant(`grant-${n}`, { refreshes, refreshedAt: noon - 90 * minuteMs, lastFailure: { ...failure, at } });
  return aConnection(n, { org }, { failingSince: at, grant, nextRefreshAt: at + 3_600_000 });
}

/** Refreshed at the window's end, or whenever. */
export function working(n: number, refreshedAt: number = noon, org = 1): Connection {
  const grant = aGrant(`grant-${n}`, { refreshes: 3, refreshedAt });
  return aConnection(n, { org }, { grant, nextRefreshAt: refreshedAt + 90 * minuteMs });
}

export function untried(n: number, org = 1): Connection {
  return working(n, noon - 60 * minuteMs, org);
}

export function many(count: number, from: number, make: (n: number) => Connection): Connection[] {
  return Array.from({ length: count }, (_, index) => make(from + index));
}

export function anOrgWatch(change: Partial<Watch> = {}, org = 1): Watch {
  const place = { app: 'crm', orgId: orgId(org) };
  return {
    version: 1,
    revision: 1,
    writeId: 'w',
    id: orgWatchId(place.app, place.orgId),
    kind: 'org',
    ...place,
    activeAt: noon,
    failedAt: noon,
    duties: {},
    ...change,
  };
}
