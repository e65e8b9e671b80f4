/** A connection whose refresh token may end, what is warned of it, and the spans of time of such tests. */
import type { Connection } from '../../../functions/core/connection.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Looked at next in an hour. */
export function anExpiringConnection(change: Partial<Connection> = {}, grant: Partial<Grant> = {}): Connection {
  return aConnection(1, {}, { nextRefreshAt: noon + hourMs, ...change, grant: aGrant('g', grant) });
}

export const failed = (kind = 'transient') => ({ at: noon, class: kind, error: 'e', description: 'd' });
export const warnings = ({ duties }: Connection) =>
  Object.values(duties).filter((duty) => duty.kind === 'alert' && duty.type === 'expiry_approaching') as AlertDuty[];
