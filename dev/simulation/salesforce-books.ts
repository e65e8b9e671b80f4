/**
 * Salesforce as far as the simulation needs it: a synchronous model of its token, revocation and introspection
 * endpoints, with books of its own. The books are the judge: which grant lives, what ended it, which token is current.
 *
 * Source: facts §1 (limit, eviction), §3 to §7. What is unknown there is a switch here.
 */
import { codeChallengeOf } from '../../functions/core/browser-binding.ts';
import { hmacSha256Base64 } from '../../functions/core/hash.ts';
import type { UserId } from '../../functions/core/ports.ts';
import type { Secret } from '../../functions/core/secret.ts';
import { clear } from './cleartext.ts';
import { LoginBooks } from './login-books.ts';
import { formAnswer, type JsonAnswer, jsonAnswer, refusal } from './raw-answers.ts';

export type EndedBy = 'evicted' | 'revoked' | 'replay' | 'outside';

export interface BookGrant {
  readonly number: number;
  readonly orgId: string;
  readonly userId: string;
  readonly issuedAt: number;
  alive: boolean;
  endedBy?: EndedBy;
  /** Counts rotations: only the refresh token of this one works. */
  generation: number;
  accessTokens: number;
  lastUsedAt: number;
  /** Of access tokens: how many refreshes succeeded. */
  refreshes: number;
  /** Refreshes that have arrived and are not done. */
  inFlight: number;
  /** For a while every refresh is refused so, whatever the token is worth. */
  trouble?: { readonly answer: JsonAnswer; readonly until: number };
  /** How often a refresh of this living grant was answered as if it were dead. */
  lies: number;
}

export interface Switches {
  readonly rotation: boolean;
  /** What the use of an outdated refresh token does. */
  readonly replay: 'family_dies' | 'refused';
  readonly limit: number;
  readonly eviction: 'oldest' | 'least_recently_used';
  readonly signs: boolean;
  /** 0: introspection is switched off. */
  readonly sessionMs: number;
  /** The session may query `OauthToken`. */
  readonly lists: boolean;
}

/** What was made of a request: what the caller will get, and the tokens that it brings. */
export interface Made {
  readonly answer: JsonAnswer;
  readonly grant?: BookGrant;
  /** The refresh token in the answer. */
  readonly refreshToken?: string;
}

interface Code {
  readonly orgId: string;
  readonly userId: string;
  readonly challenge: string;
  used: boolean;
}

const instanceUrl = 'https://example.my.salesforce.com';

export class SalesforceBooks {
  readonly switches: Switches;
  readonly grants: BookGrant[] = [];
  refreshesDone = 0;
  /** Of flows without a browser. */
  logins: LoginBooks;
  /** An authorization is about to evict this one. */
  onEvicting: (grant: BookGrant, living: readonly BookGrant[]) => void = () => undefined;
  readonly #inactiveUntil = new Map<string, number>();
  readonly #clientSecret: string;
  readonly #codes = new Map<string, Code>();

  constructor(switches: Switches, clientSecret: string) {
    this.switches = switches;
    this.#clientSecret = clientSecret;
    const sessionMs = 7_200_000;
    this.logins = new LoginBooks({ sameToken: false, sessionMs, signs: switches.signs }, clientSecret);
  }

  /** The user logs in and approves: a code for a grant that the exchange makes. */
  authorize(orgId: string, userId: string, challenge: string): string {
    const code = clear('code', this.#codes.size + 1);
    this.#codes.set(code, { orgId, userId, challenge, used: false });
    return code;
  }

  exchange(text: string, verifier: Secret, now: number): Made {
    const code = this.#codes.get(text);
    if (code === undefined) return { answer: refusal('invalid_grant', 'invalid authorization code') };
    if (code.used) return { answer: refusal('invalid_grant', 'expired authorization code') };
    if (codeChallengeOf(verifier) !== code.challenge) {
      return { answer: refusal('invalid_grant', 'invalid code verifier') };
    }
    code.used = true;
    const { orgId, userId } = code;
    this.#makeRoom(orgId, userId);
    const grant: BookGrant = {
      number: this.grants.length + 1,
      orgId,
      userId,
      issuedAt: now,
      alive: true,
      generation: 0,
      accessTokens: 0,
      lastUsedAt: now,
      refreshes: 0,
      inFlight: 0,
      lies: 0,
    };
    this.grants.push(grant);
    return this.#tokens(grant, true, now);
  }

  /** Of a refresh token of ours, living or not. */
  grantOf(refreshToken: string): BookGrant | undefined {
    const [, , number] = refreshToken.split('-');
    return this.grants[Number(number) - 1];
  }

  isCurrent(refreshToken: string): boolean {
    const grant = this.grantOf(refreshToken);
    return grant !== undefined && refreshToken === tokenOf(grant);
  }

  /** A second refresh of one token at the same time is refused (facts §5). */
  arriveRefresh(refreshToken: string): Made | undefined {
    const grant = this.grantOf(refreshToken);
    if (grant === undefined) return undefined;
    if (grant.inFlight > 0) return { answer: refusal('invalid_grant', 'token request is already being processed') };
    grant.inFlight += 1;
    return undefined;
  }

  leaveRefresh(refreshToken: string): void {
    const grant = this.grantOf(refreshToken);
    if (grant !== undefined) grant.inFlight -= 1;
  }

  refresh(refreshToken: string, now: number): Made {
    const dead: Made = { answer: refusal('invalid_grant', 'expired access/refresh token') };
    const grant = this.grantOf(refreshToken);
    if (grant === undefined || !grant.alive) return dead;
    grant.lastUsedAt = now;
    if (refreshToken !== tokenOf(grant)) {
      if (this.switches.replay === 'family_dies') end(grant, 'replay');
      return dead;
    }
    grant.refreshes += 1;
    this.refreshesDone += 1;
    if (this.switches.rotation) grant.generation += 1;
    return this.#tokens(grant, this.switches.rotation, now);
  }

  revoke(token: string, now: number): Made {
    const login = this.logins.tokenOf(token);
    if (login !== undefined && this.logins.revoke(login, 'revoked', now)) return { answer: jsonAnswer(200, {}) };
    const grant = this.grantOf(token);
    const isAccess = token.startsWith(clear('access'));
    if (grant === undefined || !grant.alive || (!isAccess && token !== tokenOf(grant))) {
      return { answer: formAnswer(400, 'error=invalid_token') };
    }
    if (!isAccess) end(grant, 'revoked');
    return { answer: jsonAnswer(200, {}) };
  }

  introspect(accessToken: string, now: number): Made {
    const login = this.logins.tokenOf(accessToken);
    const { sessionMs } = this.switches;
    if (login !== undefined && sessionMs !== 0) {
      const { username } = login.user;
      return {
        answer: jsonAnswer(200, { active: this.logins.works(login, now), exp: login.expiresAt / 1_000, username }),
      };
    }
    if (sessionMs === 0) return { answer: refusal('invalid_request', 'introspection is off') };
    const username = usernameOf(this.grantOf(accessToken)?.userId ?? 'nobody');
    return { answer: jsonAnswer(200, { active: true, exp: (now + sessionMs) / 1_000, username }) };
  }

  /** The identity URL. */
  identity({ orgId, userId }: UserId, accessToken: string, now: number): JsonAnswer {
    const grant = this.grantOf(accessToken);
    if (grant?.alive !== true || grant.userId !== userId || grant.orgId !== orgId) return badToken;
    const active = (this.#inactiveUntil.get(userId) ?? 0) <= now;
    return jsonAnswer(200, { user_id: userId, organization_id: orgId, username: usernameOf(userId), active });
  }

  /** The first page of the object `OauthToken`, of the token's own user. */
  list(accessToken: string): JsonAnswer {
    const grant = this.grantOf(accessToken);
    if (grant?.alive !== true) return jsonAnswer(401, [{ errorCode: 'INVALID_SESSION_ID' }]);
    if (!this.switches.lists) return jsonAnswer(400, [{ errorCode: 'INVALID_TYPE' }]);
    return jsonAnswer(200, { totalSize: this.livingOf(grant.orgId, grant.userId).length, done: true, records: [] });
  }

  /** The administrator deactivates the user for a while; tokens are left as they are. */
  deactivate(userId: string, until: number): void {
    this.#inactiveUntil.set(userId, until);
  }

  /** An administrator revokes it, the user's password changes: nothing of ours. */
  endFromOutside(grant: BookGrant): void {
    end(grant, 'outside');
  }

  livingOf(orgId: string, userId: string): BookGrant[] {
    return this.grants.filter((grant) => grant.alive && grant.orgId === orgId && grant.userId === userId);
  }

  #makeRoom(orgId: string, userId: string): void {
    const living = this.livingOf(orgId, userId);
    if (living.length < this.switches.limit) return;
    const byAge = (a: BookGrant, b: BookGrant) =>
      this.switches.eviction === 'oldest' ? a.number - b.number : a.lastUsedAt - b.lastUsedAt || a.number - b.number;
    const [first] = living.sort(byAge);
    if (first === undefined) return;
    this.onEvicting(first, living);
    end(first, 'evicted');
  }

  #tokens(grant: BookGrant, withRefreshToken: boolean, now: number): Made {
    grant.accessTokens += 1;
    const refreshToken = withRefreshToken ? tokenOf(grant) : undefined;
    const id = `https://login.salesforce.com/id/${grant.orgId}/${grant.userId}`;
    const issued_at = String(now);
    const answer = jsonAnswer(200, {
      access_token: clear('access', grant.number, grant.accessTokens),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(this.switches.signs ? { signature: hmacSha256Base64(this.#clientSecret, `${id}${issued_at}`) } : {}),
      instance_url: instanceUrl,
      id,
      issued_at,
      token_type: 'Bearer',
      scope: 'api refresh_token',
    });
    return { answer, grant, ...(refreshToken === undefined ? {} : { refreshToken }) };
  }
}

export function usernameOf(userId: string): string {
  return `${userId}@example.com`;
}

const badToken: JsonAnswer = formAnswer(403, 'Bad_OAuth_Token');

export function tokenOf(grant: BookGrant): string {
  return clear('refresh', grant.number, grant.generation);
}

/** The `number` of the grant that a refresh token was issued from. */
export function grantNumberOf(refreshToken: string): number {
  return Number(refreshToken.split('-')[2]);
}

/** Which rotation a refresh token is of. */
export function generationOfToken(refreshToken: string): number {
  return Number(refreshToken.split('-')[3]);
}

function end(grant: BookGrant, by: EndedBy): void {
  if (!grant.alive) return;
  grant.alive = false;
  grant.endedBy = by;
}
