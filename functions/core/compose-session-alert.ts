/** An alert of a connect session: of a grant that it obtained, that we did not keep, and that could not be revoked. */
import type { Alert } from './alert.ts';
import { alertFrame } from './alert-frame.ts';
import { revocationGivenUpWords } from './alert-words.ts';
import type { AlertDuty } from './duty.ts';
import { rfc3339 } from './rfc3339.ts';
import type { Session } from './session.ts';

export function composeSessionAlert(session: Session, duty: AlertDuty): Alert {
  const { severity, summary, remedy } = revocationGivenUpWords;
  return {
    ...alertFrame(duty, { app: session.app, orgId: session.identity?.orgId ?? session.expectedOrgId }),
    severity,
    summary: `${session.app}: ${summary}`,
    evidence: [
      `Tenant ${session.tenant}, integration ${session.integration}, connect session of ${rfc3339(session.createdAt)}: ${session.error?.code ?? 'refused'}.`,
    ],
    remedy,
    counts: { grants: 1 },
  };
}
