/**
 * The alert of a refresh token that ends soon, composed from its duty when it is due: what is to be done before, and by
 * whom. Nothing is said of a token that was used or replaced meanwhile, or is dead: that has another alert, or needs none.
 */
import type { Alert } from './alert.ts';
import { alertFrame } from './alert-frame.ts';
import { expiryWords } from './alert-words.ts';
import type { Connection } from './connection.ts';
import { inWords } from './duration-words.ts';
import type { AlertDuty } from './duty.ts';
import { askOf, errorWords } from './error-table.ts';
import { type TokenEnd, tokenEndCauses, warningOf } from './expiry-ahead.ts';
import { failureWords } from './failure-words.ts';
import type { Failure, Grant } from './grant.ts';
import { rfc3339 } from './rfc3339.ts';

/** `undefined`: nothing is to be told any more. */
export function composeExpiryAlert(connection: Connection, duty: AlertDuty): Alert | undefined {
  const { grant } = connection;
  const warning = warningOf(connection, duty);
  if (grant === undefined || warning === undefined) return undefined;
  const { end, at } = warning;
  const { severity, summary, remedy } = expiryWords[tokenEndCauses[end]];
  const causesFailing = end === 'idle' ? `${refreshRemedy(connection, grant.lastFailure)} ` : '';
  return {
    ...alertFrame(duty, connection),
    connection_ids: [connection.id],
    severity,
    summary: `${connection.id}: ${summary} That is at ${rfc3339(at)}.`,
    cause: tokenEndCauses[end],
    evidence: end === 'idle' ? idleEvidence(connection, grant, at) : lifetimeEvidence(connection, grant, at),
    remedy: `${causesFailing}${remedy}`,
    counts: { connections: 1, hours_left: hoursLeft(at, duty) },
  };
}

const hourMs = 3_600_000;

export function hoursLeft(at: number, { since }: AlertDuty): number {
  return Math.max(0, Math.floor((at - since) / hourMs));
}

function idleEvidence({ app, authorizedAt }: Connection, grant: Grant, at: number): readonly string[] {
  const { refreshes, refreshedAt, failures, lastFailure } = grant;
  const used = refreshes === 0 ? `It was authorized at ${rfc3339(authorizedAt)}, and not refreshed since` : undefined;
  return [
    `${used ?? `The last refresh that succeeded was at ${rfc3339(refreshedAt)}`}; ${limitOf(app, 'idle', at - refreshedAt)}.`,
    lastFailure === undefined || failures === 0
      ? 'Since then no refresh was sent: Salesforce refuses the app, its client secret cannot be read, or the refreshes are behind.'
      : `Since then ${failures} in a row failed, the last at ${wordsOf(lastFailure)}.`,
  ];
}

function lifetimeEvidence({ app, authorizedAt }: Connection, { lastFailure }: Grant, at: number): readonly string[] {
  return [
    `It was authorized at ${rfc3339(authorizedAt)}; ${limitOf(app, 'lifetime', at - authorizedAt)}.`,
    ...(lastFailure === undefined ? [] : [`Its last refresh failed at ${wordsOf(lastFailure)}.`]),
  ];
}

function limitOf(app: string, end: TokenEnd, limitMs: number): string {
  return `the configuration states a limit of ${inWords(limitMs)} (apps.${app}.${end}LimitDays)`;
}

function wordsOf(failure: Failure): string {
  return `${rfc3339(failure.at)}: ${failureWords(failure)}`;
}

/** What keeps its refreshes from succeeding is what is to be mended. */
export function refreshRemedy({ flow }: Connection, failure: Failure | undefined): string {
  if (failure === undefined) return 'Look for an alert app_misconfigured or refresh_backlog, and do what it says.';
  if (failure.class !== 'transient' && failure.class !== 'busy') {
    return errorWords(failure.error, failure.description, askOf(flow)).remedy;
  }
  return 'It is tried again by itself: see on https://status.salesforce.com whether Salesforce works, and in the log of the function refresh whether it is reached.';
}
