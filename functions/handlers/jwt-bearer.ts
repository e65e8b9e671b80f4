/**
 * `jwt-bearer`: makes connections without a browser. By `POST /connections`, or invoked directly with the same body, by
 * a schedule of the deployer's for instance: where the connection is there, it changes nothing.
 */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { UnreadableItemError } from '../core/errors.ts';
import { hostKindOf, loginOrigin } from '../core/hosts.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import { orgIdPattern } from '../core/ids.ts';
import type { Ports } from '../core/ports.ts';
import { type Problem, problemBody } from '../core/problem.ts';
import {
  type ConnectionOrder,
  createIntroduceConnection,
  type Introduced,
  type IntroducePorts,
} from '../flows/introduce-connection.ts';
import { showConnection } from '../flows/show-connection.ts';
import { createHttpHandler } from '../runtime/http.ts';
import { createInvocationHandler } from '../runtime/invocation.ts';
import { type AppAccessPorts, forbiddenApp, forbiddenConnection } from './app-access.ts';
import { judgeConfiguration } from './configuration-field.ts';
import { invalid, type Judged, judgeBody, judgeQuery, label, problemResponse } from './request-fields.ts';

export type JwtBearerPorts = IntroducePorts & AppAccessPorts & Pick<Ports, 'metrics'>;

/** What a direct invocation is answered. */
export type DirectAnswer =
  | { readonly version: 1; readonly kind: 'connection'; readonly created: boolean; readonly connection_id: string }
  | { readonly version: 1; readonly kind: 'problem'; readonly problem: Readonly<Record<string, unknown>> };

export type JwtBearerHandler = (event: unknown, context: Context) => Promise<unknown>;

const fields = {
  app: z.string(),
  username: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  login_url: z.optional(z.string().check(z.minLength(1), z.maxLength(2_048))),
  expected_org_id: z.optional(
    z.string().check(z.regex(orgIdPattern, 'must be an organization id of 18 characters, beginning with 00D')),
  ),
  tenant: z.optional(label),
  integration: z.optional(label),
  configuration: z.optional(z.unknown()),
};
const body = z.strictObject(fields);
const directEvent = z.strictObject({ version: z.literal(1), kind: z.literal('connect'), ...fields });

export function createJwtBearerHandler(ports: JwtBearerPorts): JwtBearerHandler {
  const introduce = createIntroduceConnection(ports);

  async function connect(request: HttpRequest): Promise<HttpResponse> {
    const query = judgeQuery(request.query, []);
    if (!query.ok) return problemResponse(query.problem);
    const parsed = judgeBody(body, request.body);
    if (!parsed.ok) return problemResponse(parsed.problem);
    // First of all: what the configuration says of an app is told to those alone who may connect it.
    const forbidden = await forbiddenOrder(ports, request, parsed.value);
    if (forbidden !== undefined) return problemResponse(forbidden);
    const judged = judgeOrder(ports, parsed);
    if (!judged.ok) return problemResponse(judged.problem);
    const order = { ...judged.value, use: useOf(ports, request, judged.value.use) };
    return respond(ports, order, await introduce(order, request.remainingTimeMs));
  }

  const { log, metrics } = ports;
  const http = createHttpHandler({
    functionName: 'jwt-bearer',
    log,
    metrics,
    handlers: { 'POST /connections': connect },
  });
  const direct = createInvocationHandler({
    log,
    metrics,
    parse: parseDirect,
    run: async (order, { remainingTimeMs }): Promise<DirectAnswer> => {
      const judged = judgeOrder(ports, { ok: true, value: order });
      if (!judged.ok) return directProblem(judged.problem);
      const introduced = await introduce(judged.value, () => remainingTimeMs());
      if (introduced.kind === 'problem') return directProblem(introduced.problem);
      const { created, connectionId } = introduced;
      return { version: 1, kind: 'connection', created, connection_id: connectionId };
    },
  });
  return (event, context) => (isHttpEvent(event) ? http(event, context) : direct(event, context));
}

type Body = z.infer<typeof body>;

function judgeOrder(ports: JwtBearerPorts, input: Judged<Body>): Judged<ConnectionOrder> {
  if (!input.ok) return input;
  const { app, username, login_url, expected_org_id: expectedOrgId, tenant, integration, configuration } = input.value;
  const { apps, salesforceOrigin } = ports.config;
  const appConfig = Object.hasOwn(apps, app) ? apps[app] : undefined;
  if (appConfig === undefined || appConfig.flow === 'authorization_code') {
    const known = Object.keys(apps).filter((name) => apps[name]?.flow !== 'authorization_code');
    const those = known.length === 0 ? 'there is none' : `they are ${known.join(', ')}`;
    return refused('app', `must be an app whose flow needs no browser (jwt_bearer, client_credentials); ${those}`);
  }
  if (appConfig.flow === 'jwt_bearer' && username === undefined) {
    return refused(
      'username',
      `is required: app ${app} asserts a user; give the username of one who is pre-authorized`,
    );
  }
  if (appConfig.flow === 'client_credentials' && username !== undefined) {
    return refused('username', `is not for app ${app}: Salesforce chooses the run-as user; leave it out`);
  }
  if ((tenant === undefined) !== (integration === undefined)) {
    const missing = tenant === undefined ? 'tenant' : 'integration';
    return refused(missing, 'is missing: give tenant and integration together, or neither');
  }
  if (tenant !== undefined && expectedOrgId === undefined) {
    const why = "else a username of another customer's org could be attached";
    return refused('expected_org_id', `is required with tenant, ${why}; give the org id of this tenant`);
  }
  if (tenant === undefined && configuration !== undefined) {
    return refused('configuration', 'is of an integration: give tenant and integration with it, or leave it out');
  }
  const kept = configuration === undefined ? undefined : judgeConfiguration(configuration);
  if (kept?.ok === false) return kept;
  const loginUrl = loginOrigin(login_url ?? appConfig.loginUrl, salesforceOrigin);
  if (loginUrl === undefined) {
    return refused(
      'login_url',
      'must be an https origin of Salesforce, e.g. https://test.salesforce.com, without a path',
    );
  }
  const onMyDomain = loginUrl === salesforceOrigin || hostKindOf(loginUrl) === 'my_domain';
  if (appConfig.flow === 'client_credentials' && !onMyDomain) {
    return refused(
      'login_url',
      `must be the org's My Domain, e.g. https://example.my.salesforce.com: client credentials are answered nowhere else; got ${loginUrl}`,
    );
  }
  const use =
    tenant === undefined || integration === undefined
      ? undefined
      : { tenant, integration, ...(kept === undefined ? {} : { configuration: kept.value }) };
  return { ok: true, value: { app, appConfig, username, loginUrl, expectedOrgId, use } };
}

function refused(field: string, detail: string): Judged<never> {
  return { ok: false, problem: invalid(field, detail) };
}

/** A caller held to some apps takes an integration from no other, also where it was linked since. */
function useOf(
  { appCallers }: JwtBearerPorts,
  request: HttpRequest,
  use: ConnectionOrder['use'],
): ConnectionOrder['use'] {
  const apps = appCallers.allowedApps(request.caller, 'connect');
  return use === undefined || apps === 'all' ? use : { ...use, takesFrom: [...apps] };
}

/** Of the app itself, and of the app whose connection the integration would be taken away from. */
async function forbiddenOrder(
  ports: JwtBearerPorts,
  request: HttpRequest,
  { app, tenant, integration }: Body,
): Promise<Problem | undefined> {
  const forbidden = forbiddenApp(ports, request, 'connect', app);
  if (forbidden !== undefined || tenant === undefined || integration === undefined) return forbidden;
  const linked = await ports.store.integrations.read({ tenant, integration });
  if (linked === undefined || linked.status === 'unlinked') return undefined;
  return forbiddenConnection(ports, request, 'connect', linked.connectionId);
}

async function respond(ports: JwtBearerPorts, { use }: ConnectionOrder, introduced: Introduced): Promise<HttpResponse> {
  if (introduced.kind === 'problem') return problemResponse(introduced.problem);
  const shown = await showConnection(ports, introduced.connectionId, use?.tenant);
  if (shown === undefined) {
    const detail = `Connection ${introduced.connectionId} was made; its integration is still being linked. Ask for it in a moment.`;
    return problemResponse({ code: 'refresh_pending', detail, retryAfterSeconds: 2 });
  }
  return { kind: 'json', status: introduced.created ? 201 : 200, body: shown };
}

function directProblem(problem: Problem): DirectAnswer {
  return { version: 1, kind: 'problem', problem: problemBody(problem) };
}

/** Only the gateway makes a request context. */
function isHttpEvent(event: unknown): event is APIGatewayProxyEventV2 {
  return typeof event === 'object' && event !== null && 'requestContext' in event;
}

function parseDirect(event: unknown): Body {
  const parsed = directEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.map(String).join('.') || '(root)').join(', ');
  throw new UnreadableItemError(`The event is no request for a connection of version 1; wrong at: ${paths}.`);
}
