/**
 * Salesforce's own list of a user's grants beside what we hold: the object `OauthToken`, where the connection's own session
 * may query it (facts §1; Object Reference, "OauthToken"). What it lists and nobody here holds are orphans.
 */
import * as z from 'zod/mini';
import { budgetOf } from './budget.ts';
import type { Connection } from './connection.ts';
import { type GrantComparison, isUnderWay, type Ledger } from './ledger.ts';
import type { RawAnswer } from './salesforce-ports.ts';

/** More than a user can have: the list is never cut. */
const rowsAtMost = 200;

/** Only a session with one of these may use the REST API. */
const queryScopes: ReadonlySet<string> = new Set(['api', 'full']);

export function mayQuery({ grant }: Connection): boolean {
  return (grant?.scopes ?? []).some((scope) => queryScopes.has(scope));
}

/** @param appName as Salesforce lists the app */
export function grantsQuery(appName: string, userId: string): string {
  return `SELECT AppName FROM OauthToken WHERE UserId = ${quoted(userId)} AND AppName = ${quoted(appName)} LIMIT ${rowsAtMost}`;
}

/** SOQL and SOSL Reference, "Quoted String Escape Sequences". */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

export type ListVerdict =
  | { readonly kind: 'listed'; readonly count: number }
  /** Salesforce refused the query: this session may not. */
  | { readonly kind: 'refused'; readonly errorCode: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

const listSchema = z.object({ totalSize: z.int().check(z.minimum(0)) });
const refusalSchema = z.array(z.object({ errorCode: z.string().check(z.regex(/^[A-Z0-9_]{1,64}$/)) }));

export function judgeListAnswer(answer: RawAnswer): ListVerdict {
  if (answer.kind === 'no_answer') return { kind: 'unavailable', detail: answer.reason };
  const { status } = answer;
  const body = jsonOf(answer.body.reveal());
  const listed = status === 200 ? listSchema.safeParse(body) : undefined;
  if (listed?.success) return { kind: 'listed', count: listed.data.totalSize };
  if (status < 400 || status >= 500) return { kind: 'unavailable', detail: `HTTP ${status}` };
  const refusal = refusalSchema.safeParse(body);
  const [first] = refusal.success ? refusal.data : [];
  return { kind: 'refused', errorCode: first?.errorCode ?? `HTTP ${status}` };
}

/** Of this user and app: what Salesforce should list as ours. */
export interface Holding {
  readonly count: number;
  /** Two of the same are of one instant: nothing was stored, superseded or revoked between them. */
  readonly state: string;
  /** An exchange is under way, whose grant Salesforce may list before we hold it. */
  readonly unsettled: boolean;
}

export function holdingOf(connection: Connection, ledger: Ledger | undefined, now: number): Holding {
  const { stored, owed } = budgetOf(connection, ledger, 0, now);
  const owedIds = Object.keys(connection.duties).filter((id) => connection.duties[id]?.kind === 'revoke');
  return {
    count: stored + owed,
    state: JSON.stringify([connection.grant?.id, connection.status, owedIds.sort(), ledger?.entries]),
    unsettled: (ledger?.entries ?? []).some((entry) => isUnderWay(entry, now)),
  };
}

/** In words. */
export function comparisonSummary({ listed, held, note }: GrantComparison): string {
  if (listed === undefined || held === undefined) {
    return `Salesforce's own list of this user's grants could not be read: ${note ?? 'no reason is known'}.`;
  }
  const difference = listed - held;
  if (difference === 0) return 'Salesforce lists the grants of this user that we hold, and no other.';
  if (difference > 0) return `Salesforce lists ${grants(difference)} of this user that we do not hold.`;
  return `We hold ${grants(-difference)} of this user that Salesforce does not list.`;
}

const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

function grants(count: number): string {
  return `${small[count] ?? count} ${count === 1 ? 'grant' : 'grants'}`;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
