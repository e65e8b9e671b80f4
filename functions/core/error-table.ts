/**
 * Every error of the token endpoint that is known, what it means, and who must do what (facts §4). `docs/errors.md`
 * is made from it.
 *
 * All were seen with HTTP 400, so the body is judged: `error` first, then the exact `error_description`s that are
 * known, without regard to case and outer space. What is not in this table never costs a token.
 */
import type { Flow } from './connection.ts';
import { wait } from './error-remedies.ts';
import type { Ask, ErrorRow, ErrorWords, FailureClass } from './error-row.ts';
import { invalidGrantRows } from './invalid-grant-rows.ts';
import { tokenErrorRows } from './token-error-rows.ts';

export type { Actor, Ask, ErrorRow, ErrorWords, FailureClass } from './error-row.ts';

export const errorTable: readonly ErrorRow[] = [...invalidGrantRows, ...tokenErrorRows];

/** What stands in for errors that are not in the table. */
export const unknownError: ErrorRow = {
  error: '(any other)',
  class: 'unknown',
  meaning: 'Salesforce has not documented this error, and nobody has reported it. The token is kept.',
  actor: 'nobody',
  remedy: `${wait} If it lasts, look the code up in Salesforce Help.`,
};

/** The row of an error, by the most exact one that fits. */
export function errorRow(error: string, description: string): ErrorRow {
  const wanted = description.trim().toLowerCase();
  const rows = errorTable.filter((row) => row.error === error);
  const exact = rows.find((row) => row.description === wanted);
  return exact ?? rows.find((row) => row.description === undefined) ?? unknownError;
}

export function classify(error: string, description: string, ask: Ask): FailureClass {
  return classOf(errorRow(error, description), ask);
}

export function classOf({ class: found }: Pick<ErrorRow, 'class'>, ask: Ask): FailureClass {
  const named = typeof found === 'string' ? found : (found[ask] ?? found.refresh);
  // Without a browser there is nobody who could authorize again: what ended a user's tokens, an administrator mends.
  return named === 'dead' && (ask === 'jwt_bearer' || ask === 'client_credentials') ? 'admin' : named;
}

/** What to say of an error in answer to this request. */
export function errorWords(error: string, description: string, ask: Ask): ErrorWords {
  return wordsOf(errorRow(error, description), ask);
}

export function wordsOf(row: ErrorRow, ask: Ask): ErrorWords {
  const { meaning, actor, remedy } = classOf(row, ask) === 'unknown' ? unknownError : row;
  return { meaning, actor, remedy, ...row.words?.[ask] };
}

/** How a connection of this flow is refreshed. */
export function askOf(flow: Flow): Ask {
  return flow === 'authorization_code' ? 'refresh' : flow;
}
