/** An alert of a single connection, composed from its duty. The text says who must do what. */
import type { Alert } from './alert.ts';
import type { Connection } from './connection.ts';
import type { AlertDuty } from './duty.ts';
import { errorRow } from './error-table.ts';
import type { Failure } from './grant.ts';
import { rfc3339 } from './rfc3339.ts';

const words: Readonly<Record<AlertDuty['type'], { severity: Alert['severity']; summary: string; remedy: string }>> = {
  reauthorization_required: {
    severity: 'critical',
    summary: 'Salesforce refuses the refresh token for good; the integration stops when the access token ends.',
    remedy: 'Ask the user to authorize again: POST /connect-sessions with reauthorize, and send them the link.',
  },
  admin_action_required: {
    severity: 'warning',
    summary: "The org's settings keep the app out; the refresh token is kept and tried again.",
    remedy:
      "Ask the org's Salesforce administrator to look at the app's policies and the user; nothing is to be authorized again.",
  },
  connection_recovered: {
    severity: 'info',
    summary: 'The connection works again.',
    remedy: 'Nothing is to be done.',
  },
};

export function composeAlert(connection: Connection, duty: AlertDuty): Alert {
  const { severity, summary, remedy } = words[duty.type];
  const failure = connection.grant?.lastFailure;
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
    remedy: duty.type === 'admin_action_required' && failure !== undefined ? failureRemedy(failure) : remedy,
    counts: { connections: 1 },
  };
}

function failureRemedy({ error, description }: Failure): string {
  return `${errorRow(error, description).remedy} The refresh token is kept and tried again; nothing is to be authorized again.`;
}
