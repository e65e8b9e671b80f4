/** The naive side's requests to Salesforce's token endpoint. */
import { requestTimeoutMs } from './salesforce-read.ts';

export interface SalesforceApp {
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

export interface Tokens {
  readonly access_token: string;
  /** Absent in the answer to a refresh. */
  readonly refresh_token?: string;
  readonly instance_url: string;
}

/** Answers the tokens, or Salesforce's `error: error_description`. */
export async function requestTokens(
  app: SalesforceApp,
  parameters: Record<string, string>,
): Promise<Tokens | { readonly error: string }> {
  const response = await fetch(new URL('/services/oauth2/token', app.loginUrl), {
    method: 'POST',
    body: new URLSearchParams({ ...parameters, client_id: app.clientId, client_secret: app.clientSecret }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const body = (await response.json()) as Tokens & { error?: string; error_description?: string };
  return body.error === undefined ? body : { error: `${body.error}: ${body.error_description}` };
}
