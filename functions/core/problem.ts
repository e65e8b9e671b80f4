/** Problem details (RFC 9457) by stable `code`: the whole vocabulary of the HTTP API's errors. */
import { withoutSecrets } from './secret-shapes.ts';

export const problems = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  forbidden: { status: 403, title: 'The caller may not do this' },
  unknown_connection: { status: 404, title: 'No such connection' },
  unknown_session: { status: 404, title: 'No such connect session' },
  unknown_integration: { status: 404, title: 'No such integration' },
  unknown_route: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'This route does not take that method' },
  reauthorization_required: { status: 409, title: 'The user must authorize again' },
  admin_action_required: { status: 409, title: "The org's administrator must change something" },
  grant_limit_near: { status: 409, title: 'Another grant could evict a live one' },
  connection_shared: { status: 409, title: 'Other tenants use this connection' },
  disconnected: { status: 410, title: 'The connection was disconnected' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be JSON' },
  refresh_limited: { status: 429, title: 'Too many rejections for this connection' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something failed on our side' },
  app_misconfigured: { status: 503, title: 'The app is not configured correctly' },
  store_unavailable: { status: 503, title: 'The store does not answer' },
  refresh_pending: { status: 503, title: 'A refresh is under way' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** An answer that is a problem: what went wrong, and what to do next. */
export interface Problem {
  readonly code: ProblemCode;
  /** What, where, the limit and the value received; what to do. No secret. */
  readonly detail: string;
  /** The field of the request that is meant, e.g. `return_to` or `query.limit`. */
  readonly field?: string;
  readonly retryAfterSeconds?: number;
  /** Further members of the body: `cause`, `remedy`, `connect`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A token in the wrong place of a request is not repeated, be it as a name or as what was received. */
export function problemBody(problem: Problem): Record<string, unknown> {
  const { status, title } = problems[problem.code];
  return {
    type: `urn:grantkeeper:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: withoutSecrets(problem.detail),
    ...(problem.field === undefined ? {} : { field: withoutSecrets(problem.field) }),
    ...problem.members,
  };
}
