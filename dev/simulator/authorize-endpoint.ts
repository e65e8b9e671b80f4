/**
 * The browser's way through Salesforce: the page that asks, and what follows from the user's decision.
 *
 * The form sends the original query along, and the decision judges it anew: between the two a switch may have changed.
 */

import { authorizePage, errorPage } from './authorize-page.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import { errorRedirect, judgeAuthorizeRequest, redirectTo } from './authorize-request.ts';
import type { Answer, Call, Context } from './endpoint.ts';
import { callbackErrorDescriptions } from './error-table.ts';
import { findUser, inactivityOf, type Person } from './orgs.ts';

export type Decision = 'allow' | 'deny';

/** `GET /services/oauth2/authorize` */
export function authorizeEndpoint(context: Context, { method, url }: Call): Answer {
  if (method !== 'GET') return pageAnswer('invalid_request', 'The authorization page is opened with GET.', 405);
  const judgement = judgeAuthorizeRequest(context, url.searchParams);
  if (judgement.kind === 'page') return pageAnswer(judgement.error, judgement.description);
  if (judgement.kind === 'redirect') return { ...judgement, response: found(judgement.location, 302) };
  const { request } = judgement;
  const query = url.searchParams.toString();
  return {
    response: authorizePage({ request, query, orgs: context.books.orgs }),
    outcome: 'ok',
    clientId: request.app.clientId,
  };
}

/** `POST /simulator/decide`: the page's form. */
export function decideEndpoint(context: Context, { method, form }: Call): Answer {
  if (method !== 'POST') return pageAnswer('invalid_request', 'A decision is sent with POST.', 405);
  const decision = form.get('decision');
  if (decision !== 'allow' && decision !== 'deny') {
    return pageAnswer('invalid_request', 'Go back and choose "Allow" or "Deny".');
  }
  const person = context.books.person(form.get('user') ?? '');
  if (person === undefined) return pageAnswer('invalid_request', 'Go back and choose a user.');
  return decide(context, new URLSearchParams(form.get('query') ?? ''), person, decision).answer;
}

/** As if `username` had decided on the page: where the browser goes then. */
export function decideInCode(context: Context, url: URL, username: string, decision: Decision): Decided {
  const person = findUser(context.books.orgs, (user) => user.username === username);
  if (person === undefined) throw new Error(`The simulator has no user "${username}".`);
  return decide(context, url.searchParams, person, decision);
}

export interface Decided {
  answer: Answer;
  /** Absent where it ends on a page of Salesforce. */
  location?: string;
}

function decide(context: Context, query: URLSearchParams, person: Person, decision: Decision): Decided {
  const judgement = judgeAuthorizeRequest(context, query);
  if (judgement.kind === 'page') return { answer: pageAnswer(judgement.error, judgement.description) };
  if (judgement.kind === 'redirect') return decided(judgement.location, judgement.outcome, judgement.clientId);
  const { request } = judgement;
  const error = decision === 'deny' ? 'access_denied' : inactivityOf(person);
  if (error !== undefined) {
    const description = callbackErrorDescriptions[error] ?? error;
    return decided(errorRedirect(request, error, description), `${error}: ${description}`, request.app.clientId);
  }
  const code = issueCode(context, request, person);
  return decided(redirectTo(request.redirectUri, { code, state: request.state }), 'ok', request.app.clientId);
}

function issueCode(context: Context, request: AuthorizeRequest, { org, user }: Person): string {
  // Codes end in "==", which a client has to decode from the callback's query and encode again.
  const code = `aPrx${context.random(45)}==`;
  const { redirectUri, scopes, codeChallenge } = request;
  const authorization = { redirectUri, scopes, codeChallenge, orgId: org.id, userId: user.id };
  context.books.codes.issue(code, { clientId: request.app.clientId, ...authorization }, context.now());
  return code;
}

function decided(location: string, outcome: string, clientId: string): Decided {
  return { location, answer: { response: found(location, 303), outcome, clientId } };
}

function found(location: string, status: 302 | 303): Response {
  return new Response(null, { status, headers: { location, 'cache-control': 'no-store' } });
}

function pageAnswer(error: string, description: string, status = 400): Answer {
  return { response: errorPage(error, description, status), outcome: `${error}: ${description}` };
}
