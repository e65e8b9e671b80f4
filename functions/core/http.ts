/** HTTP as the handlers see it: what API Gateway's payload 2.0 says, without its envelope. */
import type { Problem } from './problem.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** From the raw query string, so that a repeated parameter shows. */
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string>>;
  /** Parsed JSON of a POST or PUT; `undefined` without a body. */
  readonly body: unknown;
  readonly requestId: string;
  /** Who signed it, as API Gateway found; absent on browser routes and in the local stack. */
  readonly caller?: Caller;
  /** Milliseconds until the function's timeout. */
  remainingTimeMs(): number;
}

/** Of a request that IAM let in. */
export interface Caller {
  readonly accountId: string;
  /** Of the user, or of the role's session. */
  readonly userArn: string;
}

export type HttpResponse =
  | { readonly kind: 'json'; readonly status: 200 | 201 | 202; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'no_content' }
  | {
      readonly kind: 'redirect';
      readonly status: 302 | 303;
      readonly location: string;
      readonly cookies?: readonly string[];
    }
  /** A page for a person: strict CSP, no script, `no-store`. */
  | { readonly kind: 'page'; readonly status: number; readonly html: string; readonly cookies?: readonly string[] }
  | { readonly kind: 'problem'; readonly problem: Problem };

export type RouteHandler = (request: HttpRequest) => Promise<HttpResponse>;
