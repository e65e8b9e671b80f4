/** The request as the handlers see it, out of API Gateway's event (payload 2.0). */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Caller, HttpRequest } from '../core/http.ts';
import { Rejection } from './http-answer.ts';

/** `event.headers` have lower-case names and `event.body` is parsed: the middlewares before have seen to it. */
export function requestOf(event: APIGatewayProxyEventV2, context: Context): HttpRequest {
  const { http } = event.requestContext;
  return {
    method: http.method,
    path: http.path,
    pathParameters: decodedParameters(event.pathParameters ?? {}),
    query: new URLSearchParams(event.rawQueryString ?? ''),
    headers: event.headers,
    cookies: cookiesOf(event),
    body: event.body as unknown,
    requestId: requestIdOf(event, context),
    ...callerOf(event),
    remainingTimeMs: () => context.getRemainingTimeInMillis(),
  };
}

/** As IAM authorized it. It stands in the gateway's context, where no header of the request gets. */
function callerOf({ requestContext }: APIGatewayProxyEventV2): { caller?: Caller } {
  const { authorizer } = requestContext as { authorizer?: { iam?: Partial<Caller> } };
  const { accountId, userArn } = authorizer?.iam ?? {};
  if (typeof accountId !== 'string' || typeof userArn !== 'string') return {};
  return { caller: { accountId, userArn } };
}

/** The gateway's, which its access log and the caller see too. */
export function requestIdOf(event: APIGatewayProxyEventV2, context: Context): string {
  return event.requestContext?.requestId ?? context.awsRequestId;
}

/**
 * Gateways decode some of it already; decoding once more changes nothing that is valid, for no id of ours holds a
 * percent sign.
 */
function decodedParameters(parameters: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value = '']) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        throw new Rejection({
          code: 'invalid_request',
          field: `path.${name}`,
          detail: `The path's ${name} is not valid percent-encoding of UTF-8.`,
        });
      }
    }),
  );
}

/** The first of a name counts, as browsers send the most specific first (RFC 6265 §5.4). */
function cookiesOf({ cookies, headers }: APIGatewayProxyEventV2): Record<string, string> {
  const pairs = cookies ?? headers.cookie?.split(';') ?? [];
  const found: Record<string, string> = Object.create(null);
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    found[pair.slice(0, equals).trim()] ??= pair.slice(equals + 1).trim();
  }
  return found;
}
