/** What an adoption of a copied table gave up (`adopt.ts`): its tokens are of a backup, and newer ones may live elsewhere. */
import type { Connection } from './connection.ts';

/** The cause of `reauthorization_required`. Leaves with the next authorization. */
export const restoredBackup = 'restored_backup';

/** Nothing that is done with its tokens may reach Salesforce. */
export function isGivenUp({ status, cause }: Pick<Connection, 'status' | 'cause'>): boolean {
  return status === 'reauthorization_required' && cause === restoredBackup;
}
