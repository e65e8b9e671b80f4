/**
 * Of a connection that is kept out (`admin_action_required`): Salesforce names the reason itself, and the table of errors
 * says what it means and who must do what. It has no rule of evidence: the answer is the evidence.
 */

import type { Connection } from '../connection.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { askOf, classOf, type ErrorRow, errorTable, wordsOf } from '../error-table.ts';
import { rfc3339 } from '../rfc3339.ts';
import { causeOf } from '../settle-refusal.ts';

export const adminPage = 'docs/causes/admin_action_required.md';
export const identityPage = 'docs/causes/identity_changed.md';
export const identityChanged = 'identity_changed';

export function diagnoseRefusal(connection: Connection): Diagnosis {
  return connection.cause === identityChanged ? anotherIdentity(connection) : ofTable(connection);
}

function ofTable(connection: Connection): Diagnosis {
  const { flow, grant, cause = 'admin_action_required' } = connection;
  const ask = askOf(flow);
  const row = errorTable.find((one) => classOf(one, ask) === 'admin' && causeOf(withDescription(one)) === cause);
  const { actor, remedy, meaning } = row === undefined ? unnamed : wordsOf(row, ask);
  const failure = grant?.lastFailure;
  const answered =
    failure?.class === 'admin' ? `Salesforce answered ${said(failure)} at ${rfc3339(failure.at)}.` : undefined;
  return {
    cause,
    // Most of these answers are reported, not documented (facts §4).
    confidence: row === undefined ? 'possible' : 'likely',
    evidence: [answered ?? `Salesforce answered ${cause}, and has not been heard since.`, meaning],
    actor,
    remedy: `${remedy} ${keptWords(connection)}`,
    page: adminPage,
  };
}

/** Our own observation: nothing is concluded. */
function anotherIdentity({ userId, orgId, grant }: Connection): Diagnosis {
  const at = grant === undefined ? '' : ` at ${rfc3339(grant.refreshedAt)}`;
  return {
    cause: identityChanged,
    confidence: 'certain',
    evidence: [`The refresh${at} was answered for another org or user than ${userId} of org ${orgId}.`],
    actor: 'operator',
    remedy:
      "Its access token is not served. Find out with the org's Salesforce administrator whether the user was moved or the sandbox copied anew; then open a new connect link and authorize again.",
    page: identityPage,
  };
}

const unnamed: Pick<ErrorRow, 'actor' | 'remedy' | 'meaning'> = {
  actor: 'administrator',
  meaning: "The org's settings keep the app out.",
  remedy: "Look at the app's policies and the user in Setup.",
};

function withDescription({ error, description = '' }: ErrorRow): { error: string; description: string } {
  return { error, description };
}

function said({ error, description }: { error: string; description: string }): string {
  return description === '' ? error : `${error}: "${description}"`;
}

function keptWords({ flow }: Connection): string {
  const next = flow === 'authorization_code' ? 'The refresh token is kept and tried again' : 'A login is tried again';
  return `${next}; nothing is to be authorized again.`;
}
