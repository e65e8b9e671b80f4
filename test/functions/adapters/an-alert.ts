/** An alert as it is published, of a single connection. */
import type { Alert } from '../../../functions/core/alert.ts';

export function anAlert(change: Partial<Alert> = {}): Alert {
  return {
    version: 1,
    id: 'alert-1',
    type: 'reauthorization_required',
    severity: 'critical',
    app: 'crm',
    org_id: '00D5e000001abcdEAA',
    connection_ids: ['crm.00D5e000001abcdEAA.0055e000001abcdEAA'],
    opened_at: '2026-11-21T00:00:00.000Z',
    summary: 'A user of Müller & Co must authorize again',
    cause: 'revoked_or_unknown',
    evidence: ['refused twice: expired access/refresh token'],
    remedy: 'Send the user a new connect link.',
    counts: { connections: 1 },
    ...change,
  };
}
