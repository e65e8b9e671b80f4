/**
 * Who asks: the client id and secret of a request to the token or introspection endpoint, in the body or as Basic
 * credentials (salesforce-oauth.md, section 10).
 */
import { type Answer, type Call, type Context, oauthError } from './endpoint.ts';
import type { SimulatorApp } from './orgs.ts';

export function authenticateClient(
  { apps, books }: Context,
  { form, headers }: Call,
): { app: SimulatorApp; refusal?: undefined } | { app?: undefined; refusal: Answer } {
  const { clientId, clientSecret } = basicCredentials(headers) ?? {
    clientId: form.get('client_id'),
    clientSecret: form.get('client_secret'),
  };
  const registered = apps.find((candidate) => candidate.clientId === clientId);
  if (registered === undefined) return { refusal: oauthError('invalid_client_id', 'client identifier invalid') };
  // One at most, but while a staged secret is valid beside the one in use. None for a public client, which must not send one.
  const { clientSecrets: taken = [registered.clientSecret] } = books.policies.of(registered);
  const app = { ...registered, clientSecret: taken.at(-1) };
  if (!taken.some((secret) => (secret ?? null) === clientSecret)) {
    return { refusal: oauthError('invalid_client', 'invalid client credentials', { clientId: app.clientId }) };
  }
  return { app };
}

function basicCredentials(headers: Headers): { clientId: string; clientSecret: string | null } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { clientId: formDecoded(clientId), clientSecret: secret.length === 0 ? null : formDecoded(secret.join(':')) };
}

/** RFC 6749 section 2.3.1: both are form-encoded before they are joined. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
