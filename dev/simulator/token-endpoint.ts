/**
 * `POST /services/oauth2/token`: finds out which grant type is asked for (salesforce-oauth.md, sections 3 and 4).
 */
import { assertionGrantType, exchangeAssertion } from './assertion-exchange.ts';
import { exchangeClientCredentials } from './client-credentials-exchange.ts';
import { exchangeCode } from './code-exchange.ts';
import { type Answer, type Call, type Context, oauthError } from './endpoint.ts';
import { exchangeRefreshToken } from './refresh-exchange.ts';

export function tokenEndpoint(context: Context, call: Call): Answer {
  if (call.method !== 'POST') return oauthError('invalid_request', 'must use HTTP POST');
  const twice = [...new Set(call.form.keys())].find((name) => call.form.getAll(name).length > 1);
  if (twice !== undefined) return oauthError('invalid_request', `parameter given twice: ${twice}`);
  if (call.form.has('scope')) return oauthError('invalid_request', 'scope parameter not supported');
  switch (call.form.get('grant_type')) {
    case 'authorization_code':
      return exchangeCode(context, call);
    case 'refresh_token':
      return exchangeRefreshToken(context, call);
    case assertionGrantType:
      return exchangeAssertion(context, call);
    case 'client_credentials':
      return exchangeClientCredentials(context, call);
    default:
      return oauthError('unsupported_grant_type', 'grant type not supported');
  }
}
