/**
 * A small model of Salesforce's token endpoint as the port `Salesforce`: grants, rotation, the death of a replayed
 * family, and a script of answers. It keeps books, so that a test can ask which tokens live.
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

export interface TokenRequest {
  readonly kind: 'exchangeCode' | 'refresh' | 'revoke' | 'introspect';
  /** The token or code that was sent. */
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

  function tokensOf(grant: ModelGrant, more: Record<string, unknown>): RawAnswer {
    grant.issued += 1;
    return json(200, {
      access_token: `access-${grant.number}-${grant.issued}`,
      instance_url: 'https://example.my.salesforce.com',
      id: `https://login.salesforce.com/id/${grant.orgId}/${grant.userId}`,
      issued_at: String(clock.now()),
      token_type: 'Bearer',
      scope: 'api refresh_token',
      ...more,
      ...server.extra,
    });
  }

  function revoked(token: string): RawAnswer {
    const grant = server.grants.find((one) => one.refreshToken === token);
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
