/**
 * `GET /id/{orgId}/{userId}`: who the user of an access token is (Salesforce Help, "Identity URLs", whose errors are
 * plain words: 403 without a good token, 404 for who is unknown, inactive, or out of reach).
 */
import { type Answer, bearerTokenOf, type Call, type Context, identityError, jsonAnswer } from './endpoint.ts';
import { inactivityOf, type Person } from './orgs.ts';
import { identityUrl } from './token-answer.ts';

export function identityEndpoint(context: Context, { url, headers }: Call): Answer {
  const { books, switches, now } = context;
  const token = bearerTokenOf(headers);
  if (token === undefined) return identityError(403, 'Missing_OAuth_Token');
  const live = books.liveSession(token);
  if (live === undefined) return identityError(403, 'Bad_OAuth_Token');
  const about = { clientId: live.grant.clientId, grantId: live.grant.id };
  if (!live.grant.scopes.some((scope) => identityScopes.has(scope)))
    return identityError(403, 'Bad_OAuth_Token', about);
  const [, , orgId, userId] = url.pathname.split('/');
  if (orgId !== live.grant.orgId) return identityError(403, 'Wrong_Org', about);
  const person = books.person(userId ?? '');
  if (person === undefined || userId !== live.grant.userId) return identityError(404, 'Bad_Id', about);
  const inactive = inactivityOf(person) !== undefined;
  if (inactive && switches.inactiveIdentity === 'refused') return identityError(404, 'Inactive', about);

  books.sessions.extend(token, now());
  return jsonAnswer(identityOf(context, person, !inactive), about);
}

/** `api` and `full` hold the identity URL too. */
const identityScopes = new Set(['id', 'profile', 'email', 'openid', 'api', 'full']);

function identityOf({ origin }: Context, { org, user }: Person, active: boolean) {
  return {
    id: identityUrl(origin, { orgId: org.id, userId: user.id }),
    asserted_user: true,
    user_id: user.id,
    organization_id: org.id,
    username: user.username,
    display_name: user.name,
    email: user.username,
    active,
    user_type: 'STANDARD',
    urls: { rest: `${origin}/services/data/v{version}/` },
  };
}
