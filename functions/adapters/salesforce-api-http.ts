/**
 * The SalesforceApi port: resources of an org, asked at its instance with one of its access tokens (RFC 6750 §2.1). It
 * only sends; the core judges what came back.
 *
 * One request each: no redirect is followed, for it would take the token to another host; nothing is retried, and what
 * the network does is an answer, not an exception.
 *
 * Sources: Salesforce Help, "Identity URLs"; REST API Developer Guide, "Query".
 */
import { isLoopbackHost } from '../core/hosts.ts';
import type { RawAnswer, SalesforceApi } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import { NetworkFailure, networkFailure, rawAnswerOf } from './raw-answer.ts';

export interface SalesforceApiHttpOptions {
  /** @default the global `fetch` */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** Winter '25: old enough for every org, new enough for long. */
const restVersion = 'v62.0';

/** An identity has about 3 KB, a row of `OauthToken` 0.4 KB. */
export const maxApiAnswerBytes = 262_144;

export function createSalesforceApiHttp({ fetch = globalThis.fetch }: SalesforceApiHttpOptions = {}): SalesforceApi {
  return {
    identity(instanceUrl, { orgId, userId }, accessToken, timeoutMs) {
      const path = `/id/${encodeURIComponent(orgId)}/${encodeURIComponent(userId)}`;
      return get(fetch, addressOf(instanceUrl, path), accessToken, timeoutMs);
    },

    query(instanceUrl, soql, accessToken, timeoutMs) {
      const address = addressOf(instanceUrl, `/services/data/${restVersion}/query`);
      address.searchParams.set('q', soql);
      return get(fetch, address, accessToken, timeoutMs);
    },
  };
}

/** @throws TypeError where a token would go out in the clear: no `instance_url` that we stored is such */
function addressOf(instanceUrl: string, path: string): URL {
  const address = new URL(path, instanceUrl);
  const { protocol, hostname } = address;
  if (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))) return address;
  throw new TypeError(`instance_url must be https (http only on loopback); got ${address.origin}`);
}

async function get(
  fetch: NonNullable<SalesforceApiHttpOptions['fetch']>,
  address: URL,
  accessToken: Secret,
  timeoutMs: number,
): Promise<RawAnswer> {
  const signal = AbortSignal.timeout(Math.max(0, Math.floor(timeoutMs)));
  const init: RequestInit = {
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${accessToken.reveal()}`,
      // A frozen Lambda wakes with dead sockets.
      connection: 'close',
    },
    redirect: 'manual',
    signal,
  };
  try {
    return await rawAnswerOf(await fetch(address.href, init).catch(networkFailure), maxApiAnswerBytes);
  } catch (error) {
    if (!(error instanceof NetworkFailure)) throw error;
    return { kind: 'no_answer', reason: signal.aborted ? 'timeout' : 'connection' };
  }
}
