/** Salesforce's endpoints and the client secrets that they ask for. */
import type { Secret } from './secret.ts';

/** What came back, unjudged; the core judges it. */
export type RawAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly contentType: string; readonly body: Secret }
  /** No answer of the endpoint is known: it may still be acting on the request. */
  | { readonly kind: 'no_answer'; readonly reason: 'timeout' | 'connection' | 'too_large' };

export interface ClientCredentials {
  readonly clientId: string;
  /** Absent for public clients, which must not send one. */
  readonly clientSecret?: Secret;
}

/** The endpoints below a login URL. Sends one request each, follows no redirect, never throws for the network. */
export interface Salesforce {
  exchangeCode(
    loginUrl: string,
    client: ClientCredentials,
    request: { code: Secret; redirectUri: string; codeVerifier: Secret },
    timeoutMs: number,
  ): Promise<RawAnswer>;
  refresh(loginUrl: string, client: ClientCredentials, refreshToken: Secret, timeoutMs: number): Promise<RawAnswer>;
  /** RFC 7523 §2.1; the assertion says who asks. */
  exchangeAssertion(loginUrl: string, assertion: Secret, timeoutMs: number): Promise<RawAnswer>;
  /** RFC 6749 §4.4, on the org's My Domain. */
  askAsClient(loginUrl: string, client: ClientCredentials, timeoutMs: number): Promise<RawAnswer>;
  revoke(loginUrl: string, token: Secret, timeoutMs: number): Promise<RawAnswer>;
  introspect(loginUrl: string, client: ClientCredentials, accessToken: Secret, timeoutMs: number): Promise<RawAnswer>;
}

/** Of a user, as Salesforce names it. */
export interface UserId {
  readonly orgId: string;
  readonly userId: string;
}

/**
 * Resources of an org, asked with one of its access tokens at its instance. One request each, follows no redirect,
 * never throws for the network.
 */
export interface SalesforceApi {
  /** `GET /id/<orgId>/<userId>` (Salesforce Help, "Identity URLs"). */
  identity(instanceUrl: string, user: UserId, accessToken: Secret, timeoutMs: number): Promise<RawAnswer>;
  /** `GET /services/data/vNN.0/query?q=`: the first page of a SOQL query. */
  query(instanceUrl: string, soql: string, accessToken: Secret, timeoutMs: number): Promise<RawAnswer>;
}

/** A key that signs assertions; the private part may be out of reach. */
export interface SigningKey {
  /** Tells an app's two keys apart: `1` or `2`. */
  readonly id: string;
  /** RSASSA-PKCS1-v1_5 with SHA-256 (RS256). Throws `KeysUnavailableError`. */
  sign(input: string): Promise<Uint8Array>;
}

/** Of the certificate that was last made for a key. */
export interface CertificateEnd {
  /** The key's. */
  readonly id: string;
  /** Milliseconds since the epoch; absent: none was made for it, or nobody noted its end. */
  readonly endsAt?: number;
}

export interface SigningKeys {
  /**
   * One or two: whether Salesforce holds both of their certificates is unknown, so the other is tried where one is
   * refused. Throws `AppMisconfiguredError` where there is none; the message names the command that makes one.
   */
  of(app: string): Promise<readonly SigningKey[]>;
  /** For `maintain`, not for signing: the key service is asked for more. One for each key; throws as `of` does. */
  certificateEnds(app: string): Promise<readonly CertificateEnd[]>;
}

/** The client secret's current value, and those beside it during a rotation: `signature` may be made with any. */
export interface ClientSecretSet {
  readonly current: Secret;
  readonly pending?: Secret;
  readonly previous?: Secret;
}

export interface ClientSecrets {
  /**
   * Throws `AppMisconfiguredError` where the secret is unset (still the placeholder) or cannot be read; the message
   * names the command that sets it. `fresh` reads past the cache.
   */
  of(app: string, options?: { fresh?: boolean }): Promise<ClientSecretSet>;
}

/** What is known of an app's client secret without its value. */
export interface SecretAge {
  /** It is not the placeholder any more that the deployment put there. */
  readonly set: boolean;
  /** When its current value was put there, in milliseconds since the epoch. */
  readonly changedAt?: number;
}

export interface SecretAges {
  /** For `maintain`, which may not read the value. Throws `AppMisconfiguredError` where there is no such secret. */
  of(app: string): Promise<SecretAge>;
}
