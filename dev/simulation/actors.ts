/** Those who use the service: people who connect, services that read tokens, the minute's ticks, an administrator. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { sha256Hex } from '../../functions/core/hash.ts';
import { connectionIdOf } from '../../functions/core/ids.ts';
import { type Functions, gatewayEvent } from './functions.ts';
import { config } from './process-ports.ts';
import { Readings } from './readings.ts';
import type { World } from './world.ts';

export interface User {
  readonly orgId: string;
  readonly userId: string;
  readonly connectionId: string;
  readonly tenant: string;
}

/** A connect session as its user knows it. */
export interface Connecting {
  readonly user: User;
  readonly sessionId: string;
  readonly integration: string;
  code?: string;
}

export const users: readonly User[] = [1, 2, 3].map((number) => {
  const orgId = `00D00000000000${number < 3 ? 1 : 2}AAA`.slice(0, 18).padEnd(18, 'A');
  const userId = `00500000000000${number}AAA`.slice(0, 18).padEnd(18, 'A');
  return { orgId, userId, connectionId: connectionIdOf({ app: 'crm', orgId, userId }), tenant: `tenant-${number}` };
});

const longestThoughtMs = 20_000;

export class Actors {
  readonly world: World;
  readonly functions: Functions;
  readonly readings: Readings;
  readonly connectings: Connecting[] = [];

  constructor(world: World, functions: Functions) {
    this.world = world;
    this.functions = functions;
    this.readings = new Readings(world);
  }

  /** From the service's request to the callback, as a browser goes; it may reload, and come twice. */
  async connect(user: User, reauthorize: boolean, integration = 'main'): Promise<void> {
    const { functions, world } = this;
    const event = await this.authorize(user, reauthorize, integration);
    if (event === undefined) return;
    if (world.plan.below(8) === 7) void functions.http('callback', event());
    const ended = await functions.http('callback', event());
    if (ended.kind !== 'answered' && world.plan.below(2) === 1) await functions.http('callback', event());
  }

  /** Up to the way back from Salesforce: the request that the browser will make. */
  async authorize(
    user: User,
    reauthorize: boolean,
    integration = 'main',
  ): Promise<(() => APIGatewayProxyEventV2) | undefined> {
    const { functions, world } = this;
    const started = await functions.startConnect({
      app: 'crm',
      appConfig: config.apps.crm!,
      tenant: user.tenant,
      integration,
      configuration: '{"a":1}',
      loginUrl: 'https://login.salesforce.com',
      reauthorize,
    });
    if (started.kind !== 'answered' || started.value.kind !== 'json' || started.value.status !== 201) return undefined;
    const { session_id, connect_url } = started.value.body as { session_id: string; connect_url: string };
    const connecting: Connecting = { user, sessionId: session_id, integration };
    this.connectings.push(connecting);
    const opened = await functions.openLink(connect_url.split('/').at(-1)!, {});
    if (opened.kind !== 'answered' || opened.value.kind !== 'go') return undefined;
    const { location, cookie } = opened.value;
    const asked = new URL(location).searchParams;
    await this.#think();
    connecting.code = world.books.authorize(user.orgId, user.userId, asked.get('code_challenge')!);
    world.note(undefined, `user ${user.userId} authorizes: ${connecting.code}`);
    const query = new URLSearchParams({ code: connecting.code, state: asked.get('state')! }).toString();
    return () => gatewayEvent('GET', '/oauth/callback', { query, cookies: [cookie.slice(0, cookie.indexOf(';'))] });
  }

  /** Takes a token; with `rejects`, says then that Salesforce refuses it. */
  async read(user: User, rejects: boolean): Promise<void> {
    const token = await this.#get(user);
    if (token === undefined || !rejects) return;
    const begun = this.readings.begin();
    const ended = await this.functions.http(
      'token',
      tokenEvent('POST', user, { rejected_token_sha256: sha256Hex(token) }),
    );
    this.readings.rejectionEnded(begun, user, token, ended);
  }

  async #get(user: User): Promise<string | undefined> {
    const begun = this.readings.begin();
    const ended = await this.functions.http('token', tokenEvent('GET', user));
    return this.readings.readEnded(begun, user, ended);
  }

  async disconnect(user: User): Promise<void> {
    const begun = this.world.now();
    const ended = await this.functions.disconnect(user.connectionId);
    if (ended.kind === 'answered' && ended.value === 'disconnected') this.readings.disconnected(user, begun);
  }

  /** The administrator revokes every grant of a user, or the password changes. */
  endFromOutside(user: User): void {
    for (const grant of this.world.books.livingOf(user.orgId, user.userId)) {
      this.world.note(undefined, `the administrator ends grant ${grant.number}`);
      this.world.books.endFromOutside(grant);
    }
  }

  #think(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const at = this.world.now() + this.world.plan.below(longestThoughtMs);
    this.world.scheduler.add({ at, name: 'thought', owner: undefined, preempts: false, run: resolve });
    return promise;
  }
}

function tokenEvent(method: 'GET' | 'POST', { connectionId }: User, body?: unknown) {
  return gatewayEvent(method, `/connections/${connectionId}/token`, {
    pathParameters: { id: connectionId },
    ...(body === undefined ? {} : { body }),
  });
}
