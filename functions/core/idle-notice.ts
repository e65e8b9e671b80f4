/**
 * Tokens of one org that come near their idle limit together: an org that keeps the app out does so for all of its
 * connections, and that is one warning for the org and not one for each of them. The org's watch remembers up to which end it
 * was warned; what ends later is warned of in its own time.
 *
 * How long a token has idled is known when the warning is written: whoever is covered by it idled by then for most of the
 * limit, so nobody can come under it afterwards and be left out.
 */
import type { Connection } from './connection.ts';
import type { AlertDuty } from './duty.ts';
import { isDoomed, noticeMsOf, type TokenLimits, tokenEndAt, tokenEndCauses } from './expiry-ahead.ts';
import type { OrgOf } from './touch-watch.ts';
import { newOrgWatch } from './touch-watch.ts';
import type { IdleNotice, Watch } from './watch.ts';

export interface Ending {
  readonly connection: Connection;
  readonly at: number;
}

export type IdleLimits = TokenLimits & { readonly idleMs: number };

/** Of a warning that goes out now: what ends in its notice, and in the one after it. */
export function coveredUntil({ idleMs }: IdleLimits, now: number): number {
  return now + 2 * noticeMsOf(idleMs);
}

export function isCovered(notice: IdleNotice | undefined, at: number): boolean {
  return notice !== undefined && at <= notice.until;
}

/** Who ends by then; the first one first. */
export function endingBy(connections: readonly Connection[], limits: TokenLimits, until: number): readonly Ending[] {
  return connections
    .flatMap((connection): Ending[] => {
      const { grant } = connection;
      if (grant === undefined || isDoomed(connection, grant)) return [];
      const at = tokenEndAt(connection, grant, 'idle', limits);
      return at === undefined || at > until ? [] : [{ connection, at }];
    })
    .sort((a, b) => a.at - b.at || (a.connection.id < b.connection.id ? -1 : 1));
}

/** The watch that warns of the whole org; `undefined`: another process's warning covers this end already. */
export function withIdleNotice(
  watch: Watch | undefined,
  org: OrgOf,
  endsAt: number,
  limits: IdleLimits,
  now: number,
): Watch | undefined {
  if (isCovered(watch?.idleNotice, endsAt)) return undefined;
  const known = watch ?? newOrgWatch(org, now);
  const until = coveredUntil(limits, now);
  const alertId = `${known.id}.idle.${until}`;
  const cause = tokenEndCauses.idle;
  const duty: AlertDuty = {
    kind: 'alert',
    alertId,
    type: 'expiry_approaching',
    cause,
    since: now,
    dueAt: now,
    tries: 0,
  };
  return { ...known, idleNotice: { at: now, until }, duties: { ...known.duties, [`alert.${alertId}`]: duty } };
}
