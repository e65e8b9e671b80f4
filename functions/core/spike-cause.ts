/**
 * What ended an org's connections together, as far as the errors say, with the evidence for it. A cause of the org, not of
 * its connections: each of those is diagnosed by itself.
 */

import type { Connection } from './connection.ts';
import { failureWords } from './failure-words.ts';
import type { FailingConnection, OrgTally } from './org-tally.ts';
import { rfc3339 } from './rfc3339.ts';
import { causeOf } from './settle-refusal.ts';

/** Of the failing ones, so many as it takes to call them a policy's. */
const immediateShare = 2 / 3;
const errorsNamed = 4;

export function causeOfSpike({ failing, tried }: Pick<OrgTally, 'failing' | 'tried'>): string {
  const of = (holds: (one: FailingConnection) => boolean) => failing.filter(holds).length;
  if (of(isAuthenticationFailure) * 2 > failing.length) return 'user_deactivated_or_password_changed';
  const admin = failing.filter(({ grant }) => grant?.lastFailure?.class === 'admin');
  if (admin.length * 2 > failing.length) return mostOf(admin.map((one) => causeOf(one.grant?.lastFailure ?? noError)));
  return isPolicy(failing, tried) ? 'expired_immediately' : 'org_wide_revocation';
}

/** The policy is the app's in that org: where it ends tokens at their first use, it spares nobody. */
function isPolicy(failing: readonly FailingConnection[], tried: number): boolean {
  return failing.length > 0 && tried <= failing.length && neverRefreshed(failing) >= failing.length * immediateShare;
}

function neverRefreshed(failing: readonly FailingConnection[]): number {
  return failing.filter(({ grant }) => grant?.refreshes === 0).length;
}

export function evidenceOfSpike({ failed, tried, size, failing }: OrgTally, windowMs: number): readonly string[] {
  const first = failing[0];
  const last = failing.at(-1);
  const minutes = Math.round(windowMs / 60_000);
  const counted = `Of ${size} connections, ${tried} were tried within ${minutes} minutes, and ${failed} of them fail newly.`;
  const when =
    first === undefined || last === undefined
      ? []
      : [`First failure ${rfc3339(first.failingSince)}, last one ${rfc3339(last.failingSince)}.`];
  return [counted, ...when, ...errorsOf(failing), ...policyWords(failing, tried)];
}

/** Salesforce does not say so: whoever reads the cause must see how little it rests on. */
function policyWords(failing: readonly FailingConnection[], tried: number): readonly string[] {
  if (causeOfSpike({ failing, tried }) !== 'expired_immediately') return [];
  return [
    `${neverRefreshed(failing)} of these ${failing.length} were refused at their very first refresh, and none of the org was refreshed meanwhile: likely the policy. If they worked before, somebody revoked them all.`,
  ];
}

/** The errors, the most frequent first. */
export function errorsOf(failing: readonly Pick<Connection, 'grant'>[]): readonly string[] {
  const texts = failing.flatMap(({ grant }) => {
    const failure = grant?.lastFailure;
    return failure === undefined ? [] : [failureWords(failure)];
  });
  const counts = Object.entries(countOf(texts)).sort(([, a], [, b]) => b - a);
  return counts.slice(0, errorsNamed).map(([text, count]) => `${count} × ${text}`);
}

const noError = { error: 'unknown', description: '' };

/** Of a login without a browser it is a matter of the administrator (`error-table.ts`), and named as such. */
function isAuthenticationFailure({ grant }: FailingConnection): boolean {
  return (
    grant?.lastFailure?.class === 'dead' &&
    grant.lastFailure.description.trim().toLowerCase() === 'authentication failure'
  );
}

function mostOf(causes: readonly string[]): string {
  const [first] = Object.entries(countOf(causes)).sort(([, a], [, b]) => b - a);
  return first?.[0] ?? 'admin_action_required';
}

function countOf(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Object.fromEntries(counts);
}
