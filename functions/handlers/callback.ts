/** `callback`: Salesforce sends the browser here. Exchange, write, link, then back to where it belongs. */
import type { GrantkeeperConfig } from '../core/config.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { Ports } from '../core/ports.ts';
import { isAllowedReturnTo, returnAddress } from '../core/return-to.ts';
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
        return outcomeResponse(ports, pages, outcome.session, outcome.claim);
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

/** An exchange under way is shown as a page; every other outcome goes back to the service, where it still may. */
function outcomeResponse(
  { config, clock, log }: CallbackPorts,
  pages: Pages,
  session: Session,
  claim: string | undefined,
): HttpResponse {
  const now = clock.now();
  const status = sessionStatus(session, now);
  const { id, app, returnTo } = session;
  if (returnTo === undefined || status === 'exchanging') return pages.outcome(session, now);
  if (!mayReturnTo(config, app, returnTo)) {
    log.warn('A return address is not in the configuration any more; the session ends with a page.', {
      app,
      session_id: id,
    });
    return pages.outcome(session, now);
  }
  return { kind: 'redirect', status: 303, location: returnAddress(returnTo, { connect_session: id, status, claim }) };
}

/** Judged when it was ordered, and again: whoever writes into the table sends no browser, and no claim, elsewhere. */
function mayReturnTo({ apps, loopbackReturnTo }: GrantkeeperConfig, app: string, returnTo: string): boolean {
  const allowed = Object.hasOwn(apps, app) ? apps[app]?.returnTo : undefined;
  return allowed !== undefined && isAllowedReturnTo(returnTo, allowed, loopbackReturnTo);
}
