/**
 * What a reader gets from a connection as it stands: its token, a wait, a refresh, or the reason why not.
 *
 * A token that lives is served, whatever its refresh is doing. One that Salesforce rejected is never served again.
 */

import { isServable, mayStillLive } from './cadence.ts';
import type { Connection } from './connection.ts';
import { askOf, errorWords } from './error-table.ts';
import { isGivenUp } from './given-up.ts';
import { type Grant, generationOf, leaseLives, ownerGaveUp } from './grant.ts';
import type { RefreshRequest } from './ports.ts';
import type { Problem } from './problem.ts';
import { refreshLimited, take } from './rejection-bucket.ts';
import { rfc3339 } from './rfc3339.ts';

export type ReadDecision =
  /** `stale`: past its time, and handed out only because Salesforce fails. */
  | { readonly kind: 'serve'; readonly grant: Grant; readonly stale: boolean }
  /** A refresh is in flight: its owner's token will do. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'refresh'; readonly request: RefreshRequest }
  | { readonly kind: 'problem'; readonly problem: Problem };

export function decideRead(connection: Connection, now: number): ReadDecision {
  const { grant, status } = connection;
  if (status === 'disconnected' || grant === undefined) return { kind: 'problem', problem: disconnected(connection) };
  if (status === 'reauthorization_required') {
    return { kind: 'problem', problem: reauthorizationRequired(connection, grant) };
  }
  if (isServable(grant, now)) return { kind: 'serve', grant, stale: false };
  if (leaseLives(grant, now)) {
    return ownerGaveUp(grant) ? staleOrPending(connection, grant, now) : { kind: 'wait' };
  }
  const due = connection.nextRefreshAt !== undefined && connection.nextRefreshAt <= now;
  if (status === 'admin_action_required' && !due) {
    return { kind: 'problem', problem: adminActionRequired(connection, grant) };
  }
  if (grant.failures > 0 && !due) return staleOrPending(connection, grant, now);
  const reason = grant.rejectedRefreshes === grant.refreshes ? 'rejected' : 'stale';
  const request = { version: 1, connectionId: connection.id, generation: generationOf(grant), reason } as const;
  return { kind: 'refresh', request };
}

/** What a reader gets while no newer token can be had. */
export function staleOrPending(
  connection: Connection,
  grant: Grant,
  now: number,
): Extract<ReadDecision, { kind: 'serve' | 'problem' }> {
  if (mayStillLive(grant, now)) return { kind: 'serve', grant, stale: true };
  return { kind: 'problem', problem: refreshPending(connection, grant, now) };
}

/** Salesforce did not give a token yet; when the next try is due. */
export function refreshPending(connection: Connection, grant: Grant, now: number): Problem {
  const { nextRefreshAt } = connection;
  const { lastFailure } = grant;
  const afterMs = nextRefreshAt === undefined ? 0 : nextRefreshAt - now;
  const seconds = Math.min(3_600, Math.max(1, Math.ceil(afterMs / 1_000)));
  const detail =
    lastFailure === undefined
      ? 'The access token ended and its refresh is still under way.'
      : `The last refresh failed at ${rfc3339(lastFailure.at)} (${lastFailure.error}: ${lastFailure.description}); ${triedAgain(connection)}.`;
  return { code: 'refresh_pending', retryAfterSeconds: seconds, detail: `${detail} Ask again in ${seconds} s.` };
}

function triedAgain({ flow }: Connection): string {
  return flow === 'authorization_code' ? 'the refresh token is kept and tried again' : 'a new login is tried';
}

function reauthorizationRequired(connection: Connection, { lastFailure }: Grant): Problem {
  const seen = lastFailure === undefined ? '' : ` (${lastFailure.error}: ${lastFailure.description})`;
  const why = isGivenUp(connection)
    ? `The table was restored from a backup, which lacks the newest tokens of ${connection.id}.`
    : `Salesforce refuses the refresh token of ${connection.id} for good${seen}.`;
  return {
    code: 'reauthorization_required',
    detail: `${why} Begin a connect session with the body in "connect" and send the user its link.`,
    members: { cause: connection.cause ?? 'revoked_or_unknown' },
  };
}

function adminActionRequired(connection: Connection, { lastFailure, identityChanged }: Grant): Problem {
  const identity = identityChanged === true;
  const seen = lastFailure === undefined ? 'It' : `${lastFailure.error}: ${lastFailure.description}. It`;
  return {
    code: 'admin_action_required',
    detail: identity
      ? `Salesforce answered the refresh of ${connection.id} with another org or user; that token is not handed out.`
      : `The org's settings keep ${connection.id} out. ${seen} is tried again by itself; nothing is to be authorized again.`,
    members: {
      cause: identity ? 'identity_changed' : (connection.cause ?? 'unknown'),
      remedy: identity
        ? 'Connect the integration again; tell Salesforce support if you did not move the user.'
        : errorWords(lastFailure?.error ?? '', lastFailure?.description ?? '', askOf(connection.flow)).remedy,
    },
  };
}

function disconnected({ id, flow, disconnectedAt, forgottenAt }: Connection): Problem {
  const isForgotten = forgottenAt !== undefined && forgottenAt === disconnectedAt;
  const when = disconnectedAt === undefined ? '' : ` at ${rfc3339(disconnectedAt)}`;
  const at = isForgotten ? `${when}, when the data keys of its org were deleted` : when;
  const again = flow === 'authorization_code' ? 'Begin a connect session' : 'POST /connections';
  return { code: 'disconnected', detail: `${id} was disconnected${at}. ${again} to connect it again.` };
}

/** The one small mark per refresh cycle that tells a connection in use from an idle one. */
export function decideReadMark(connection: Connection): Connection | undefined {
  const { grant, nextRefreshAt } = connection;
  if (grant === undefined || grant.readRefreshes === grant.refreshes) return undefined;
  const calm = grant.failures === 0 && grant.lease === undefined && nextRefreshAt !== undefined;
  return {
    ...connection,
    grant: { ...grant, readRefreshes: grant.refreshes },
    nextRefreshAt: calm ? Math.min(nextRefreshAt, grant.refreshAfter) : nextRefreshAt,
  };
}

export type RejectionDecision =
  | { readonly kind: 'reject'; readonly after: Connection }
  /** Another token than the stored one, or rejected before: nothing is drawn. */
  | { readonly kind: 'known' }
  | { readonly kind: 'limited'; readonly problem: Problem };

/** Salesforce refused the access token with this hash: if it is the stored one, nobody is served it again. */
export function decideRejection(connection: Connection, accessTokenSha256: string, now: number): RejectionDecision {
  const { grant } = connection;
  if (grant === undefined || grant.accessTokenSha256 !== accessTokenSha256) return { kind: 'known' };
  if (grant.rejectedRefreshes === grant.refreshes) return { kind: 'known' };
  const draw = take(connection.rejections, now);
  if (draw.kind === 'limited') {
    return { kind: 'limited', problem: refreshLimited(connection.id, draw.retryAfterSeconds) };
  }
  const rejected = { ...grant, rejectedRefreshes: grant.refreshes };
  return { kind: 'reject', after: { ...connection, rejections: draw.bucket, grant: rejected } };
}
