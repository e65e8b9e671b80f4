/** The alert of an org whose tokens come near their idle limit together: how many, when, and what keeps them from refreshing. */
import type { Alert } from './alert.ts';
import { alertFrame } from './alert-frame.ts';
import { expiryWords } from './alert-words.ts';
import { hoursLeft, refreshRemedy } from './compose-expiry-alert.ts';
import { counted } from './counted.ts';
import type { AlertDuty } from './duty.ts';
import { tokenEndCauses } from './expiry-ahead.ts';
import type { Ending } from './idle-notice.ts';
import { rfc3339 } from './rfc3339.ts';
import { errorsOf } from './spike-cause.ts';
import type { Watch } from './watch.ts';

const connectionsNamed = 5;

/** @param ending the first one first. `undefined`: nothing is to be told any more */
export function composeIdleNotice(watch: Watch, duty: AlertDuty, ending: readonly Ending[]): Alert | undefined {
  const { app, orgId = '' } = watch;
  const [first] = ending;
  const last = ending.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const { severity, remedy } = expiryWords[tokenEndCauses.idle];
  const failing = ending.map(({ connection }) => connection).filter(({ grant }) => (grant?.failures ?? 0) > 0);
  const unsent = ending.length - failing.length;
  return {
    ...alertFrame(duty, watch),
    severity,
    connection_ids: ending.slice(0, connectionsNamed).map(({ connection }) => connection.id),
    summary: `${app}, org ${orgId}: the refreshes of ${counted(ending.length, 'connection')} fail, and Salesforce ends refresh tokens that are not used for long. The first one ends at ${rfc3339(first.at)}.`,
    cause: tokenEndCauses.idle,
    evidence: [
      `The first of them was last refreshed at ${rfc3339(first.connection.grant?.refreshedAt ?? first.connection.authorizedAt)}; they end from ${rfc3339(first.at)} to ${rfc3339(last.at)}, by the limit that the configuration states (apps.${app}.idleLimitDays).`,
      ...errorsOf(failing),
      ...(unsent === 0 ? [] : [`Of ${counted(unsent, 'connection')} no refresh was sent since.`]),
    ],
    remedy: `${refreshRemedy(first.connection, first.connection.grant?.lastFailure)} ${remedy}`,
    counts: { connections: ending.length, hours_left: hoursLeft(first.at, duty) },
  };
}
