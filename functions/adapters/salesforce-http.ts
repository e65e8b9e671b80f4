/**
 * The Salesforce port: requests to the token, revocation and introspection endpoints below a login URL, by
 * oauth4webapi (RFC 6749 §4.1.3, §4.4 and §6, RFC 7523, RFC 7636, RFC 7009, RFC 7662). It only sends; the core judges what came back.
 *
 * One request each: no redirect is followed, nothing is retried, and what the network does is an answer, not an
 * exception. Never sends `scope`, which Salesforce's token endpoint refuses.
 */
import * as oauth from 'oauth4webapi';
import { isLoopbackHost } from '../core/hosts.ts';
import type { ClientCredentials, RawAnswer, Salesforce } from '../core/ports.ts';
import { withoutEchoes } from './echoed-secrets.ts';
import { NetworkFailure, networkFailure, rawAnswerOf } from './raw-answer.ts';

export interface SalesforceHttpOptions {
  /** @default the global `fetch` */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** Token answers have about 2 KB; more than this is a page, or an attack. */
export const maxAnswerBytes = 65_536;

export function createSalesforceHttp({ fetch = globalThis.fetch }: SalesforceHttpOptions = {}): Salesforce {
  return {
    exchangeCode(loginUrl, credentials, { code, redirectUri, codeVerifier }, timeoutMs) {
      return send(fetch, loginUrl, timeoutMs, (server, options) => {
        const client = clientOf(credentials);
        // The callback's flow has judged the state; here only the code is handed over.
        const parameters = new URLSearchParams({ code: code.reveal() });
        const callback = oauth.validateAuthResponse(server, client, parameters, oauth.expectNoState);
        const verifier = codeVerifier.reveal();
        return oauth.authorizationCodeGrantRequest(
          server,
          client,
          authenticationOf(credentials),
          callback,
          redirectUri,
          verifier,
          options,
        );
      });
    },

    refresh(loginUrl, credentials, refreshToken, timeoutMs) {
      return send(fetch, loginUrl, timeoutMs, (server, options) =>
        oauth.refreshTokenGrantRequest(
          server,
          clientOf(credentials),
          authenticationOf(credentials),
          refreshToken.reveal(),
          options,
        ),
      );
    },

    exchangeAssertion(loginUrl, assertion, timeoutMs) {
      return send(fetch, loginUrl, timeoutMs, (server, options) => {
        const parameters = new URLSearchParams({ assertion: assertion.reveal() });
        const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
        return oauth.genericTokenEndpointRequest(server, anyClient, withoutClient, grantType, parameters, options);
      });
    },

    askAsClient(loginUrl, credentials, timeoutMs) {
      return send(fetch, loginUrl, timeoutMs, (server, options) =>
        oauth.clientCredentialsGrantRequest(
          server,
          clientOf(credentials),
          authenticationOf(credentials),
          new URLSearchParams(),
          options,
        ),
      );
    },

    revoke(loginUrl, token, timeoutMs) {
      return send(fetch, loginUrl, timeoutMs, (server, options) =>
        oauth.revocationRequest(server, anyClient, withoutClient, token.reveal(), options),
      );
    },

    introspect(loginUrl, credentials, accessToken, timeoutMs) {
      return send(fetch, loginUrl, timeoutMs, (server, options) =>
        oauth.introspectionRequest(
          server,
          clientOf(credentials),
          authenticationOf(credentials),
          accessToken.reveal(),
          options,
        ),
      );
    },
  };
}

function clientOf({ clientId }: ClientCredentials): oauth.Client {
  return { client_id: clientId };
}

/** In the body; a public client sends its id alone. */
function authenticationOf({ clientSecret }: ClientCredentials): oauth.ClientAuth {
  return clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret.reveal());
}

/** Salesforce's revocation asks for the token alone: holding it is the proof. The library wants a client all the same. */
const anyClient: oauth.Client = { client_id: 'none' };
const withoutClient: oauth.ClientAuth = () => undefined;

function serverOf(loginUrl: string): oauth.AuthorizationServer {
  const endpoint = (name: string) => new URL(`/services/oauth2/${name}`, loginUrl).href;
  return {
    issuer: loginUrl,
    token_endpoint: endpoint('token'),
    revocation_endpoint: endpoint('revoke'),
    introspection_endpoint: endpoint('introspect'),
  };
}

interface RequestOptions {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  readonly [oauth.allowInsecureRequests]: boolean;
  readonly [oauth.customFetch]: (url: string, init: RequestInit) => Promise<Response>;
}

async function send(
  fetch: NonNullable<SalesforceHttpOptions['fetch']>,
  loginUrl: string,
  timeoutMs: number,
  request: (server: oauth.AuthorizationServer, options: RequestOptions) => Promise<Response>,
): Promise<RawAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { protocol, hostname } = new URL(loginUrl);
  let sent: unknown;
  const options: RequestOptions = {
    // A frozen Lambda wakes with dead sockets: a reset on one would count as an answer that was lost.
    headers: { connection: 'close' },
    signal,
    [oauth.allowInsecureRequests]: protocol === 'http:' && isLoopbackHost(hostname),
    [oauth.customFetch]: (url, init) => {
      sent = init.body;
      return fetch(url, init).catch(networkFailure);
    },
  };
  try {
    return withoutEchoes(await rawAnswerOf(await request(serverOf(loginUrl), options), maxAnswerBytes), sent);
  } catch (error) {
    // The library's own errors mean that nothing was sent.
    if (!(error instanceof NetworkFailure)) throw error;
    return { kind: 'no_answer', reason: signal.aborted ? 'timeout' : 'connection' };
  }
}
