/** Those who use the service: people who connect, services that read tokens, the minute's ticks, an administrator. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { sha256Hex } from '../../functions/core/hash.ts';
import { connectionIdOf } from '../../functions/core/ids.ts';
import type { IntegrationKey } from '../../functions/core/ports.ts';
import type { ConnectOrder } from '../../functions/flows/start-connect.ts';
import { Claims } from './claims.ts';
import { type Functions, gatewayEvent } from './functions.ts';
import { Readings } from './readings.ts';
import { usernameOf } from './salesforce-books.ts';
import { type AppName, returnTo } from './simulated-config.ts';
import { think } from './think.ts';
import { Unlinks } from './unlinks.ts';
import type { World } from './world.ts';

export interface User {
  readonly app: AppName;
  readonly orgId: string;
  readonly userId: string;
  readonly connectionId: string;
  readonly tenant: string;
}

/** What is asked for, and who will log in. */
export interface Errand {
  readonly reauthorize?: boolean;
  readonly integration?: string;
  /** @default the user's own */
  readonly tenant?: string;
  readonly connectionId?: string;
  /** The service says who will come. */
  readonly hinted?: boolean;
  /** Asks again, by force, where the limit is near. */
  readonly insists?: boolean;
}

/** A connect session as its user knows it. */
export interface Connecting {
  readonly user: User;
  readonly sessionId: string;
  readonly tenant: string;
  readonly integration: string;
  readonly linkSecret: string;
  code?: string;
}

export function usersOf(app: AppName): readonly User[] {
  return [1, 2, 3].map((number) => {
    const orgId = `00D00000000000${number < 3 ? 1 : 2}AAA`.slice(0, 18).padEnd(18, 'A');
    const userId = `00500000000000${number}AAA`.slice(0, 18).padEnd(18, 'A');
    return { app, orgId, userId, connectionId: connectionIdOf({ app, orgId, userId }), tenant: `tenant-${number}` };
  });
}

const attacker = 'tenant-attacker';
const longestThoughtMs = 20_000;

export class Actors {
  readonly world: World;
  readonly functions: Functions;
  readonly readings: Readings;
  readonly claims: Claims;
  readonly unlinks: Unlinks;
  readonly connectings: Connecting[] = [];

  constructor(world: World, functions: Functions) {
    this.world = world;
    this.functions = functions;
    this.readings = new Readings(world);
    this.claims = new Claims(world, functions);
    this.unlinks = new Unlinks(world, functions);
  }

  /** From the service's request to the callback, as a browser goes; it may reload, and come twice. */
  async connect(user: User, errand: Errand = {}): Promise<void> {
    const connecting = await this.start(user, errand);
    const event = connecting && (await this.goToSalesforce(connecting));
    if (connecting === undefined || event === undefined) return;
    const claim = await this.#comeBack(event);
    if (claim !== undefined) await this.claims.asServicesDo(connecting.sessionId, claim);
  }

  /** Up to the way back from Salesforce: the request that the browser will make. */
  async authorize(user: User, errand: Errand = {}): Promise<(() => APIGatewayProxyEventV2) | undefined> {
    const connecting = await this.start(user, errand);
    return connecting && this.goToSalesforce(connecting);
  }

  /**
   * Somebody mails his own link to a victim, who goes the whole way; the service of whoever comes back never saw that
   * session begin, and claims nothing. The attacker guesses, and asks for the victim's connection by its id.
   */
  async attack(victim: User): Promise<void> {
    const { functions, world } = this;
    const loot = { tenant: attacker, integration: 'loot' };
    const connecting = await this.start(victim, loot);
    if (connecting === undefined) return;
    if (world.plan.below(2) === 0) await functions.openLink(connecting.linkSecret, {});
    const event = await this.goToSalesforce(connecting);
    if (event === undefined) return;
    const claim = await this.#comeBack(event);
    world.note(
      undefined,
      `the victim ${victim.userId} came back ${claim === undefined ? 'with nothing' : 'to a stranger'}`,
    );
    await this.claims.guess(connecting.sessionId);
    if ((await this.start(victim, { ...loot, connectionId: victim.connectionId })) !== undefined) {
      world.monitor.breaks('no link without a claim', `the attacker was taken for a user of ${victim.connectionId}`);
    }
  }

  /** The service's request; where it is told that a grant would be one too many, it may insist. */
  async start(user: User, errand: Errand): Promise<Connecting | undefined> {
    const answer = await this.#ask(this.#orderOf(user, errand));
    if (answer === 'limit_near' && errand.insists === true) {
      this.world.count('limit_near_insisted');
      return this.start(user, { ...errand, insists: false, reauthorize: true });
    }
    if (typeof answer !== 'object') return undefined;
    const { tenant = user.tenant, integration = 'main' } = errand;
    const linkSecret = answer.connect_url.split('/').at(-1)!;
    const connecting: Connecting = { user, sessionId: answer.session_id, tenant, integration, linkSecret };
    this.connectings.push(connecting);
    return connecting;
  }

  #orderOf(user: User, errand: Errand): ConnectOrder {
    const { tenant = user.tenant, integration = 'main', reauthorize = false, connectionId, hinted, insists } = errand;
    return {
      app: user.app,
      appConfig: this.world.config.apps[user.app]!,
      tenant,
      integration,
      configuration: '{"a":1}',
      ...(user.app === 'hub' ? { returnTo } : {}),
      loginUrl: 'https://login.salesforce.com',
      ...(hinted === true ? { loginHint: usernameOf(user.userId) } : {}),
      ...(connectionId === undefined ? {} : { connectionId }),
      reauthorize,
      force: insists === false,
    };
  }

  async #ask(order: ConnectOrder) {
    const ended = await this.functions.startConnect(order);
    if (ended.kind !== 'answered') return undefined;
    const { value } = ended;
    if (value.kind === 'problem' && value.problem.code === 'grant_limit_near') {
      this.world.count('limit_near');
      return 'limit_near' as const;
    }
    if (value.kind !== 'json') return undefined;
    if (value.status === 200) {
      this.world.count('grant_spared');
      if (order.tenant === attacker) this.world.monitor.breaks('no link without a claim', 'the attacker was connected');
    }
    return value.status === 201 ? (value.body as { session_id: string; connect_url: string }) : undefined;
  }

  async goToSalesforce(connecting: Connecting): Promise<(() => APIGatewayProxyEventV2) | undefined> {
    const { functions, world } = this;
    const { orgId, userId } = connecting.user;
    const opened = await functions.openLink(connecting.linkSecret, {});
    if (opened.kind !== 'answered' || opened.value.kind !== 'go') return undefined;
    const { location, cookie } = opened.value;
    const asked = new URL(location).searchParams;
    await think(world, world.plan.below(longestThoughtMs));
    connecting.code = world.books.authorize(orgId, userId, asked.get('code_challenge')!);
    world.note(undefined, `user ${userId} authorizes: ${connecting.code}`);
    const query = new URLSearchParams({ code: connecting.code, state: asked.get('state')! }).toString();
    return () => gatewayEvent('GET', '/oauth/callback', { query, cookies: [cookie.slice(0, cookie.indexOf(';'))] });
  }

  /** The claim, where one came back with the browser. */
  async #comeBack(event: () => APIGatewayProxyEventV2): Promise<string | undefined> {
    const { functions, world } = this;
    if (world.plan.below(8) === 7) void functions.http('callback', event());
    let ended = await functions.http('callback', event());
    // Also a browser that was shown that it is still under way.
    if (claimIn(ended) === undefined && world.plan.below(2) === 1) ended = await functions.http('callback', event());
    return claimIn(ended);
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

  async disconnect(user: User, force = true): Promise<void> {
    const begun = this.world.now();
    const ended = await this.functions.disconnect(user.connectionId, force);
    if (ended.kind === 'answered' && ended.value === 'disconnected') this.readings.disconnected(user, begun);
  }

  /** A new configuration, repeated until it is taken: whoever is told of a failure, or of nothing, asks again. */
  async reconfigure(key: IntegrationKey): Promise<void> {
    const { functions, world } = this;
    for (let tries = 0; tries < triesAtMost; tries += 1) {
      const ended = await functions.reconfigure(key, world.plan.below(2) === 0 ? '{"a":2}' : undefined);
      const failed = ended.kind !== 'answered' || ended.value.kind === 'refused';
      if (!failed) return;
      await think(world, 30_000 + world.plan.below(60_000));
    }
  }

  /** The administrator revokes every grant of a user, or the password changes. */
  endFromOutside(user: User): void {
    for (const grant of this.world.books.livingOf(user.orgId, user.userId)) {
      this.world.note(undefined, `the administrator ends grant ${grant.number}`);
      this.world.books.endFromOutside(grant);
    }
  }
}

const triesAtMost = 40;

/** The claim in the address that the browser is sent back to. */
export function claimIn(ended: Awaited<ReturnType<Functions['http']>>): string | undefined {
  if (ended.kind !== 'answered' || ended.value.statusCode !== 303) return undefined;
  const location = ended.value.headers?.location;
  return location === undefined ? undefined : (new URL(String(location)).searchParams.get('claim') ?? undefined);
}

function tokenEvent(method: 'GET' | 'POST', { connectionId }: User, body?: unknown) {
  return gatewayEvent(method, `/connections/${connectionId}/token`, {
    pathParameters: { id: connectionId },
    ...(body === undefined ? {} : { body }),
  });
}
