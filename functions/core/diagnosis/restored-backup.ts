/**
 * `restored_backup`: the table was restored from a backup, and this connection's refresh token had been replaced since
 * (`adopt.ts`). Our own doing, written by `adopt-restore`: nothing is concluded.
 */

import type { Connection } from '../connection.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { restoredBackup } from '../given-up.ts';
import { rfc3339 } from '../rfc3339.ts';

export const restoredPage = 'docs/causes/restored_backup.md';

export function diagnoseRestored({ grant, authorizedAt }: Connection): Diagnosis {
  const newest = grant?.refreshedAt ?? authorizedAt;
  return {
    cause: restoredBackup,
    confidence: 'certain',
    evidence: [
      `The table was restored from a backup. The newest token in it is of ${rfc3339(newest)}; Salesforce replaced that one later, or may have.`,
      'The old refresh token was taken out of the table: to use it would have ended the grant that replaced it.',
    ],
    actor: 'user',
    remedy:
      'Ask the user to authorize again: POST /connect-sessions with connection_id. A grant that nobody holds may live on at Salesforce until it is revoked in Setup, OAuth Usage.',
    page: restoredPage,
  };
}
