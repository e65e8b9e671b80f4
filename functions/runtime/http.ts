/**
 * The one stack in front of every HTTP handler, on Lambda and in the local stack alike: route, bounded JSON body,
 * problem details (RFC 9457), security headers, one log line and one set of metrics for each request.
 *
 * Logs name the route's pattern, never the path or query: those of `/connect/{secret}` and `/oauth/callback` are
 * secrets. Middy's errors carry them in their `cause`; so no error of middy's is logged or answered as it is.
 */
import middy, { type MiddlewareObj } from '@middy/core';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import httpRouterHandler from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { RouteHandler } from '../core/http.ts';
import type { Log } from '../core/ports.ts';
import { type FunctionName, type Route, routes } from '../core/routes.ts';
import { requestAccount } from './http-account.ts';
import { type Answer, answerOf, problemAnswer, Rejection } from './http-answer.ts';
import { jsonBody } from './http-body.ts';
import { problemOf } from './http-failure.ts';
import { requestIdOf, requestOf } from './http-request.ts';
import { securityHeaders } from './http-security.ts';
import { middyPlugin } from './middy-plugin.ts';
import type { RuntimeMetrics } from './observability.ts';
import { fitsPattern } from './route-pattern.ts';

export interface HttpHandlerOptions {
  readonly functionName: FunctionName;
  /** By method and pattern as in `functions/core/routes.ts`, e.g. `POST /connect-sessions`: exactly this function's. */
  readonly handlers: Readonly<Record<string, RouteHandler>>;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

type Stack = MiddlewareObj<APIGatewayProxyEventV2, Answer>;

export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const routed = routesOf(options);
  const router = httpRouterHandler<APIGatewayProxyEventV2, Answer>({
    routes: routed.map(({ route, handler }) => ({
      method: route.method,
      path: route.path,
      handler: middy<APIGatewayProxyEventV2, Answer>(
        async (event: APIGatewayProxyEventV2, context: Context) => answerOf(await handler(requestOf(event, context))),
        middyPlugin,
      ).use(jsonBody()),
    })),
    notFoundResponse: notFound,
  });
  // The outermost comes first: its `before` runs first, its `after` and `onError` last.
  const stack = middy<APIGatewayProxyEventV2, Answer>(middyPlugin)
    .use(
      requestAccount({
        ...options,
        routeOf: (event) =>
          patternOf(
            routed.map(({ route }) => route),
            event,
          ),
      }),
    )
    .use(securityHeaders())
    .use(problemDetails(options))
    .use(httpHeaderNormalizer() as Stack)
    .handler(router);
  return (event, context) => stack({ ...event }, context);
}

/** A missing handler, or one without a route, is found at cold start and not by a caller. */
function routesOf({ functionName, handlers }: HttpHandlerOptions): { route: Route; handler: RouteHandler }[] {
  const own = routes.filter((route) => route.function === functionName);
  const names = new Set(own.map(nameOf));
  const strays = Object.keys(handlers).filter((name) => !names.has(name));
  if (strays.length > 0) throw new Error(`Function ${functionName} has no route ${strays.join(', ')}.`);
  return own.map((route) => {
    const handler = handlers[nameOf(route)];
    if (handler === undefined) throw new Error(`Function ${functionName} has no handler for ${nameOf(route)}.`);
    return { route, handler };
  });
}

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}

function patternOf(own: readonly Route[], event: APIGatewayProxyEventV2): string {
  const { method, path } = event.requestContext.http;
  const route = own.find((candidate) => candidate.method === method && fitsPattern(candidate.path, path));
  return route === undefined ? 'unmatched' : nameOf(route);
}

function notFound({ method, path }: { method: string; path: string }): never {
  const allowed = routes.filter((route) => fitsPattern(route.path, path)).map((route) => route.method);
  if (allowed.length === 0) {
    throw new Rejection({ code: 'unknown_route', detail: 'No route has this path; docs/openapi.yaml lists them all.' });
  }
  const allow = [...new Set(allowed)].join(', ');
  throw new Rejection(
    { code: 'method_not_allowed', detail: `This route takes ${allow}; got ${method.slice(0, 20)}.` },
    { allow },
  );
}

function problemDetails({ log }: HttpHandlerOptions): Stack {
  return {
    onError(request) {
      const { error, event, context } = request;
      request.response =
        error instanceof Rejection
          ? problemAnswer(error.problem, error.headers)
          : problemAnswer(problemOf(error, requestIdOf(event, context), log));
    },
  };
}
