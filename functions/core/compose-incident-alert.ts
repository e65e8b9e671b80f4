/** An alert of the whole deployment, composed from its duty and what was found when the incident opened. */
import type { Alert } from './alert.ts';
import { alertWords } from './alert-words.ts';
import type { AlertDuty } from './duty.ts';
import type { Incident } from './incident.ts';
import { rfc3339 } from './rfc3339.ts';

export function composeIncidentAlert({ finding }: Incident, duty: AlertDuty): Alert {
  return {
    version: 1,
    id: duty.alertId,
    type: duty.type,
    ...alertWords[duty.type],
    app: '',
    org_id: '',
    connection_ids: finding?.connectionIds ?? [],
    opened_at: rfc3339(duty.since),
    cause: duty.cause,
    evidence: finding?.evidence ?? [],
    counts: finding?.counts ?? {},
  };
}
