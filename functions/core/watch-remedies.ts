/** What to do about an incident of an org or a fleet, by its cause, with the page that says more. */

import { appWideRevocation } from './diagnosis/app-wide-revocation.ts';
import { expiredImmediately } from './diagnosis/expired-immediately.ts';
import { orgWideRevocation } from './diagnosis/org-wide-revocation.ts';
import { adminPage } from './diagnosis/refused-by-org.ts';
import { pageOf } from './diagnosis.ts';
import { errorTable } from './error-table.ts';
import { causeOf } from './settle-refusal.ts';

export const outageCause = 'salesforce_unavailable';

const remedies: Readonly<Record<string, string>> = {
  org_wide_revocation: orgWideRevocation.remedy,
  app_wide_revocation: appWideRevocation.remedy,
  expired_immediately: expiredImmediately.remedy,
  user_deactivated_or_password_changed:
    "Ask the org's Salesforce administrator what happened to these users, before anybody authorizes again: Setup > Users (active, not frozen, not locked), Setup > Login History, Setup > View Setup Audit Trail (were passwords reset for all?). Set that right, or choose other users; then each authorizes again.",
  [outageCause]:
    'Wait; https://status.salesforce.com may say more. No token is lost and nothing is to be authorized again: everything is tried again by itself.',
};

export function remedyOfIncident(cause: string): string {
  const known = remedies[cause];
  if (known !== undefined) return `${known} More: ${pageOf(cause)}`;
  const row = errorTable.find(({ error, description = '' }) => causeOf({ error, description }) === cause);
  const remedy = row?.remedy ?? "Ask the org's Salesforce administrator to look at the app's policies.";
  return `${remedy} The tokens are kept and tried again; nothing is to be authorized again. More: ${adminPage}`;
}
