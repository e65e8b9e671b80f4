/** What to do about an incident of an org or a fleet, by its cause, with the page that says more. */

import type { Flow } from './connection.ts';
import { appWideRevocation } from './diagnosis/app-wide-revocation.ts';
import { expiredImmediately } from './diagnosis/expired-immediately.ts';
import { orgWideRevocation } from './diagnosis/org-wide-revocation.ts';
import { adminPage } from './diagnosis/refused-by-org.ts';
import { pageOf } from './diagnosis.ts';
import { askOf, classOf, errorTable, wordsOf } from './error-table.ts';
import { causeOf } from './settle-refusal.ts';
import { forActor } from './who-acts.ts';

export const outageCause = 'salesforce_unavailable';

const remedies: Readonly<Record<string, string>> = {
  org_wide_revocation: orgWideRevocation.remedy,
  app_wide_revocation: appWideRevocation.remedy,
  expired_immediately: forActor(expiredImmediately.actor, expiredImmediately.remedy),
  user_deactivated_or_password_changed:
    "Ask the org's Salesforce administrator what happened to these users, before anybody authorizes again: Setup > Users (active, not frozen, not locked), Setup > Login History, Setup > View Setup Audit Trail (were passwords reset for all?). Set that right, or choose other users; then each authorizes again.",
  [outageCause]:
    'Wait; https://status.salesforce.com may say more. No token is lost and nothing is to be authorized again: everything is tried again by itself.',
};

/** Nobody can authorize again there: what was ended is an app's place in an org, and logins are tried again. */
const withoutBrowser: Readonly<Record<string, string>> = {
  app_wide_revocation:
    "Look at the app before you ask customers: in the org that owns it, Setup > External Client App Manager > the app (are its flow, certificate and policies as they were?), Setup > View Setup Audit Trail, and Salesforce's messages to the app's publisher (was it blocked?). Logins are tried again by themselves; nothing is to be authorized again.",
};

/** @param flow the app's: what is mended in one flow by authorizing again is mended otherwise in another */
export function remedyOfIncident(cause: string, flow: Flow): string {
  const known = (flow === 'authorization_code' ? undefined : withoutBrowser[cause]) ?? remedies[cause];
  if (known !== undefined) return `${known} More: ${pageOf(cause)}`;
  const ask = askOf(flow);
  const row = errorTable.find(
    (one) =>
      classOf(one, ask) === 'admin' && causeOf({ error: one.error, description: one.description ?? '' }) === cause,
  );
  const remedy =
    row === undefined
      ? "Ask the org's Salesforce administrator to look at the app's policies."
      : forActor('administrator', wordsOf(row, ask).remedy);
  const next = flow === 'authorization_code' ? 'The tokens are kept and tried again' : 'Logins are tried again';
  return `${remedy} ${next}; nothing is to be authorized again. More: ${adminPage}`;
}
