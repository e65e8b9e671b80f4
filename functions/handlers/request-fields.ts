/** Judges what a caller sent: a schema's first objection becomes a problem that names the field, and what to send. */
import * as z from 'zod/mini';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import { labelPattern, parseConnectionId } from '../core/ids.ts';
import type { Problem } from '../core/problem.ts';

export type Judged<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export const label = z.string().check(
  z.regex(labelPattern, 'must match [A-Za-z0-9._-]{1,128}'),
  z.refine((text) => text !== '.' && text !== '..', 'must be neither . nor ..: no URL could name it'),
);

export function problemResponse(problem: Problem): HttpResponse {
  return { kind: 'problem', problem };
}

export function invalid(field: string, detail: string): Problem {
  return { code: 'invalid_request', field, detail: `${field} ${detail}` };
}

export function judgeBody<T>(schema: z.ZodMiniType<T>, body: unknown): Judged<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  if (issue === undefined) return { ok: false, problem: invalid('body', 'is not valid') };
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.').slice(0, 100);
    return { ok: false, problem: invalid(field, 'is not a field of this request; leave it out') };
  }
  return { ok: false, problem: invalid(path.join('.') || 'body', `is not valid: ${issue.message}`) };
}

/** The query, each parameter known and given at most once. */
export function judgeQuery<Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
): Judged<Partial<Record<Name, string>>> {
  const value: Partial<Record<Name, string>> = {};
  for (const name of new Set(query.keys())) {
    const parameter = names.find((one) => one === name);
    if (parameter === undefined) {
      const known = names.length === 0 ? 'this route takes no query' : `known are ${names.join(', ')}`;
      const detail = `is not known here; ${known}`;
      return { ok: false, problem: invalid(`query.${name.slice(0, 64)}`, detail) };
    }
    const values = query.getAll(name);
    if (values.length > 1) {
      return { ok: false, problem: invalid(`query.${name}`, `is given ${values.length} times; give it once`) };
    }
    value[parameter] = values[0];
  }
  return { ok: true, value };
}

export interface ConnectionRoute {
  readonly connectionId: string;
  readonly tenant?: string;
  /** Whoever else uses it. */
  readonly force: boolean;
}

/** The connection that a route names, and the tenant that must have an integration on it. */
export function judgeConnectionRoute(request: HttpRequest): Judged<Omit<ConnectionRoute, 'force'>> {
  return judgeConnectionQuery(request, ['tenant']);
}

/** The same for a route that takes `force` too. */
export function judgeForcedConnectionRoute(request: HttpRequest): Judged<ConnectionRoute> {
  return judgeConnectionQuery(request, ['tenant', 'force']);
}

function judgeConnectionQuery(request: HttpRequest, names: readonly ('tenant' | 'force')[]): Judged<ConnectionRoute> {
  const query = judgeQuery(request.query, names);
  if (!query.ok) return query;
  const { tenant, force = 'false' } = query.value;
  if (tenant !== undefined && !labelPattern.test(tenant)) {
    return { ok: false, problem: invalid('query.tenant', 'must match [A-Za-z0-9._-]{1,128}') };
  }
  if (force !== 'true' && force !== 'false') {
    return { ok: false, problem: invalid('query.force', `must be true or false; got ${force.slice(0, 20)}`) };
  }
  const connectionId = request.pathParameters.id ?? '';
  if (parseConnectionId(connectionId) === undefined) {
    const detail = 'There is no such connection: a connection id is <app>.<org id>.<user id>, ids of 18 characters.';
    return { ok: false, problem: { code: 'unknown_connection', detail } };
  }
  return { ok: true, value: { connectionId, tenant, force: force === 'true' } };
}
