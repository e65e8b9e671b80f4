/** The stack of `connect` under test: what reaches its handlers, what goes out, what is logged and counted. */
import type { HttpRequest, HttpResponse, RouteHandler } from '../../../functions/core/http.ts';
import { createHttpHandler } from '../../../functions/runtime/http.ts';
import { type EventOptions, httpEvent, lambdaContext } from './lambda-event.ts';
import { recordingLog, recordingMetrics } from './recording.ts';

export const linkSecret = 'canaryLinkSecretCanaryLinkSecretCanaryLink1';

/** The stack of `connect`, whose routes cover a body, a parameter and a secret path. */
export function connectStack(handlers: Record<string, RouteHandler> = {}) {
  const seen: HttpRequest[] = [];
  const log = recordingLog();
  const metrics = recordingMetrics();
  const record: RouteHandler = async (request) => {
    seen.push(request);
    return { kind: 'json', status: 200, body: { ok: true } };
  };
  const handler = createHttpHandler({
    functionName: 'connect',
    handlers: {
      'POST /connect-sessions': record,
      'GET /connect-sessions/{id}': record,
      'POST /connect-sessions/{id}/claim': record,
      'GET /connect/{secret}': record,
      ...handlers,
    },
    log,
    metrics,
  });
  const call = async (event: ReturnType<typeof httpEvent>) => {
    const answer = await handler(event, lambdaContext());
    const text = String(answer.body ?? '');
    return {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
      cookies: answer.cookies,
      text,
      json: () => JSON.parse(text),
    };
  };
  return { call, get: (options: EventOptions) => call(httpEvent(options)), seen, log, metrics };
}

export const answering = (response: HttpResponse) =>
  connectStack({ 'GET /connect-sessions/{id}': async () => response });
export const throwing = (error: unknown) =>
  connectStack({
    'GET /connect-sessions/{id}': async () => {
      throw error;
    },
  });
export const session = { path: '/connect-sessions/abc' };
