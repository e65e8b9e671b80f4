/**
 * What an endpoint of the simulator is: a synchronous function from a call to an answer, on the simulator's state.
 *
 * Being synchronous, each request is processed as one act; waiting and losing of answers is put around it by
 * `simulator.ts`.
 */
import type { Books } from './books.ts';
import { inactivityOf, type Person, type SimulatorApp } from './orgs.ts';
import type { LoggedRequest } from './request-log.ts';
import type { Switches } from './switches.ts';

export interface Context {
  /** Origin of every URL that the simulator names. */
  origin: string;
  apps: readonly SimulatorApp[];
  switches: Switches;
  books: Books;
  now: () => number;
  /** An unguessable string of URL-safe characters, from so many random bytes. */
  random: (bytes: number) => string;
}

export interface Call {
  method: string;
  url: URL;
  headers: Headers;
  /** The body, where it is form-encoded. */
  form: URLSearchParams;
  /** Another refresh of the same token is in flight. */
  racing: boolean;
}

export interface Answer {
  response: Response;
  /** `ok`, or what the log shall say. */
  outcome: string;
  clientId?: string;
  grantId?: string;
  revoked?: LoggedRequest['revoked'];
}

export type EndpointFunction = (context: Context, call: Call) => Answer;

export function jsonAnswer(body: unknown, about: Partial<Answer> = {}, status = 200): Answer {
  return {
    response: Response.json(body, { status, headers: { 'cache-control': 'no-store' } }),
    outcome: 'ok',
    ...about,
  };
}

/** An error of an OAuth endpoint: JSON with status 400, whatever it is (salesforce-oauth.md, section 4). */
export function oauthError(error: string, description: string, about: Partial<Answer> = {}, status = 400): Answer {
  const outcome = `${error}: ${description}`;
  return jsonAnswer({ error, error_description: description }, { outcome, ...about }, status);
}

/** What the token endpoint says of who may not log in, if it says anything. */
export function personRefusal(person: Person | undefined, about: Partial<Answer>): Answer | undefined {
  const inactivity = inactivityOf(person);
  if (inactivity === 'inactive_org') return oauthError('inactive_org', 'organization is inactive', about);
  if (inactivity === 'inactive_user') return oauthError('invalid_grant', 'inactive user', about);
  return person?.user.locked ? oauthError('invalid_grant', 'authentication failure', about) : undefined;
}

/** An error of the REST API: a JSON array. */
export function restError(status: number, errorCode: string, message: string, about: Partial<Answer> = {}): Answer {
  return jsonAnswer([{ message, errorCode }], { outcome: errorCode, ...about }, status);
}

/** An error of the identity URL: plain words. */
export function identityError(status: number, text: string, about: Partial<Answer> = {}): Answer {
  const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store' };
  return { response: new Response(text, { status, headers }), outcome: text, ...about };
}

export function bearerTokenOf(headers: Headers): string | undefined {
  return /^(?:Bearer|OAuth) ([^\s]+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}
