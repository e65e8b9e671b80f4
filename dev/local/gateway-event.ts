/**
 * A node request as API Gateway hands it to a Lambda: HTTP API, payload format 2.0.
 *
 * Source: API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs".
 */
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Route } from '../../functions/core/routes.ts';

export interface GatewayRequest {
  readonly method: string;
  /** As on the request line: undecoded, beginning with a slash. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Names and values by turns, as sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly sourceIp: string;
  readonly receivedAt: Date;
}

export interface RouteMatch {
  readonly route: Route;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** Matched by its path alone. */
  readonly any: boolean;
}

export function gatewayEvent(
  request: GatewayRequest,
  { route, pathParameters, any }: RouteMatch,
): APIGatewayProxyEventV2 {
  const headers = joinedHeaders(request.rawHeaders);
  const cookies = cookiesOf(request.rawHeaders);
  const routeKey = `${any ? 'ANY' : route.method} ${route.path}`;
  const query = joinedQuery(request.rawQuery);
  return {
    version: '2.0',
    routeKey,
    rawPath: request.rawPath,
    rawQueryString: request.rawQuery,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers,
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters: { ...pathParameters } }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: headers.host ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method,
        path: request.rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: request.receivedAt.toUTCString(),
      timeEpoch: request.receivedAt.getTime(),
    },
    ...bodyOf(request.body, headers['content-type'] ?? ''),
  };
}

/** Names in lower case, repeated ones joined by commas; cookies have a field of their own. */
function joinedHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const joined: Record<string, string> = Object.create(null);
  for (const [name, value] of headerPairs(rawHeaders)) {
    if (name === 'cookie') continue;
    joined[name] = joined[name] === undefined ? value : `${joined[name]},${value}`;
  }
  return { ...joined };
}

function cookiesOf(rawHeaders: readonly string[]): string[] {
  return headerPairs(rawHeaders)
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(';'))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '');
}

function headerPairs(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([(rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? '']);
  }
  return pairs;
}

/** Repeated parameters are joined by commas. */
function joinedQuery(rawQuery: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

function bodyOf(body: Uint8Array, contentType: string): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const bytes = Buffer.from(body);
  const text = bytes.toString('utf8');
  if (isTextType(contentType) && Buffer.from(text).equals(bytes)) return { body: text, isBase64Encoded: false };
  return { body: bytes.toString('base64'), isBase64Encoded: true };
}

/** Everything else, forms too, API Gateway passes on as base64. */
function isTextType(contentType: string): boolean {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return /^(?:text\/.+|application\/(?:json|javascript|xml)|.+\+(?:json|xml))$/.test(type);
}
