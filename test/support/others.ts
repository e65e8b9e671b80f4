/** What other functions and the org's API answer in memory, recorded, and scriptable by each test. */
import type { LiveToken, RawAnswer, SalesforceApi, UserId } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { json } from './token-server.ts';

/** What other functions and the org's API do when they are asked; a test sets what it needs. */
export interface Others {
  /** Instead of the `maintain` function. @default nothing is done */
  maintain: (connectionId: string) => void | Promise<void>;
  /** Instead of the `token` function. @default a token that lives, another one where it was refused */
  token: (read: TokenRead) => LiveToken | Promise<LiveToken>;
  /** @default the model's one user, active */
  identity: (call: ApiCall) => RawAnswer | Promise<RawAnswer>;
  /** @default no record */
  query: (call: ApiCall) => RawAnswer | Promise<RawAnswer>;
}

export interface TokenRead {
  readonly connectionId: string;
  readonly rejectedTokenSha256?: string;
}

export interface ApiCall {
  readonly kind: 'identity' | 'query';
  readonly instanceUrl: string;
  readonly accessToken: string;
  /** Of an identity. */
  readonly user?: UserId;
  /** Of a query. */
  readonly soql?: string;
}

export interface ModelUser extends UserId {
  readonly username: string;
  readonly instanceUrl: string;
}

export function quietOthers({ orgId, userId, username, instanceUrl }: ModelUser): Others {
  const user = { user_id: userId, organization_id: orgId, username, display_name: 'Ada', active: true };
  return {
    maintain: () => undefined,
    token: ({ rejectedTokenSha256 }) => {
      const accessToken = rejectedTokenSha256 === undefined ? 'live-access' : 'newer-access';
      return { kind: 'token', accessToken: new Secret(accessToken), instanceUrl };
    },
    identity: () => json(200, user),
    query: () => json(200, { totalSize: 0, done: true, records: [] }),
  };
}

/** Records each call before it answers. */
export function recordedApi(calls: ApiCall[], others: Others): SalesforceApi {
  const answer = async (call: ApiCall): Promise<RawAnswer> => {
    calls.push(call);
    return others[call.kind](call);
  };
  return {
    identity: (instanceUrl, user, accessToken) =>
      answer({ kind: 'identity', instanceUrl, user, accessToken: accessToken.reveal() }),
    query: (instanceUrl, soql, accessToken) =>
      answer({ kind: 'query', instanceUrl, soql, accessToken: accessToken.reveal() }),
  };
}
