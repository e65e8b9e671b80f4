/**
 * Salesforce's books of logins without a browser: which certificates it holds, which user an assertion names, which
 * access tokens work. There is no grant behind them; a token lives for itself.
 *
 * Source: facts §4, §8 (assertions, 3,600 logins an hour). What is unknown there is a switch here.
 */
import { hmacSha256Base64 } from '../../functions/core/hash.ts';
import type { UserId } from '../../functions/core/ports.ts';
import { clear } from './cleartext.ts';
import { type JsonAnswer, jsonAnswer, refusal } from './raw-answers.ts';

export interface LoginSwitches {
  /** A login is given the access token of the one before, while that lives. */
  readonly sameToken: boolean;
  readonly sessionMs: number;
  readonly signs: boolean;
}

/** A user who logs in without a browser. */
export interface LoginUser extends UserId {
  readonly app: string;
  readonly username: string;
}

export interface BookToken {
  readonly text: string;
  readonly user: LoginUser;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The last login that was given it. */
  givenAt: number;
  endedBy?: 'revoked' | 'outside';
  endedAt?: number;
}

export interface MadeLogin {
  readonly answer: JsonAnswer;
  readonly token?: BookToken;
}

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
}

export const clientHost = 'https://example.my.salesforce.com';
const clockMayDifferMs = 60_000;
const longestAssertionMs = 180_000;
/** Their numbers are out of the way of the grants'. */
const firstNumber = 500_001;

export class LoginBooks {
  readonly switches: LoginSwitches;
  readonly users: LoginUser[] = [];
  /** Ids of the keys whose certificates are uploaded. */
  certificates: readonly string[] = ['1'];
  /** Ids of the keys that we know. */
  keysKnown: readonly string[] = ['1', '2'];
  readonly tokens: BookToken[] = [];
  /** When each login that was done was sent, by username. */
  readonly loginsSent = new Map<string, number[]>();
  /** For a while every login of a user is refused so. */
  readonly troubles = new Map<string, { readonly answer: JsonAnswer; readonly until: number }>();
  readonly #clientSecret: string;

  constructor(switches: LoginSwitches, clientSecret: string) {
    this.switches = switches;
    this.#clientSecret = clientSecret;
  }

  /** RFC 7523, as far as the simulation makes assertions: the signature names its key. */
  loginByAssertion(assertion: string, loginUrl: string, sentAt: number, now: number): MadeLogin {
    const { claims, keyId } = readAssertion(assertion);
    const refused: MadeLogin = { answer: refusal('invalid_grant', 'invalid assertion') };
    if (!this.certificates.includes(keyId)) return refused;
    const expiresMs = claims.exp * 1_000;
    if (expiresMs + clockMayDifferMs < now) return { answer: refusal('invalid_grant', 'expired authorization code') };
    if (expiresMs > now + longestAssertionMs + clockMayDifferMs) return refused;
    if (claims.aud !== loginUrl) return { answer: refusal('invalid_grant', 'audience is invalid') };
    const user = this.users.find(({ username }) => username === claims.sub);
    if (user === undefined) return { answer: refusal('invalid_grant', "user hasn't approved this consumer") };
    return this.#login(user, sentAt, now);
  }

  /** RFC 6749 §4.4: the run-as user. */
  loginAsClient(clientId: string, secret: string | undefined, sentAt: number, now: number): MadeLogin {
    if (secret !== this.#clientSecret) return { answer: refusal('invalid_client', 'invalid client credentials') };
    const user = this.users.find(({ app }) => `${app}-client` === clientId);
    if (user === undefined) return { answer: refusal('invalid_grant', 'no client credentials user enabled') };
    return this.#login(user, sentAt, now);
  }

  tokenOf(text: string): BookToken | undefined {
    return this.tokens.find((token) => token.text === text);
  }

  works({ endedBy, expiresAt }: BookToken, now: number): boolean {
    return endedBy === undefined && now < expiresAt;
  }

  /** An access token alone: there is nothing else to it. */
  revoke(token: BookToken, by: 'revoked' | 'outside', now: number): boolean {
    if (!this.works(token, now)) return false;
    Object.assign(token, { endedBy: by, endedAt: now });
    return true;
  }

  livingOf(username: string, now: number): BookToken[] {
    return this.tokens.filter((token) => token.user.username === username && this.works(token, now));
  }

  #login(user: LoginUser, sentAt: number, now: number): MadeLogin {
    const { username, orgId, userId } = user;
    const trouble = this.troubles.get(username);
    if (trouble !== undefined && now < trouble.until) return { answer: trouble.answer };
    this.loginsSent.set(username, [...(this.loginsSent.get(username) ?? []), sentAt]);
    const token = (this.switches.sameToken ? this.livingOf(username, now).at(-1) : undefined) ?? this.#issue(user, now);
    token.givenAt = now;
    const id = `https://login.salesforce.com/id/${orgId}/${userId}`;
    const issued_at = String(token.issuedAt);
    const signature = hmacSha256Base64(this.#clientSecret, `${id}${issued_at}`);
    const answer = jsonAnswer(200, {
      access_token: token.text,
      ...(this.switches.signs ? { signature } : {}),
      instance_url: clientHost,
      id,
      issued_at,
      token_type: 'Bearer',
      scope: 'api',
    });
    return { answer, token };
  }

  #issue(user: LoginUser, now: number): BookToken {
    const text = clear('access', firstNumber + this.tokens.length, 1);
    const token = { text, user, issuedAt: now, givenAt: now, expiresAt: now + this.switches.sessionMs };
    this.tokens.push(token);
    return token;
  }
}

/** @throws SyntaxError where it is none of ours */
export function readAssertion(assertion: string): { claims: Claims; keyId: string } {
  const [, payload = '', signature = ''] = assertion.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
  return { claims, keyId: Buffer.from(signature, 'base64url').toString() };
}
