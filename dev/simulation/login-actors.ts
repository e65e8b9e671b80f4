/** Those who use connections without a browser: callers of `POST /connections`, and who keeps the app's certificates. */
import { connectionIdOf } from '../../functions/core/ids.ts';
import type { DirectAnswer } from '../../functions/handlers/jwt-bearer.ts';
import type { Actors, User } from './actors.ts';
import { type Ended, gatewayEvent } from './functions.ts';
import type { LoginUser } from './login-books.ts';
import { refusal } from './raw-answers.ts';
import { think } from './think.ts';

export type BareUser = User & LoginUser;

/** What a request names beside the user. */
export interface Post {
  /** @default none */
  readonly integration?: string;
  readonly configured?: boolean;
  /** Another org is expected than the user's. */
  readonly wrongOrg?: boolean;
  /** Invoked as a Lambda, not through the gateway. */
  readonly direct?: boolean;
}

const orgId = '00D000000000003AAA';
const otherOrg = '00D000000000009AAA';

/** Two who are asserted, and the one whom a client runs as. */
export const bareUsers: readonly BareUser[] = (['jwt', 'jwt', 'service'] as const).map((app, index) => {
  const userId = `00500000000000${index + 4}AAA`;
  const connectionId = connectionIdOf({ app, orgId, userId });
  return { app, orgId, userId, connectionId, tenant: `tenant-${index + 1}`, username: `robot${index + 1}@example.com` };
});

export class LoginActors {
  readonly actors: Actors;

  constructor(actors: Actors) {
    this.actors = actors;
    actors.world.books.logins.users.push(...bareUsers);
  }

  async post(user: BareUser, post: Post): Promise<void> {
    const { functions, world } = this.actors;
    const body = bodyOf(user, post);
    if (post.integration === undefined) world.monitor.logins.mayBeUnused(user.connectionId);
    if (post.direct === true) this.#directlyAnswered(user, post, await functions.introduceDirectly(body));
    else {
      const ended = await functions.http('jwt-bearer', gatewayEvent('POST', '/connections', { body }));
      if (ended.kind !== 'answered') return;
      const { statusCode = 500, body: text } = ended.value;
      const { id } = JSON.parse(String(text)) as { id?: string };
      this.#answered(user, post, statusCode, id);
    }
  }

  #directlyAnswered(user: BareUser, post: Post, ended: Ended<DirectAnswer>): void {
    if (ended.kind !== 'answered') return;
    const { value } = ended;
    if (value.kind === 'problem') this.#answered(user, post, Number(value.problem.status ?? 500), undefined);
    else this.#answered(user, post, value.created ? 201 : 200, value.connection_id);
  }

  #answered(user: BareUser, { wrongOrg }: Post, status: number, connectionId: string | undefined): void {
    const { world } = this.actors;
    world.count(`post_${status}`);
    if (status !== 200 && status !== 201) return;
    if (wrongOrg === true)
      world.monitor.breaks('only the expected org', `${user.username} was connected for ${otherOrg}`);
    if (connectionId === user.connectionId) return;
    world.monitor.breaks('one connection', `${user.username} is ${connectionId}, and not ${user.connectionId}`);
  }

  /** Several at once, as the instances of a service do that begin together. */
  async together(user: BareUser, posts: readonly Post[]): Promise<void> {
    await Promise.all(posts.map((post) => this.post(user, post)));
  }

  /** Again and again within the hour: what is disconnected is made again, what is read is called dead. */
  async wear(user: BareUser, times: number, pauseMs: number, disconnects: boolean): Promise<void> {
    const { actors } = this;
    for (let count = 0; count < times; count += 1) {
      if (disconnects) await actors.disconnect(user);
      else await actors.read(user, true);
      if (disconnects) await this.post(user, { integration: 'main' });
      await think(actors.world, actors.world.plan.below(pauseMs + 1));
    }
  }

  /** The administrator uploads the other key's certificate; with a gap there is none for a while. */
  async rotate(gapMs: number): Promise<void> {
    const { world } = this.actors;
    const { certificates, keysKnown } = world.books.logins;
    if (gapMs > 0) {
      this.#upload([]);
      await think(world, gapMs);
    }
    this.#upload(certificates[0] === '1' && keysKnown.length > 1 ? ['2'] : ['1']);
  }

  #upload(certificates: readonly string[]): void {
    const { world } = this.actors;
    world.note(undefined, `the certificates at Salesforce are: ${certificates.join(', ') || 'none'}`);
    world.count(certificates.length === 0 ? 'certificate_gone' : 'certificate_replaced');
    world.books.logins.certificates = certificates;
    world.monitor.logins.rotated();
  }

  /** Something is wrong with the user, or the app's policies, for a while: every login is refused so. */
  refuse({ username }: BareUser, description: string, forMs: number): void {
    const { world } = this.actors;
    world.count('login_refused_for_a_while');
    world.note(undefined, `logins of ${username} are refused for ${forMs} ms: ${description}`);
    const answer = refusal('invalid_grant', description);
    world.books.logins.troubles.set(username, { answer, until: world.now() + forMs });
  }

  /** Somebody ends the user's sessions. */
  endFromOutside({ username }: BareUser): void {
    const { world } = this.actors;
    const { logins } = world.books;
    const now = world.now();
    for (const token of logins.livingOf(username, now)) logins.revoke(token, 'outside', now);
  }
}

function bodyOf({ app, username, tenant }: BareUser, { integration, configured, wrongOrg }: Post): object {
  return {
    app,
    ...(app === 'jwt' ? { username } : {}),
    ...(integration === undefined ? {} : { expected_org_id: orgId, tenant, integration }),
    ...(wrongOrg === true ? { expected_org_id: otherOrg } : {}),
    ...(configured === true && integration !== undefined ? { configuration: { a: 1 } } : {}),
  };
}
