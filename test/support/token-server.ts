/**
 * A small model of Salesforce's token endpoint as the port `Salesforce`: grants, rotation, the death of a replayed
 * family, logins without a browser, and a script of answers. It keeps books, so that a test can ask which tokens live.
 */
import type { Clock, RawAnswer, Salesforce } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';

export interface ModelGrant {
  readonly number: number;
  readonly orgId: string;
  readonly userId: string;
  alive: boolean;
  /** The only refresh token that works. */
  refreshToken: string;
  issued: number;
}

/** By assertion, or as the client itself: an access token, and nothing to end but that. */
export interface ModelLogin {
  readonly orgId: string;
  readonly userId: string;
  readonly accessToken: string;
  readonly issuedAt: number;
  alive: boolean;
}

export interface TokenRequest {
  readonly kind: 'exchangeCode' | 'refresh' | 'exchangeAssertion' | 'askAsClient' | 'revoke' | 'introspect';
  /** The token, code or assertion that was sent; of a client, its id. */
  readonly token: string;
  readonly at: number;
}

/** Sees the answer that the model would give (`process` makes it happen) and says what the caller gets. */
export type Turn = (process: () => RawAnswer, request: TokenRequest) => RawAnswer | Promise<RawAnswer>;

export interface TokenServer {
  readonly port: Salesforce;
  readonly requests: TokenRequest[];
  readonly grants: ModelGrant[];
  rotation: boolean;
  /** Newest last. */
  readonly logins: ModelLogin[];
  /** Who is pre-authorized for assertions, by username in lower case. */
  readonly people: Map<string, { readonly orgId: string; readonly userId: string }>;
  /** Whom a client runs as. */
  runAs: { readonly orgId: string; readonly userId: string } | undefined;
  /** Ids of the signing keys whose certificates it holds. @default both */
  certified: readonly string[];
  /** A user's next login gets the access token of the one before. */
  sameTokenAgain: boolean;
  /** Fields laid over each success. */
  extra: Record<string, unknown>;
  /** The session length that introspection tells; 0: introspection is off. */
  sessionMs: number;
  /** The next requests of a kind, one turn each. */
  next(kind: TokenRequest['kind'], ...turns: Turn[]): void;
  authorize(orgId: string, userId: string): ModelGrant;
  /** A code for a new grant of that user. */
  code(orgId: string, userId: string): string;
  count(kind: TokenRequest['kind']): number;
}

export const timedOut: RawAnswer = { kind: 'no_answer', reason: 'timeout' };

export function json(status: number, body: unknown): RawAnswer {
  return { kind: 'answer', status, contentType: 'application/json', body: new Secret(JSON.stringify(body)) };
}

export function refused(error: string, error_description: string, status = 400): Turn {
  return () => json(status, { error, error_description });
}

/** Salesforce acted on the request, and its answer never came. */
export const lostAfter: Turn = (process) => {
  process();
  return timedOut;
};
/** The request never reached it. */
export const lostBefore: Turn = () => timedOut;

export const dead = refused('invalid_grant', 'expired access/refresh token');
export const busy = refused('invalid_grant', 'token request is already being processed');
export const normal: Turn = (process) => process();

export function createTokenServer(clock: Clock): TokenServer {
  const turns = new Map<TokenRequest['kind'], Turn[]>();
  const codes = new Map<string, ModelGrant>();
  const server: TokenServer = {
    requests: [],
    grants: [],
    rotation: false,
    logins: [],
    people: new Map(),
    runAs: undefined,
    certified: ['1', '2'],
    sameTokenAgain: false,
    extra: {},
    sessionMs: 0,
    next: (kind, ...some) => turns.set(kind, [...(turns.get(kind) ?? []), ...some]),
    authorize(orgId, userId) {
      const number = server.grants.length + 1;
      const grant = { number, orgId, userId, alive: true, refreshToken: `refresh-${number}-0`, issued: 0 };
      server.grants.push(grant);
      return grant;
    },
    code(orgId, userId) {
      const grant = server.authorize(orgId, userId);
      codes.set(`code-${grant.number}`, grant);
      return `code-${grant.number}`;
    },
    count: (kind) => server.requests.filter((request) => request.kind === kind).length,
    port: {
      exchangeCode: (_loginUrl, _client, { code }) =>
        answer('exchangeCode', code, () => exchanged(codes.get(code.reveal()))),
      refresh: (_loginUrl, _client, token) => answer('refresh', token, () => refreshed(token.reveal())),
      exchangeAssertion: (_loginUrl, assertion) =>
        answer('exchangeAssertion', assertion, () => asserted(assertion.reveal())),
      askAsClient: (_loginUrl, { clientId }) =>
        answer('askAsClient', new Secret(clientId), () =>
          server.runAs === undefined ? refusal('no client credentials user enabled') : loggedIn(server.runAs),
        ),
      revoke: (_loginUrl, token) => answer('revoke', token, () => revoked(token.reveal())),
      introspect: (_loginUrl, _client, token) => answer('introspect', token, introspected),
    },
  };

  async function answer(kind: TokenRequest['kind'], token: Secret, process: () => RawAnswer): Promise<RawAnswer> {
    const request = { kind, token: token.reveal(), at: clock.now() };
    server.requests.push(request);
    const turn = turns.get(kind)?.shift() ?? normal;
    return turn(process, request);
  }

  function exchanged(grant: ModelGrant | undefined): RawAnswer {
    if (grant === undefined)
      return json(400, { error: 'invalid_grant', error_description: 'invalid authorization code' });
    return tokensOf(grant, { refresh_token: grant.refreshToken });
  }

  function refreshed(token: string): RawAnswer {
    const family = server.grants.find((grant) => token.startsWith(`refresh-${grant.number}-`));
    if (family === undefined || !family.alive || family.refreshToken !== token) {
      if (family !== undefined) family.alive = false;
      return json(400, { error: 'invalid_grant', error_description: 'expired access/refresh token' });
    }
    if (!server.rotation) return tokensOf(family, {});
    family.refreshToken = `refresh-${family.number}-${family.issued + 1}`;
    return tokensOf(family, { refresh_token: family.refreshToken });
  }

  function asserted(assertion: string): RawAnswer {
    const { keyId, claims } = assertionParts(assertion);
    if (!server.certified.includes(keyId)) return refusal('invalid assertion');
    const person = server.people.get(String(claims.sub).toLowerCase());
    return person === undefined ? refusal("user hasn't approved this consumer") : loggedIn(person);
  }

  function loggedIn({ orgId, userId }: { orgId: string; userId: string }): RawAnswer {
    const last = server.logins.findLast((login) => login.userId === userId && login.alive);
    const again = server.sameTokenAgain ? last : undefined;
    const accessToken = `login-${server.logins.length + 1}`;
    const login = again ?? { orgId, userId, accessToken, issuedAt: clock.now(), alive: true };
    if (again === undefined) server.logins.push(login);
    return tokens(login.accessToken, login, login.issuedAt, { scope: 'api' });
  }

  function tokensOf(grant: ModelGrant, more: Record<string, unknown>): RawAnswer {
    grant.issued += 1;
    return tokens(`access-${grant.number}-${grant.issued}`, grant, clock.now(), more);
  }

  function tokens(
    accessToken: string,
    { orgId, userId }: { orgId: string; userId: string },
    issuedAt: number,
    more: Record<string, unknown>,
  ): RawAnswer {
    return json(200, {
      access_token: accessToken,
      instance_url: 'https://example.my.salesforce.com',
      id: `https://login.salesforce.com/id/${orgId}/${userId}`,
      issued_at: String(issuedAt),
      token_type: 'Bearer',
      scope: 'api refresh_token',
      ...more,
      ...server.extra,
    });
  }

  function revoked(token: string): RawAnswer {
    const grant =
      server.grants.find((one) => one.refreshToken === token) ?? server.logins.find((one) => one.accessToken === token);
    if (grant === undefined || !grant.alive) return json(400, { error: 'invalid_token' });
    grant.alive = false;
    return json(200, {});
  }

  function introspected(): RawAnswer {
    if (server.sessionMs === 0) return json(400, { error: 'invalid_request' });
    return json(200, { active: true, exp: (clock.now() + server.sessionMs) / 1_000 });
  }

  return server;
}

/** What an assertion says, and whose key signed it in these tests: `fakeSigningKeys` writes its id as the signature. */
export function assertionParts(assertion: string): { keyId: string; claims: Record<string, unknown> } {
  const [, payload = '', signature = ''] = assertion.split('.');
  const text = (part: string) => Buffer.from(part, 'base64url').toString();
  return { keyId: text(signature), claims: JSON.parse(text(payload)) };
}

function refusal(error_description: string): RawAnswer {
  return json(400, { error: 'invalid_grant', error_description });
}
