/**
 * A running local stack for flow tests, with a clock that they move, a browser that keeps cookies, and every answer
 * of the API held against `docs/openapi.yaml`. Where a secret gets out, its end fails (`canary-watch.ts`).
 */
import assert from 'node:assert/strict';
import type { Handlers } from '../../dev/local/lambda.ts';
import { createLocalHandlers } from '../../dev/local/local-handlers.ts';
import { type LocalStack, startLocalStack } from '../../dev/local/local-stack.ts';
import { assertionGrantType } from '../../dev/simulator/assertion-exchange.ts';
import { defaultOrgs, type Simulator } from '../../dev/simulator/simulator.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { createCanaryWatch, watchPorts } from './canary-watch.ts';
import { seeAnswer, seeWhatIsLeft, watchHandlers } from './flow-canaries.ts';
import { createFlowClock, type FlowClock } from './flow-clock.ts';
import { flowSigningKeys } from './flow-signing-keys.ts';
import { type Contract, loadContract } from './openapi.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read fields that the contract has checked
  readonly body: any;
}

export interface Flow {
  readonly stack: LocalStack;
  readonly simulator: Simulator;
  readonly clock: FlowClock;
  api(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  /** Any request, however wrong: its answer is watched, and held to no contract. */
  send(method: string, path: string, init: RequestInit): Promise<{ status: number; text: string }>;
  /** One browser: keeps its cookies, follows nothing. */
  browser(): Browser;
  /** From `POST /connect-sessions` to the callback, as one user would. */
  connect(order?: Record<string, unknown>, user?: string): Promise<Connected>;
  /** `POST /connections`: without a browser. */
  introduce(order?: Record<string, unknown>): Promise<ApiAnswer>;
  token(connectionId: string): Promise<ApiAnswer>;
  /** Token requests that Salesforce got, by grant type. */
  tokenRequests(grantType: string): number;
  /** Token requests by assertion. */
  assertions(): number;
  /** Rejects where a secret got out, by whatever way. */
  close(): Promise<void>;
}

export interface Browser {
  get(url: string): Promise<{ status: number; headers: Headers; text: string }>;
  /** Opens a connect link and answers where Salesforce's login is. */
  open(connectUrl: string): Promise<string>;
}

export interface Connected {
  readonly sessionId: string;
  readonly connectionId: string;
  readonly callback: { status: number; headers: Headers; text: string };
  readonly session: ApiAnswer['body'];
}

export const [org, otherOrg] = defaultOrgs as [(typeof defaultOrgs)[number], (typeof defaultOrgs)[number]];
export const user = org.users[0]?.username ?? '';
export const otherUser = org.users[1]?.username ?? '';
/** By assertion, as `user`. */
export const jwtOrder: Readonly<Record<string, string>> = { app: 'crm-jwt', username: user };

let contract: Promise<Contract> | undefined;

export interface FlowOptions {
  /** Handlers over changed ports. */
  change?(ports: Ports): Ports;
  createHandlers?(ports: Ports): Handlers;
  /** A folder of an earlier stack, to go on from. @default all in memory */
  dataDir?: string;
  /** Fewer than in production make a tick cheaper. @default 4, with `dataDir` 16 */
  shards?: number;
}

export async function startFlow(options: FlowOptions = {}): Promise<Flow> {
  contract ??= loadContract();
  const { checkAnswer } = await contract;
  const clock = createFlowClock();
  const { change = (ports: Ports) => ports, createHandlers = createLocalHandlers } = options;
  const watch = createCanaryWatch({ keeps: true });
  const stack = await startLocalStack({
    port: 0,
    clock,
    tick: 'manual',
    quiet: true,
    dataDir: options.dataDir,
    shards: options.shards ?? (options.dataDir === undefined ? 4 : undefined),
    signingKeys: await flowSigningKeys(),
    // Before the change and after it: a test may leak on purpose, or bring a Salesforce of its own.
    createHandlers: (ports) =>
      watchHandlers(createHandlers(watchPorts(change(watchPorts(ports, watch)), watch)), watch),
  });
  const { simulator } = stack;
  assert.ok(simulator);

  async function api(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const init: RequestInit =
      body === undefined
        ? { method }
        : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(new URL(path, stack.url), { ...init, redirect: 'manual' });
    const text = await response.text();
    checkAnswer({ method, path, status: response.status, headers: response.headers, body: text });
    seeAnswer(watch, { method, path, status: response.status, headers: response.headers, text });
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  async function send(method: string, path: string, init: RequestInit): Promise<{ status: number; text: string }> {
    const { status, headers, ...response } = await answerOf(new URL(path, stack.url), { ...init, method });
    seeAnswer(watch, { method, path, status, headers, ...response });
    return { status, ...response };
  }

  function browser(): Browser {
    const cookies = new Map<string, string>();
    const get: Browser['get'] = async (url) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
      const text = await response.text();
      const { pathname, search, origin } = new URL(url);
      if (origin === stack.url) {
        checkAnswer({
          method: 'GET',
          path: pathname + search,
          status: response.status,
          headers: response.headers,
          body: text,
        });
        seeAnswer(watch, { method: 'GET', path: pathname, status: response.status, headers: response.headers, text });
      }
      for (const line of response.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        const [name = '', value = ''] = pair.split('=');
        cookies.set(name, value);
      }
      return { status: response.status, headers: response.headers, text };
    };
    return {
      get,
      async open(connectUrl) {
        const opened = await get(connectUrl);
        assert.equal(opened.status, 302, opened.text);
        return opened.headers.get('location') ?? '';
      },
    };
  }

  async function connect(order: Record<string, unknown> = {}, username = user): Promise<Connected> {
    const started = await api('POST', '/connect-sessions', {
      app: 'crm',
      tenant: 'acme',
      integration: 'sync',
      ...order,
    });
    assert.equal(started.status, 201, JSON.stringify(started.body));
    const person = browser();
    const login = await person.open(started.body.connect_url);
    const callback = await person.get(simulatorOf(simulator).authorize(login, { username, decision: 'allow' }));
    const session = (await api('GET', `/connect-sessions/${started.body.session_id}`)).body;
    return { sessionId: started.body.session_id, connectionId: session.connection_id, callback, session };
  }

  return {
    stack,
    simulator,
    clock,
    api,
    send,
    browser,
    connect,
    introduce: (order = jwtOrder) => api('POST', '/connections', order),
    token: (connectionId) => api('GET', `/connections/${connectionId}/token`),
    tokenRequests: (grantType) => simulatorOf(simulator).books.requests({ endpoint: 'token', grantType }).length,
    assertions: () =>
      simulatorOf(simulator).books.requests({ endpoint: 'token', grantType: assertionGrantType }).length,
    async close() {
      try {
        await seeWhatIsLeft(watch, stack);
      } finally {
        await stack.close();
      }
      watch.assertNoLeak();
    },
  };
}

async function answerOf(url: URL, init: RequestInit): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function simulatorOf(simulator: Simulator | undefined): Simulator {
  assert.ok(simulator);
  return simulator;
}

/** Does the access token work at the instance's REST resource? */
export async function worksAtSalesforce(answer: ApiAnswer): Promise<boolean> {
  const response = await fetch(`${answer.body.instance_url}/services/data/v62.0/limits`, {
    headers: { authorization: `Bearer ${answer.body.access_token}` },
  });
  await response.body?.cancel();
  return response.status === 200;
}
