/** An alert of an app, composed from its duty: what Salesforce refuses, and what the operator must set right. */
import type { Alert } from './alert.ts';
import { alertWords } from './alert-words.ts';
import type { AppState } from './circuit.ts';
import type { AlertDuty } from './duty.ts';
import { errorRow, unknownError } from './error-table.ts';
import { rfc3339 } from './rfc3339.ts';

export function composeAppAlert({ id: app, lastFailure }: AppState, duty: AlertDuty): Alert {
  const { severity, summary, remedy } = alertWords[duty.type];
  const row = lastFailure === undefined ? unknownError : errorRow(lastFailure.error, lastFailure.description);
  return {
    version: 1,
    id: duty.alertId,
    type: duty.type,
    severity,
    app,
    org_id: '',
    connection_ids: [],
    opened_at: rfc3339(duty.since),
    summary: `${app}: ${summary}`,
    cause: duty.cause,
    evidence:
      lastFailure === undefined
        ? []
        : [`${rfc3339(lastFailure.at)} ${lastFailure.error}: ${lastFailure.description}`.trimEnd(), row.meaning],
    remedy: row === unknownError ? remedy : `${row.remedy} Every token is kept; nothing is to be authorized again.`,
    counts: { refusals: 1 },
  };
}
