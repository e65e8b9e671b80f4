/**
 * The deployed functions: the real handlers, each warm copy with ports of its own, one invocation at a time; a copy
 * that was killed is never used again. What calls a function is told of its death as the cloud would tell it.
 */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context, SQSBatchResponse } from 'aws-lambda';
import type {
  AccessRevocation,
  ConfigurationRequest,
  IntegrationKey,
  Ports,
  RefreshReport,
  RefreshRequest,
} from '../../functions/core/ports.ts';
import type { Session } from '../../functions/core/session.ts';
import { claimSession } from '../../functions/flows/claim-session.ts';
import { type Disconnection, disconnect } from '../../functions/flows/disconnect.ts';
import { openLink } from '../../functions/flows/open-link.ts';
import { type Reconfiguration, reconfigureIntegration } from '../../functions/flows/reconfigure-integration.ts';
import { type ConnectOrder, startConnect } from '../../functions/flows/start-connect.ts';
import { type Unlinking, unlinkIntegration } from '../../functions/flows/unlink-integration.ts';
import { createCallbackHandler } from '../../functions/handlers/callback.ts';
import { createConfigureHandler } from '../../functions/handlers/configure.ts';
import { createJwtBearerHandler, type DirectAnswer } from '../../functions/handlers/jwt-bearer.ts';
import { createMaintainHandler } from '../../functions/handlers/maintain.ts';
import { type AccessRevocationReport, createRefreshHandler } from '../../functions/handlers/refresh.ts';
import { createScheduleRefreshesHandler } from '../../functions/handlers/schedule-refreshes.ts';
import { createTokenHandler, type DirectTokenAnswer } from '../../functions/handlers/token.ts';
import { batchOf } from './lambda-events.ts';
import { type OutsidePorts, processPorts, type Running } from './process-ports.ts';
import { processRandom } from './seeded-random.ts';
import type { Process, World } from './world.ts';

export type FunctionName =
  | 'refresh'
  | 'token'
  | 'callback'
  | 'maintain'
  | 'schedule'
  | 'configure'
  | 'connect'
  | 'jwt-bearer'
  | 'connections';

/** `killed`: it never answers. */
export type Ended<T> =
  | { readonly kind: 'answered'; readonly value: T; readonly process: Process }
  | { readonly kind: 'failed'; readonly error: unknown; readonly process: Process }
  | { readonly kind: 'killed'; readonly process: Process };

interface Warm {
  readonly name: FunctionName;
  readonly running: Running;
  readonly ports: Ports;
  readonly handler: (event: unknown, context: Context) => Promise<unknown>;
}

export class Functions {
  readonly #world: World;
  readonly #outside: OutsidePorts;
  readonly #idle = new Map<FunctionName, Warm[]>();

  constructor(world: World, outside: (functions: Functions) => OutsidePorts) {
    this.#world = world;
    this.#outside = outside(this);
  }

  refreshDirectly(request: RefreshRequest): Promise<Ended<RefreshReport>> {
    return this.#invoke('refresh', request);
  }

  /** What `maintain` asks it for. */
  revokeAccessToken(request: AccessRevocation): Promise<Ended<AccessRevocationReport>> {
    return this.#invoke('refresh', request);
  }

  refreshQueued(requests: readonly RefreshRequest[]): Promise<Ended<unknown>> {
    return this.#invoke('refresh', batchOf(requests));
  }

  http(
    name: 'token' | 'callback' | 'jwt-bearer',
    event: APIGatewayProxyEventV2,
  ): Promise<Ended<APIGatewayProxyStructuredResultV2>> {
    return this.#invoke(name, event);
  }

  /** A connection without a browser, invoked directly: by a schedule, say. */
  introduceDirectly(body: object): Promise<Ended<DirectAnswer>> {
    return this.#invoke('jwt-bearer', { version: 1, kind: 'connect', ...body });
  }

  maintain(): Promise<Ended<unknown>> {
    return this.#invoke('maintain', {});
  }

  /** What `connect` and `callback` ask it for. */
  maintainOne(connectionId: string): Promise<Ended<unknown>> {
    return this.#invoke('maintain', { version: 1, kind: 'do_duties', connectionId });
  }

  /** What `configure` asks it for. */
  readToken(connectionId: string, rejectedTokenSha256: string | undefined): Promise<Ended<DirectTokenAnswer>> {
    const rejected = rejectedTokenSha256 === undefined ? {} : { rejectedTokenSha256 };
    return this.#invoke('token', { version: 1, kind: 'read_token', connectionId, ...rejected });
  }

  configure(requests: readonly ConfigurationRequest[]): Promise<Ended<SQSBatchResponse>> {
    return this.#invoke('configure', batchOf(requests));
  }

  schedule(): Promise<Ended<unknown>> {
    return this.#invoke('schedule', {});
  }

  startConnect(order: ConnectOrder): Promise<Ended<Awaited<ReturnType<typeof startConnect>>>> {
    return this.#invoke('connect', (ports: Ports) => startConnect(ports, order, admitted));
  }

  openLink(
    secret: string,
    cookies: Readonly<Record<string, string>>,
  ): Promise<Ended<Awaited<ReturnType<typeof openLink>>>> {
    return this.#invoke('connect', (ports: Ports) => openLink(ports, secret, cookies));
  }

  /** As the route does it: with the session as it is then. */
  claim(sessionId: string, claim: string): Promise<Ended<Session | 'wrong' | 'unknown'>> {
    return this.#invoke('connect', async (ports: Ports) => {
      const session = await ports.store.sessions.read(sessionId);
      return session === undefined ? 'unknown' : claimSession(ports, session, claim);
    });
  }

  disconnect(connectionId: string, force: boolean): Promise<Ended<Disconnection>> {
    return this.#invoke('connections', (ports: Ports) => disconnect(ports, connectionId, undefined, force));
  }

  unlink(key: IntegrationKey): Promise<Ended<Unlinking>> {
    return this.#invoke('connections', (ports: Ports) => unlinkIntegration(ports, key, admitted));
  }

  reconfigure(key: IntegrationKey, configuration: string | undefined): Promise<Ended<Reconfiguration>> {
    return this.#invoke('connections', (ports: Ports) => reconfigureIntegration(ports, key, configuration, admitted));
  }

  #invoke<T>(name: FunctionName, event: unknown): Promise<Ended<T>> {
    const world = this.#world;
    const process = world.begin(name);
    const warm = this.#warm(name, process);
    const { promise, resolve } = Promise.withResolvers<Ended<T>>();
    process.onKilled = () => resolve({ kind: 'killed', process });
    const end = (ended: Ended<T>) => {
      if (!process.alive) return;
      world.end(process);
      this.#idle.set(name, [...(this.#idle.get(name) ?? []), warm]);
      resolve(ended);
    };
    world.note(process, '▶ begins');
    warm.handler(event, contextOf(world, process)).then(
      (value) => end({ kind: 'answered', value: value as T, process }),
      (error: unknown) => end({ kind: 'failed', error, process }),
    );
    return promise;
  }

  #warm(name: FunctionName, process: Process): Warm {
    const idle = this.#idle.get(name)?.shift();
    const random = processRandom(this.#world.seed, process.id);
    if (idle !== undefined) {
      idle.running.process = process;
      idle.running.random = random;
      return idle;
    }
    const running: Running = { process, random };
    const ports = processPorts(this.#world, running, this.#outside);
    return { name, running, ports, handler: handlerOf(name, ports) };
  }
}

/** Every caller of the simulation may act on every app. */
const admitted = () => undefined;

function handlerOf(name: FunctionName, ports: Ports): Warm['handler'] {
  switch (name) {
    case 'refresh':
      return createRefreshHandler(ports);
    case 'token':
      return createTokenHandler(ports) as Warm['handler'];
    case 'callback':
      return createCallbackHandler(ports) as Warm['handler'];
    case 'maintain':
      return createMaintainHandler(ports);
    case 'configure':
      return createConfigureHandler(ports) as Warm['handler'];
    case 'jwt-bearer':
      return createJwtBearerHandler(ports);
    case 'schedule':
      return createScheduleRefreshesHandler(ports);
    // The flows themselves: a stack around these would cost more than it could find.
    case 'connect':
    case 'connections':
      return (run) => (run as (ports: Ports) => Promise<unknown>)(ports);
  }
}

function contextOf(world: World, process: Process): Context {
  const end = process.startedAt + process.timeoutMs;
  return {
    awsRequestId: `request-${process.id}`,
    getRemainingTimeInMillis: () => end - world.now(),
  } as Context;
}

/** A request as the gateway hands it on (payload 2.0), with no more in it than the stack reads. */
export function gatewayEvent(
  method: string,
  path: string,
  more: { query?: string; cookies?: string[]; body?: unknown; pathParameters?: Record<string, string> } = {},
): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: more.query ?? '',
    headers: more.body === undefined ? {} : { 'content-type': 'application/json' },
    ...(more.cookies === undefined ? {} : { cookies: more.cookies }),
    ...(more.pathParameters === undefined ? {} : { pathParameters: more.pathParameters }),
    requestContext: { http: { method, path }, requestId: 'gateway' },
    ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
}
