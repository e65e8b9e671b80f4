/**
 * The HTTP API of the local stack, in API Gateway's place: routes requests to the handlers and writes their results.
 *
 * Its limits and its own answers are API Gateway's: 10 MB of body, 30 s for an integration (the handler then goes on,
 * only the client is cut off), `{"message":"Not Found"}` where no route matches.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock, Log } from '../../functions/core/ports.ts';
import { type GatewayRequest, gatewayEvent } from './gateway-event.ts';
import { type GatewayAnswer, gatewayAnswer, ownAnswer } from './gateway-result.ts';
import { routeRequest } from './gateway-routes.ts';
import { type Handlers, invoke } from './lambda.ts';
import { readBody } from './request-body.ts';

export interface GatewayOptions {
  readonly handlers: Handlers;
  readonly clock: Clock;
  readonly log: Log;
  /** @default 30000 */
  readonly integrationTimeoutMs?: number;
}

const bodyLimitBytes = 10 * 1024 * 1024;

export function createGateway(options: GatewayOptions): RequestListener {
  return (request, response) => {
    answer(request, options)
      .catch((error: unknown) => {
        options.log.error('The gateway failed', { error: String(error) });
        return ownAnswer(500, 'Internal Server Error');
      })
      .then((result) => write(request, response, result))
      .catch((error: unknown) => {
        options.log.error('An answer could not be written', { error: String(error) });
        response.destroy();
      });
  };
}

/** Paths that a page elsewhere may send a person to: the navigations of the connect flow. */
export function isConnectFlow(path: string): boolean {
  return path === '/oauth/callback' || /^\/connect\/[^/]+$/.test(path);
}

async function answer(request: IncomingMessage, options: GatewayOptions): Promise<GatewayAnswer> {
  const url = request.url ?? '';
  if (!url.startsWith('/')) return ownAnswer(400, 'Bad Request');
  const [rawPath = '', ...query] = url.split('?');
  const routing = routeRequest(request.method ?? '', rawPath);
  if (routing.kind !== 'match') {
    return routing.kind === 'none' ? ownAnswer(404, 'Not Found') : ownAnswer(400, 'Bad Request');
  }
  const body = await readBody(request, bodyLimitBytes);
  if (body.kind !== 'body') {
    return body.kind === 'too_large' ? ownAnswer(413, 'Request Entity Too Large') : ownAnswer(400, 'Bad Request');
  }
  const received: GatewayRequest = {
    method: request.method ?? '',
    rawPath,
    rawQuery: query.join('?'),
    rawHeaders: request.rawHeaders,
    body: body.bytes,
    sourceIp: '127.0.0.1',
    receivedAt: new Date(options.clock.now()),
  };
  const name = routing.match.route.function;
  const running = invoke(name, options.handlers[name], gatewayEvent(received, routing.match), options.clock).then(
    gatewayAnswer,
    (error: unknown) => {
      options.log.error('A handler threw', { function: name, error: String(error) });
      return ownAnswer(500, 'Internal Server Error');
    },
  );
  return withinTime(running, options.integrationTimeoutMs ?? 30_000);
}

async function withinTime(running: Promise<GatewayAnswer>, timeoutMs: number): Promise<GatewayAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const cutOff = new Promise<GatewayAnswer>((resolve) => {
    timer = setTimeout(() => resolve(ownAnswer(503, 'Service Unavailable')), timeoutMs);
  });
  try {
    return await Promise.race([running, cutOff]);
  } finally {
    clearTimeout(timer);
  }
}

function write(request: IncomingMessage, response: ServerResponse, { status, headers, body }: GatewayAnswer): void {
  if (response.destroyed) return;
  // A body that was not read to its end would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  response.statusCode = status;
  if (status !== 204 && status !== 304) response.setHeader('content-length', body.length);
  else response.removeHeader('content-type');
  response.end(body);
}
