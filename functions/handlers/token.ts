/** `token`: hands out access tokens that work, and takes word of those that do not. */
import * as z from 'zod/mini';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { Ports } from '../core/ports.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { createReadToken, type ReadTokenPorts, type TokenReading } from '../flows/read-token.ts';
import { createHttpHandler, type HttpHandler } from '../runtime/http.ts';
import { judgeBody, judgeConnectionRoute, problemResponse } from './request-fields.ts';

export type TokenPorts = ReadTokenPorts & Pick<Ports, 'metrics'>;

const rejection = z.strictObject({
  rejected_token_sha256: z
    .string()
    .check(z.regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the rejected access token, 64 lower-case hex digits')),
});

export function createTokenHandler(ports: TokenPorts): HttpHandler {
  const readToken = createReadToken(ports);

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

  return createHttpHandler({
    functionName: 'token',
    log: ports.log,
    metrics: ports.metrics,
    handlers: { 'GET /connections/{id}/token': read, 'POST /connections/{id}/token': reject },
  });
}

/** The one place where an access token leaves. */
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
