/**
 * Everything that can fail before a refresh is sent, acquired before it is claimed; and the three ways to ask: by the
 * refresh token, by a new assertion, or as the client itself. What comes back is judged by the same rules.
 */
import type { AppConfig } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import { AppMisconfiguredError, foreignHostMessage } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import { loginOrigin } from '../core/hosts.ts';
import { type Judgement, judgeTokenAnswer } from '../core/judge-token-answer.ts';
import type { ClientCredentials, Ports, RefreshReport } from '../core/ports.ts';
import { report } from '../core/refresh-report.ts';
import type { Secret } from '../core/secret.ts';
import { httpTimeoutMs } from '../core/time-limits.ts';
import { type Assertions, askByAssertion } from './ask-by-assertion.ts';
import { clientCredentials } from './client-credentials.ts';
import { freshCredentials } from './retry-with-fresh-secret.ts';
import type { DataKey, Vault } from './vault.ts';

export type PrepareRefreshPorts = Pick<Ports, 'config' | 'clock' | 'secrets' | 'salesforce' | 'log' | 'metrics'>;

/** Sends once; or twice where what was sent had been replaced since it was read, and time is left. */
export type Ask = (timeIsLeft: () => boolean) => Promise<Judgement>;

export interface Prepared {
  readonly ask: Ask;
  /** For introspection; a client without a secret is none to introspect with. */
  readonly client: ClientCredentials;
  readonly accessKey: DataKey;
  /** Absent with flows without a browser: there is no refresh token. */
  readonly refresh?: { readonly token: Secret; readonly key: DataKey };
}

export async function prepareRefresh(
  ports: PrepareRefreshPorts,
  vault: Vault,
  assertions: Assertions,
  connection: Connection,
): Promise<Prepared | RefreshReport> {
  const app = ports.config.apps[connection.app];
  if (app === undefined) return report('app_misconfigured', `The configuration has no app ${connection.app}.`);
  if (connection.grant === undefined) return report('not_needed');
  const { loginUrl } = connection.grant;
  if (loginOrigin(loginUrl, ports.config.salesforceOrigin) === undefined) {
    const detail = foreignHostMessage('login host', loginUrl);
    ports.log.error('A connection is not refreshed.', { connection_id: connection.id, detail });
    return report('app_misconfigured', detail);
  }
  try {
    switch (connection.flow) {
      case 'authorization_code':
        return await byRefreshToken(ports, vault, connection, app);
      case 'jwt_bearer':
        return await byAssertion(ports, vault, assertions, connection, app);
      case 'client_credentials':
        return await asClient(ports, vault, connection, app);
    }
  } catch (error) {
    if (!(error instanceof AppMisconfiguredError)) throw error;
    ports.log.error('The app cannot refresh.', { app: connection.app, connection_id: connection.id, error });
    return report('app_misconfigured', error.message);
  }
}

async function byRefreshToken(
  ports: PrepareRefreshPorts,
  vault: Vault,
  { id, app: name, orgId, grant }: Connection,
  app: AppConfig,
): Promise<Prepared | RefreshReport> {
  if (grant?.refreshToken === undefined) return report('not_needed');
  const context = { connectionId: id, grantId: grant.id, purpose: 'refresh' } as const;
  const [{ client }, accessKey, key, token] = await Promise.all([
    clientCredentials(ports, name, app),
    vault.orgKey(orgId, 'access', underOrgKey(grant, grant.accessToken)),
    vault.orgKey(orgId, 'refresh', underOrgKey(grant, grant.refreshToken)),
    vault.open(grant.refreshToken, grant.ownKeys, orgId, context),
  ]);
  const ask = withFreshSecret(ports, name, client, async (credentials) => {
    const answer = await ports.salesforce.refresh(grant.loginUrl, credentials, token, httpTimeoutMs);
    return judgeTokenAnswer(answer, 'refresh');
  });
  return { ask, client, accessKey, refresh: { token, key } };
}

async function byAssertion(
  ports: PrepareRefreshPorts,
  vault: Vault,
  assertions: Assertions,
  { app: name, orgId, username, grant }: Connection,
  app: AppConfig,
): Promise<Prepared | RefreshReport> {
  if (grant === undefined) return report('not_needed');
  if (username === undefined) {
    return report('app_misconfigured', 'The connection has no username to assert; make it again by POST /connections.');
  }
  const [signed, accessKey] = await Promise.all([
    assertions.signed({ name, app, username, loginUrl: grant.loginUrl }),
    vault.orgKey(orgId, 'access', underOrgKey(grant, grant.accessToken)),
  ]);
  const ask: Ask = (timeIsLeft) => askByAssertion(ports, assertions, signed, timeIsLeft);
  return { ask, client: { clientId: app.clientId }, accessKey };
}

async function asClient(
  ports: PrepareRefreshPorts,
  vault: Vault,
  { app: name, orgId, grant }: Connection,
  app: AppConfig,
): Promise<Prepared | RefreshReport> {
  if (grant === undefined) return report('not_needed');
  const [{ client }, accessKey] = await Promise.all([
    clientCredentials(ports, name, app),
    vault.orgKey(orgId, 'access', underOrgKey(grant, grant.accessToken)),
  ]);
  return { ask: askAsClient(ports, name, client, grant.loginUrl), client, accessKey };
}

/** What lies under a callback's own keys names none of the org. */
function underOrgKey({ ownKeys }: Grant, sealed: string): string | undefined {
  return ownKeys === undefined ? sealed : undefined;
}

/** RFC 6749 §4.4.2. */
export function askAsClient(
  ports: PrepareRefreshPorts,
  name: string,
  client: ClientCredentials,
  loginUrl: string,
): Ask {
  return withFreshSecret(ports, name, client, async (credentials) => {
    const answer = await ports.salesforce.askAsClient(loginUrl, credentials, httpTimeoutMs);
    return judgeTokenAnswer(answer, 'client_credentials');
  });
}

function withFreshSecret(
  ports: PrepareRefreshPorts,
  name: string,
  client: ClientCredentials,
  send: (credentials: ClientCredentials) => Promise<Judgement>,
): Ask {
  const counted = (credentials: ClientCredentials) => {
    ports.metrics.add('RefreshRequests', 1);
    return send(credentials);
  };
  return async (timeIsLeft) => {
    const judged = await counted(client);
    const fresh = judged.kind === 'refused' ? await freshCredentials(ports, name, client, judged) : undefined;
    return fresh !== undefined && timeIsLeft() ? counted(fresh) : judged;
  };
}
