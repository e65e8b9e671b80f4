/**
 * Answers as API Gateway's payload 2.0 takes them. Nothing we answer may be kept by a cache: each answer is a token,
 * a state or a person's outcome.
 */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { HttpResponse } from '../core/http.ts';
import { type Problem, problemBody, problems } from '../core/problem.ts';

export type Answer = APIGatewayProxyStructuredResultV2 & { headers: Record<string, string> };

/** Thrown inside the stack, answered as a problem: an expected rejection on the way to a handler. */
export class Rejection extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.code);
    this.problem = problem;
    this.headers = headers;
  }
}

export function answerOf(response: HttpResponse): Answer {
  switch (response.kind) {
    case 'json':
      return answer(response.status, { 'content-type': 'application/json' }, JSON.stringify(response.body));
    case 'no_content':
      return answer(204, {});
    case 'redirect':
      return { ...answer(response.status, { location: response.location }), ...cookiesOf(response.cookies) };
    case 'page':
      return {
        ...answer(response.status, { 'content-type': 'text/html; charset=utf-8' }, response.html),
        ...cookiesOf(response.cookies),
      };
    case 'problem':
      return problemAnswer(response.problem);
  }
}

export function problemAnswer(problem: Problem, headers: Readonly<Record<string, string>> = {}): Answer {
  const retryAfter: Record<string, string> =
    problem.retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(problem.retryAfterSeconds)) };
  return answer(
    problems[problem.code].status,
    { 'content-type': 'application/problem+json', ...retryAfter, ...headers },
    JSON.stringify(problemBody(problem)),
  );
}

function answer(statusCode: number, headers: Record<string, string>, body?: string): Answer {
  return { statusCode, headers: { 'cache-control': 'no-store', ...headers }, ...(body === undefined ? {} : { body }) };
}

function cookiesOf(cookies: readonly string[] | undefined): { cookies?: string[] } {
  return cookies === undefined || cookies.length === 0 ? {} : { cookies: [...cookies] };
}
