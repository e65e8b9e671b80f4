/** An alert of a connect session: of a grant that it obtained, that we did not keep, and that could not be revoked. */
import type { Alert } from './alert.ts';
import { revocationGivenUpWords } from './alert-words.ts';
import type { AlertDuty } from './duty.ts';
import { rfc3339 } from './rfc3339.ts';
import type { Session } from './session.ts';

export function composeSessionAlert(session: Session, duty: AlertDuty): Alert {
  const { severity, summary, remedy } = revocationGivenUpWords;
  return {
    version: 1,
    id: duty.alertId,
    type: duty.type,
    severity,
    app: session.app,
    org_id: session.identity?.orgId ?? session.expectedOrgId ?? '',
    connection_ids: [],
    opened_at: rfc3339(duty.since),
    summary: `${session.app}: ${summary}`,
    cause: duty.cause,
    evidence: [
      `Tenant ${session.tenant}, integration ${session.integration}, connect session of ${rfc3339(session.createdAt)}: ${session.error?.code ?? 'refused'}.`,
    ],
    remedy,
    counts: { grants: 1 },
  };
}
