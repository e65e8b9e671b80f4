/** An alert of a single connection, composed from its duty. The text says who must do what. */
import type { Alert } from './alert.ts';
import { alertWords, revocationGivenUpWords } from './alert-words.ts';
import type { Connection } from './connection.ts';
import type { AlertDuty } from './duty.ts';
import { askOf, errorWords } from './error-table.ts';
import type { Failure } from './grant.ts';
import { revocationGivenUp } from './revocation.ts';
import { rfc3339 } from './rfc3339.ts';

export function composeAlert(connection: Connection, duty: AlertDuty): Alert {
  const givenUp = duty.cause === revocationGivenUp;
  const { severity, summary, remedy } = givenUp ? revocationGivenUpWords : alertWords[duty.type];
  const failure = givenUp ? undefined : connection.grant?.lastFailure;
  const evidence =
    failure === undefined || duty.type === 'connection_recovered'
      ? []
      : [`${rfc3339(failure.at)} ${failure.error}: ${failure.description}`];
  return {
    version: 1,
    id: duty.alertId,
    type: duty.type,
    severity,
    app: connection.app,
    org_id: connection.orgId,
    connection_ids: [connection.id],
    opened_at: rfc3339(duty.since),
    summary: `${connection.id}: ${summary}`,
    cause: duty.cause,
    evidence,
    remedy:
      duty.type === 'admin_action_required' && failure !== undefined ? failureRemedy(connection, failure) : remedy,
    counts: { connections: 1 },
  };
}

function failureRemedy({ flow }: Connection, { error, description }: Failure): string {
  const { remedy } = errorWords(error, description, askOf(flow));
  const next = flow === 'authorization_code' ? 'The refresh token is kept and tried again' : 'A login is tried again';
  return `${remedy} ${next}; nothing is to be authorized again.`;
}
