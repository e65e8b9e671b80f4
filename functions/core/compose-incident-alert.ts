/** An alert of the whole deployment, composed from its duty and what was found when the incident opened. */
import type { Alert } from './alert.ts';
import { alertFrame } from './alert-frame.ts';
import { alertWords } from './alert-words.ts';
import type { AlertDuty } from './duty.ts';
import type { Incident } from './incident.ts';

export function composeIncidentAlert({ finding }: Incident, duty: AlertDuty): Alert {
  return {
    ...alertFrame(duty, { app: '' }),
    ...alertWords[duty.type],
    connection_ids: finding?.connectionIds ?? [],
    evidence: finding?.evidence ?? [],
    counts: finding?.counts ?? {},
  };
}
