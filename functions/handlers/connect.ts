/** `connect`: begins connect sessions for services, and sends browsers on to Salesforce. */
import * as z from 'zod/mini';
import type { AppConfig } from '../core/config.ts';
import { loginOrigin } from '../core/hosts.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import { orgIdPattern, sessionIdPattern } from '../core/ids.ts';
import type { Ports } from '../core/ports.ts';
import { presentSession } from '../core/present-session.ts';
import type { Problem } from '../core/problem.ts';
import { isAllowedReturnTo } from '../core/return-to.ts';
import type { Session } from '../core/session.ts';
import { claimSession } from '../flows/claim-session.ts';
import { openLink } from '../flows/open-link.ts';
import { type ConnectOrder, type StartConnectPorts, startConnect } from '../flows/start-connect.ts';
import { createHttpHandler, type HttpHandler } from '../runtime/http.ts';
import { type AppAccessPorts, forbiddenApp, forbiddenConnection } from './app-access.ts';
import { judgeConfiguration } from './configuration-field.ts';
import { createPages, type Pages } from './pages.ts';
import { invalid, type Judged, judgeBody, judgeQuery, label, problemResponse } from './request-fields.ts';

export type ConnectPorts = StartConnectPorts & AppAccessPorts & Pick<Ports, 'metrics'>;

/** Half a surrogate pair has no UTF-8, so no store and no URL can hold it. */
const wellFormed = z.refine<string>((text) => text.isWellFormed(), 'must be well-formed Unicode');
const shortText = z.string().check(z.minLength(1), z.maxLength(2_048), wellFormed);

const order = z.strictObject({
  app: z.string(),
  tenant: label,
  integration: label,
  configuration: z.optional(z.unknown()),
  return_to: z.optional(shortText),
  login_url: z.optional(shortText),
  login_hint: z.optional(z.string().check(z.minLength(1), z.maxLength(256), wellFormed)),
  expected_org_id: z.optional(
    z.string().check(z.regex(orgIdPattern, 'must be an organization id of 18 characters, beginning with 00D')),
  ),
  connection_id: z.optional(z.string().check(z.maxLength(128), wellFormed)),
  reauthorize: z.optional(z.boolean()),
  force: z.optional(z.boolean()),
});
type OrderBody = z.infer<typeof order>;

export function createConnectHandler(ports: ConnectPorts): HttpHandler {
  const pages = createPages(ports.config.brand);
  return createHttpHandler({
    functionName: 'connect',
    log: ports.log,
    metrics: ports.metrics,
    handlers: {
      'POST /connect-sessions': (request) => start(ports, request),
      'GET /connect-sessions/{id}': (request) => show(ports, request),
      'POST /connect-sessions/{id}/claim': (request) => claim(ports, request),
      'GET /connect/{secret}': (request) => pages.whileUnavailable(() => open(ports, pages, request)),
    },
  });
}

async function start(ports: ConnectPorts, request: HttpRequest): Promise<HttpResponse> {
  const query = judgeQuery(request.query, []);
  if (!query.ok) return problemResponse(query.problem);
  const body = judgeBody(order, request.body);
  if (!body.ok) return problemResponse(body.problem);
  // First of all: what the configuration says of an app is told to those alone who may connect it.
  const forbidden = forbiddenApp(ports, request, 'connect', body.value.app);
  if (forbidden !== undefined) return problemResponse(forbidden);
  const judged = judgeOrder(ports, body.value);
  if (!judged.ok) return problemResponse(judged.problem);
  const apps = ports.appCallers.allowedApps(request.caller, 'connect');
  const callerApps = apps === 'all' ? undefined : [...apps];
  return startConnect(ports, { ...judged.value, callerApps }, (id) =>
    forbiddenConnection(ports, request, 'connect', id),
  );
}

function judgeOrder(ports: ConnectPorts, body: OrderBody): Judged<ConnectOrder> {
  const { app, configuration, return_to, login_url, ...rest } = body;
  const { apps, salesforceOrigin, loopbackReturnTo } = ports.config;
  const appConfig = Object.hasOwn(apps, app) ? apps[app] : undefined;
  if (appConfig === undefined) {
    const known = Object.keys(apps).join(', ');
    return { ok: false, problem: invalid('app', `must be one of the configuration's apps: ${known}`) };
  }
  if (appConfig.flow !== 'authorization_code') {
    const detail = `needs no browser: its flow is ${appConfig.flow}; make the connection by POST /connections`;
    return { ok: false, problem: invalid('app', detail) };
  }
  const kept = configuration === undefined ? undefined : judgeConfiguration(configuration);
  if (kept?.ok === false) return kept;
  if (return_to !== undefined && !isAllowedReturnTo(return_to, appConfig.returnTo, loopbackReturnTo)) {
    const detail = `must match an address of apps.${app}.returnTo in the configuration by origin and path, without a fragment`;
    return { ok: false, problem: invalid('return_to', detail) };
  }
  const unfit = unfitField(app, appConfig, body);
  if (unfit !== undefined) return { ok: false, problem: unfit };
  const loginUrl = loginOrigin(login_url ?? appConfig.loginUrl, salesforceOrigin);
  if (loginUrl === undefined) {
    const detail = 'must be an https origin of Salesforce, e.g. https://test.salesforce.com, without a path';
    return { ok: false, problem: invalid('login_url', detail) };
  }
  return {
    ok: true,
    value: {
      app,
      appConfig,
      tenant: rest.tenant,
      integration: rest.integration,
      configuration: kept?.value,
      returnTo: return_to,
      loginUrl,
      loginHint: rest.login_hint,
      expectedOrgId: rest.expected_org_id,
      connectionId: rest.connection_id,
      reauthorize: rest.reauthorize ?? false,
      force: rest.force ?? false,
    },
  };
}

/** What an app of this kind cannot do with a request, or cannot do without. */
function unfitField(app: string, { purpose, claim: claims }: AppConfig, body: OrderBody): Problem | undefined {
  if (claims && body.return_to === undefined) {
    const detail = `is required: app ${app} does nothing before the session is claimed, and the claim comes back with the browser; give an address, or set apps.${app}.claim to false`;
    return invalid('return_to', detail);
  }
  if (purpose === 'api') return undefined;
  const field = (['connection_id', 'configuration', 'reauthorize'] as const).find((name) => body[name] !== undefined);
  return field && invalid(field, `is not for a sign-in app: ${app} keeps no connection; leave it out`);
}

async function show(ports: ConnectPorts, request: HttpRequest): Promise<HttpResponse> {
  const found = await sessionOf(ports, request);
  if (!found.ok) return problemResponse(found.problem);
  return { kind: 'json', status: 200, body: presentSession(found.value, ports.clock.now()) };
}

async function sessionOf(ports: ConnectPorts, request: HttpRequest): Promise<Judged<Session>> {
  const query = judgeQuery(request.query, []);
  if (!query.ok) return query;
  const id = request.pathParameters.id ?? '';
  const session = sessionIdPattern.test(id) ? await ports.store.sessions.read(id) : undefined;
  if (session !== undefined) {
    const forbidden = forbiddenApp(ports, request, 'connect', session.app);
    return forbidden === undefined ? { ok: true, value: session } : { ok: false, problem: forbidden };
  }
  const detail = 'There is no such connect session; its id is the session_id that POST /connect-sessions answered.';
  return { ok: false, problem: { code: 'unknown_session', detail } };
}

const claimBody = z.strictObject({ claim: z.string().check(z.minLength(1), z.maxLength(256)) });

async function claim(ports: ConnectPorts, request: HttpRequest): Promise<HttpResponse> {
  const body = judgeBody(claimBody, request.body);
  if (!body.ok) return problemResponse(body.problem);
  const found = await sessionOf(ports, request);
  if (!found.ok) return problemResponse(found.problem);
  const outcome = await claimSession(ports, found.value, body.value.claim);
  if (outcome === 'wrong') {
    const detail =
      'is not the claim of this session: take it from the query of the address that the browser came back to, and only where the user who began the session is the one logged in';
    return problemResponse(invalid('claim', detail));
  }
  return { kind: 'json', status: 200, body: presentSession(outcome, ports.clock.now()) };
}

async function open(ports: ConnectPorts, pages: Pages, request: HttpRequest): Promise<HttpResponse> {
  const opening = await openLink(ports, request.pathParameters.secret ?? '', request.cookies);
  switch (opening.kind) {
    case 'go':
      return { kind: 'redirect', status: 302, location: opening.location, cookies: [opening.cookie] };
    case 'unknown':
      return pages.unknownLink();
    case 'ended':
      return pages.outcome(opening.session, ports.clock.now());
  }
}
