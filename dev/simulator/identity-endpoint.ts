/**
 * `GET /id/{orgId}/{userId}`: who the user of an access token is (Salesforce Help, "Identity URLs", whose errors are
 * plain words).
 */
import { type Answer, bearerTokenOf, type Call, type Context, jsonAnswer } from './endpoint.ts';
import { identityUrl } from './token-answer.ts';

export function identityEndpoint(context: Context, { url, headers }: Call): Answer {
  const { books, origin, now } = context;
  const token = bearerTokenOf(headers);
  if (token === undefined) return refusal(403, 'Missing_OAuth_Token');
  const live = books.liveSession(token);
  if (live === undefined) return refusal(403, 'Bad_OAuth_Token');
  const [, , orgId, userId] = url.pathname.split('/');
  if (orgId !== live.grant.orgId) return refusal(403, 'Wrong_Org');
  const person = books.person(userId ?? '');
  if (person === undefined || userId !== live.grant.userId) return refusal(404, 'Bad_Id');

  books.sessions.extend(token, now());
  const { org, user } = person;
  const id = identityUrl(origin, live.grant);
  const body = {
    id,
    asserted_user: true,
    user_id: user.id,
    organization_id: org.id,
    username: user.username,
    display_name: user.name,
    email: user.username,
    active: user.active,
    user_type: 'STANDARD',
    urls: { rest: `${origin}/services/data/v{version}/` },
  };
  return jsonAnswer(body, { clientId: live.grant.clientId, grantId: live.grant.id });
}

function refusal(status: number, text: string): Answer {
  return { response: new Response(text, { status, headers: { 'content-type': 'text/plain' } }), outcome: text };
}
