/**
 * A simulated Salesforce: a plain `Request → Response` function with its own books, for tests in process, the local
 * stack and the demo. What it does follows salesforce-oauth.md; where that is uncertain, switches decide.
 *
 * A request is written in the log, waits (`slowMs`), is processed as one synchronous act, waits (`slowAfterMs`) and is
 * answered. Refreshes of one token race from arrival until processed; a request that comes in while the answer is
 * under way is none of the race, but the use of a token that may have been rotated out.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { marked } from '../canary/canary.ts';
import { type AppPolicies, certificateOf } from './app-policy-book.ts';
import { authorizeEndpoint, type Decision, decideEndpoint, decideInCode } from './authorize-endpoint.ts';
import { notFoundPage } from './authorize-page.ts';
import { Books, type BooksState } from './books.ts';
import { consoleRoute } from './console-routes.ts';
import { connectionReset, disturbance } from './disturbance.ts';
import type { Answer, Call, Context, EndpointFunction } from './endpoint.ts';
import { digestOf } from './fingerprint.ts';
import { identityEndpoint } from './identity-endpoint.ts';
import { introspectEndpoint } from './introspect-endpoint.ts';
import { defaultOrgs, mustFindApp, type SimulatorApp, type SimulatorOrg } from './orgs.ts';
import type { Endpoint, LoggedRequest } from './request-log.ts';
import { restResource } from './rest-resource.ts';
import { revokeEndpoint } from './revoke-endpoint.ts';
import { defaultSwitches, type Switches } from './switches.ts';
import { tokenEndpoint } from './token-endpoint.ts';

export type { AppPolicies } from './app-policy-book.ts';
export type { Books } from './books.ts';
export { defaultOrgs, type SimulatorApp, type SimulatorOrg } from './orgs.ts';
export type { LoggedRequest } from './request-log.ts';
export type { Switches } from './switches.ts';

export interface SimulatorOptions {
  /** Where it is reached; every URL in its answers begins with this. */
  origin: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** How the slow switches wait. @default a timer */
  wait?: (ms: number) => Promise<void>;
  apps: SimulatorApp[];
  /** @default defaultOrgs */
  orgs?: SimulatorOrg[];
  /** Over the defaults, or over those of `state`. */
  switches?: Partial<Switches>;
  /** Called synchronously after each change, to keep a `snapshot()`. */
  onChange?: () => void;
  /** A snapshot to go on from. */
  state?: unknown;
  /** @default randomBytes */
  random?: (size: number) => Uint8Array;
}

interface Snapshot {
  version: 1;
  switches: Switches;
  books: BooksState;
}

export class Simulator {
  readonly switches: Switches;
  readonly books: Books;
  readonly #context: Context;
  readonly #wait: (ms: number) => Promise<unknown>;
  readonly #refreshesInFlight = new Set<string>();

  constructor(options: SimulatorOptions) {
    const { origin, now, apps, random = randomBytes } = options;
    const state = options.state === undefined ? undefined : snapshotOf(options.state);
    this.switches = { ...defaultSwitches(), ...structuredClone(state?.switches), ...options.switches };
    this.books = new Books({
      orgs: options.orgs ?? defaultOrgs,
      now,
      onChange: options.onChange ?? (() => {}),
      ...(state && { state: state.books }),
    });
    for (const { certificates = [] } of apps) for (const certificate of certificates) certificateOf(certificate);
    this.#wait = options.wait ?? sleep;
    this.#context = {
      origin: new URL(origin).origin,
      apps: structuredClone(apps),
      switches: this.switches,
      books: this.books,
      now,
      // Tokens and codes: whoever finds one knows it for the simulator's.
      random: (bytes) => Buffer.from(marked(random(bytes))).toString('base64url'),
    };
  }

  /**
   * Answers as Salesforce would. Rejects, as `fetch` does, where a switch resets the connection or the request is
   * aborted; either way it is processed.
   */
  fetch(request: Request): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const abort = () => reject(request.signal.reason);
    if (request.signal.aborted) abort();
    else {
      request.signal.addEventListener('abort', abort, { once: true });
      this.#answer(request).then(resolve, reject);
    }
    return promise.finally(() => request.signal.removeEventListener('abort', abort));
  }

  /** Decides on an authorization URL as a user would on its page, and returns where the browser is sent then. */
  authorize(url: string, { username, decision }: { username: string; decision: Decision }): string {
    const { books, now } = this.#context;
    const { answer, location } = books.change(() => {
      const entry = books.log.arrived('decide', now());
      const decided = decideInCode(this.#context, new URL(url, this.#context.origin), username, decision);
      books.log.settled(entry, settlementOf(decided.answer));
      return decided;
    });
    if (location !== undefined) return location;
    throw new Error(`Salesforce redirects nowhere, but shows a page: ${answer.outcome}.`);
  }

  /** Everything that a simulator has to remember, as JSON-able data. It holds digests of tokens, no token. */
  snapshot(): unknown {
    const snapshot: Snapshot = { version: 1, switches: structuredClone(this.switches), books: this.books.state() };
    return snapshot;
  }

  revokeGrant(grantId: string): boolean {
    return this.books.revokeGrant(grantId);
  }

  revokeOrg(orgId: string): number {
    return this.books.revokeOrg(orgId);
  }

  revokeApp(clientId: string): number {
    return this.books.revokeApp(mustFindApp(this.#context.apps, clientId).clientId);
  }

  deactivateUser(userId: string): boolean {
    return this.books.deactivateUser(userId, { endSessions: this.switches.deactivationEndsSessions });
  }

  deactivateOrg(orgId: string): boolean {
    return this.books.deactivateOrg(orgId, { endSessions: this.switches.deactivationEndsSessions });
  }

  lockUser(userId: string, locked = true): boolean {
    return this.books.lockUser(userId, locked);
  }

  /** Whom an app is pre-authorized for, whom it runs as, or all of its certificates, as set in Setup. */
  changeApp(clientId: string, change: Partial<AppPolicies>): void {
    const app = mustFindApp(this.#context.apps, clientId);
    this.books.change(() => this.books.policies.change(app.clientId, change));
  }

  /** Uploads a certificate: in place of the oldest where there are as many as `certificatesPerApp`. */
  registerCertificate(clientId: string, certificate: string): void {
    const app = mustFindApp(this.#context.apps, clientId);
    this.books.change(() => this.books.policies.upload(app, certificate, this.switches.certificatesPerApp));
  }

  expireSession(accessToken: string): boolean {
    return this.books.expireSession(accessToken);
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const type = request.headers.get('content-type') ?? '';
    const body = await textOf(request);
    if (body === undefined) return Response.json({ error: `The body exceeds ${bodyLimit} bytes.` }, { status: 413 });
    const ofConsole = consoleRoute(this.#context, request.method, url.pathname, type, body);
    if (ofConsole !== undefined) return ofConsole;
    const route = routeOf(url.pathname);
    if (route === undefined) return notFoundPage(url.pathname);
    const form = new URLSearchParams(/^application\/x-www-form-urlencoded\b/i.test(type) ? body : '');
    return this.#serve(route, { method: request.method, url, headers: request.headers, form, racing: false });
  }

  async #serve(route: Route, call: Call): Promise<Response> {
    const { books, now } = this.#context;
    const grantType =
      route.endpoint === 'token' ? (call.form.get('grant_type')?.slice(0, 100) ?? undefined) : undefined;
    const entry = books.change(() => books.log.arrived(route.endpoint, now(), grantType));
    const { response } = await this.#race(route, call, entry);
    if (route.oauth && this.switches.slowAfterMs > 0) await this.#wait(this.switches.slowAfterMs);
    if (entry.answerLost) throw connectionReset();
    return response;
  }

  async #race(route: Route, call: Call, entry: LoggedRequest): Promise<Answer> {
    const token = call.form.get('grant_type') === 'refresh_token' ? call.form.get('refresh_token') : null;
    const mark = route.endpoint === 'token' && token !== null ? digestOf(token) : undefined;
    // The loser is refused at once: its winner is still being processed.
    if (mark !== undefined && this.#refreshesInFlight.has(mark))
      return this.#process(route, { ...call, racing: true }, entry);
    if (mark !== undefined) this.#refreshesInFlight.add(mark);
    try {
      if (route.oauth && this.switches.slowMs > 0) await this.#wait(this.switches.slowMs);
      return this.#process(route, call, entry);
    } finally {
      if (mark !== undefined) this.#refreshesInFlight.delete(mark);
    }
  }

  #process({ endpoint, answer, oauth }: Route, call: Call, entry: LoggedRequest): Answer {
    const { books } = this.#context;
    return books.change(() => {
      const result = disturbance(this.#context, endpoint) ?? answer(this.#context, call);
      const lost = oauth && this.switches.resetAfterProcessing;
      books.log.settled(entry, { ...settlementOf(result), ...(lost && { answerLost: true }) });
      return result;
    });
  }
}

interface Route {
  endpoint: Endpoint;
  answer: EndpointFunction;
  /** Of those that a client's server calls: only these are slow or reset. */
  oauth: boolean;
}

const routes: [path: RegExp, route: Route][] = [
  [/^\/services\/oauth2\/authorize$/, { endpoint: 'authorize', answer: authorizeEndpoint, oauth: false }],
  [/^\/simulator\/decide$/, { endpoint: 'decide', answer: decideEndpoint, oauth: false }],
  [/^\/services\/oauth2\/token$/, { endpoint: 'token', answer: tokenEndpoint, oauth: true }],
  [/^\/services\/oauth2\/revoke$/, { endpoint: 'revoke', answer: revokeEndpoint, oauth: true }],
  [/^\/services\/oauth2\/introspect$/, { endpoint: 'introspect', answer: introspectEndpoint, oauth: true }],
  [/^\/id\/[^/]+\/[^/]+$/, { endpoint: 'identity', answer: identityEndpoint, oauth: true }],
  [/^\/services\/data\//, { endpoint: 'rest', answer: restResource, oauth: false }],
];

const bodyLimit = 64 * 1024;

function routeOf(path: string): Route | undefined {
  return routes.find(([pattern]) => pattern.test(path))?.[1];
}

/** The body, or `undefined` where it is too long. */
async function textOf(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > bodyLimit) return undefined;
  const bytes = await request.arrayBuffer();
  return bytes.byteLength > bodyLimit ? undefined : new TextDecoder().decode(bytes);
}

function settlementOf({ outcome, clientId, grantId, revoked }: Answer) {
  return { outcome, ...(clientId && { clientId }), ...(grantId && { grantId }), ...(revoked && { revoked }) };
}

function snapshotOf(state: unknown): Snapshot {
  const snapshot = state as Partial<Snapshot> | null;
  if (snapshot?.version === 1 && snapshot.switches !== undefined && snapshot.books !== undefined)
    return snapshot as Snapshot;
  throw new Error(
    `The simulator's saved state has version ${JSON.stringify(snapshot?.version)}; it reads version 1. Remove it to begin anew.`,
  );
}
