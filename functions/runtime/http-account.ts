/** One log line and one set of metrics for each request, and its id in the answer. */
import type { MiddlewareObj, Request } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Log } from '../core/ports.ts';
import type { Answer } from './http-answer.ts';
import { requestIdOf } from './http-request.ts';
import type { MetricValue, RuntimeMetrics } from './observability.ts';

export interface RequestAccountOptions {
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** The route's pattern, `unmatched` for none. Never a path: paths hold secrets. */
  readonly routeOf: (event: APIGatewayProxyEventV2) => string;
}

export function requestAccount(options: RequestAccountOptions): MiddlewareObj<APIGatewayProxyEventV2, Answer> {
  const begun = new WeakMap<object, number>();
  const settle = (request: Request<APIGatewayProxyEventV2, Answer>) =>
    account(options, request, performance.now() - (begun.get(request) ?? performance.now()));
  return {
    before(request) {
      begun.set(request, performance.now());
    },
    after: settle,
    onError: settle,
  };
}

function account(
  { log, metrics, routeOf }: RequestAccountOptions,
  { event, context, response }: Request<APIGatewayProxyEventV2, Answer>,
  durationMs: number,
): void {
  const route = routeOf(event);
  const status = response?.statusCode ?? 500;
  const requestId = requestIdOf(event, context);
  if (response?.headers !== undefined) response.headers['x-request-id'] = requestId;
  log.info('Request answered', {
    request_id: requestId,
    function_request_id: context.awsRequestId,
    route,
    status,
    duration_ms: Math.round(durationMs),
  });
  measure(metrics, route, [
    { name: 'Requests', value: 1, unit: 'Count' },
    { name: 'Errors5xx', value: status >= 500 ? 1 : 0, unit: 'Count' },
    { name: 'Latency', value: Math.round(durationMs), unit: 'Milliseconds' },
  ]);
}

function measure(metrics: RuntimeMetrics, route: string, values: readonly MetricValue[]): void {
  if (metrics.observe) metrics.observe({ route }, values);
  else for (const { name, value, unit } of values) metrics.add(name, value, unit);
  metrics.flush?.();
}
