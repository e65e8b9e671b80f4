/**
 * `token`: hands out access tokens that work, and takes word of those that do not. By HTTP, or invoked directly by
 * `configure`, which can open none itself.
 */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { UnreadableItemError } from '../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { Ports } from '../core/ports.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { createReadToken, type ReadOrder, type ReadTokenPorts, type TokenReading } from '../flows/read-token.ts';
import { createHttpHandler } from '../runtime/http.ts';
import { createInvocationHandler } from '../runtime/invocation.ts';
import { judgeBody, judgeConnectionRoute, problemResponse } from './request-fields.ts';

export type TokenPorts = ReadTokenPorts & Pick<Ports, 'config' | 'metrics'>;

/** What a direct invocation answers. */
export type DirectTokenAnswer =
  | {
      readonly version: 1;
      readonly kind: 'token';
      readonly access_token: string;
      readonly instance_url: string;
    }
  | { readonly version: 1; readonly kind: 'problem'; readonly code: string; readonly detail: string };

export interface TokenHandler {
  (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
  (event: unknown, context: Context): Promise<APIGatewayProxyStructuredResultV2 | DirectTokenAnswer>;
}

const sha256 = z
  .string()
  .check(z.regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the rejected access token, 64 lower-case hex digits'));

const rejection = z.strictObject({ rejected_token_sha256: sha256 });

const directRequest = z.object({
  version: z.literal(1),
  kind: z.literal('read_token'),
  connectionId: z.string().check(z.minLength(1), z.maxLength(128)),
  rejectedTokenSha256: z.optional(sha256),
});

export function createTokenHandler(ports: TokenPorts): TokenHandler {
  const { waitingReaders } = ports.config.thresholds;
  const readToken = createReadToken(ports, { waitingReaders });
  // Only `configure` asks so: a check of ours, not a use.
  const readForUs = createReadToken(ports, { marks: false, waitingReaders });

  async function read(request: HttpRequest): Promise<HttpResponse> {
    const route = judgeConnectionRoute(request);
    return route.ok ? respond(await readToken(route.value)) : problemResponse(route.problem);
  }

  async function reject(request: HttpRequest): Promise<HttpResponse> {
    const route = judgeConnectionRoute(request);
    if (!route.ok) return problemResponse(route.problem);
    const body = judgeBody(rejection, request.body);
    if (!body.ok) return problemResponse(body.problem);
    return respond(await readToken({ ...route.value, rejectedTokenSha256: body.value.rejected_token_sha256 }));
  }

  const { log, metrics } = ports;
  const http = createHttpHandler({
    functionName: 'token',
    log,
    metrics,
    handlers: { 'GET /connections/{id}/token': read, 'POST /connections/{id}/token': reject },
  });
  const direct = createInvocationHandler({
    log,
    metrics,
    parse: parseDirect,
    run: async (order) => answerOf(await readForUs(order)),
  });
  const handler = (event: unknown, context: Context) =>
    isHttpEvent(event) ? http(event, context) : direct(event, context);
  return handler as TokenHandler;
}

/** Only the gateway makes a request context; what a client sends stands in the event's body. */
function isHttpEvent(event: unknown): event is APIGatewayProxyEventV2 {
  return typeof event === 'object' && event !== null && 'requestContext' in event;
}

function parseDirect(event: unknown): ReadOrder {
  const parsed = directRequest.safeParse(event);
  if (!parsed.success) throw new UnreadableItemError('The event is no request for a token of version 1.');
  const { connectionId, rejectedTokenSha256 } = parsed.data;
  return { connectionId, rejectedTokenSha256 };
}

/** With `respond`, the one place where an access token leaves. */
function answerOf(reading: TokenReading): DirectTokenAnswer {
  if (reading.kind === 'problem') {
    const { code, detail } = reading.problem;
    return { version: 1, kind: 'problem', code, detail };
  }
  const { token, grant } = reading;
  return { version: 1, kind: 'token', access_token: token.reveal(), instance_url: grant.instanceUrl };
}

function respond(reading: TokenReading): HttpResponse {
  if (reading.kind === 'problem') return problemResponse(reading.problem);
  const { token, grant, stale } = reading;
  return {
    kind: 'json',
    status: 200,
    body: {
      access_token: token.reveal(),
      token_type: 'Bearer',
      instance_url: grant.instanceUrl,
      issued_at: rfc3339(grant.issuedAt),
      expires_at: rfc3339(grant.expiresAt),
      refresh_after: rfc3339(grant.refreshAfter),
      ...(stale ? { stale: true } : {}),
    },
  };
}
