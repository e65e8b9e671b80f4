/** Handlers that say what they were called with, for tests of what surrounds them. */
import type { Handler, Handlers } from '../../../dev/local/lambda.ts';
import { type FunctionName, routes } from '../../../functions/core/routes.ts';

export interface FakeHandlers {
  readonly handlers: Handlers;
  /** In the order of the calls. */
  readonly calls: { readonly name: FunctionName; readonly event: unknown }[];
}

/** HTTP functions echo their event as JSON; the others answer `{}`; `overrides` do as they like. */
export function fakeHandlers(overrides: Partial<Record<FunctionName, Handler>> = {}): FakeHandlers {
  const calls: FakeHandlers['calls'] = [];
  const http = new Set(routes.map((route) => route.function));
  const fake = (name: FunctionName): Handler => {
    return async (event, context) => {
      calls.push({ name, event });
      const override = overrides[name];
      if (override !== undefined) return override(event, context);
      if (!http.has(name)) return {};
      return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
    };
  };
  const handlers: Handlers = {
    connect: fake('connect'),
    callback: fake('callback'),
    configure: fake('configure'),
    'schedule-refreshes': fake('schedule-refreshes'),
    refresh: fake('refresh'),
    'jwt-bearer': fake('jwt-bearer'),
    token: fake('token'),
    connections: fake('connections'),
    maintain: fake('maintain'),
  };
  return { handlers, calls };
}
