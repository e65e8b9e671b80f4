/** `callback`: Salesforce sends the browser here. Exchange, write, link, then back to where it belongs. */
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { Ports } from '../core/ports.ts';
import { returnAddress } from '../core/return-to.ts';
import { Secret } from '../core/secret.ts';
import type { Session } from '../core/session.ts';
import { sessionStatus } from '../core/session-step.ts';
import { type CallbackParameters, createFinishConnect, type FinishConnectPorts } from '../flows/finish-connect.ts';
import { createHttpHandler, type HttpHandler } from '../runtime/http.ts';
import { createPages, type Pages } from './pages.ts';

export type CallbackPorts = FinishConnectPorts & Pick<Ports, 'metrics'>;

const longestParameter = 2_048;

export function createCallbackHandler(ports: CallbackPorts): HttpHandler {
  const finishConnect = createFinishConnect(ports);
  const pages = createPages(ports.config.brand);

  async function callback(request: HttpRequest): Promise<HttpResponse> {
    const parameters = parametersOf(request.query);
    if (parameters === undefined) return pages.malformedCallback();
    const outcome = await finishConnect(parameters, request.cookies, request.remainingTimeMs);
    switch (outcome.kind) {
      case 'unknown_state':
        return pages.unknownLink();
      case 'foreign_browser':
        return pages.foreignBrowser();
      case 'outdated_state':
        return pages.outdatedState();
      case 'missing_code':
        return pages.malformedCallback();
      case 'outcome':
        return outcomeResponse(pages, outcome.session, outcome.claim, ports.clock.now());
    }
  }

  return createHttpHandler({
    functionName: 'callback',
    log: ports.log,
    metrics: ports.metrics,
    handlers: { 'GET /oauth/callback': (request) => pages.whileUnavailable(() => callback(request)) },
  });
}

/** RFC 6749 §3.1: a parameter may not be given more than once. Others than these are not ours to judge. */
function parametersOf(query: URLSearchParams): CallbackParameters | undefined {
  const [state, code, error] = ['state', 'code', 'error'].map((name) => {
    const values = query.getAll(name);
    return values.length > 1 || (values[0]?.length ?? 0) > longestParameter ? null : values[0] || undefined;
  });
  if (!state || code === null || error === null) return undefined;
  return { state, ...(code === undefined ? {} : { code: new Secret(code) }), error };
}

/** An exchange under way is shown as a page; every other outcome goes back to the service. */
function outcomeResponse(pages: Pages, session: Session, claim: string | undefined, now: number): HttpResponse {
  const status = sessionStatus(session, now);
  if (session.returnTo === undefined || status === 'exchanging') return pages.outcome(session, now);
  const location = returnAddress(session.returnTo, { connect_session: session.id, status, claim });
  return { kind: 'redirect', status: 303, location };
}
