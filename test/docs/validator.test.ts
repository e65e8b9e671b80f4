import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { problemBody } from '../../functions/core/problem.ts';
import { type Answer, type Contract, loadContract } from '../support/openapi.ts';

const connectionId = 'crm.00D000000000001EAA.005000000000001AAA';
const token = {
  access_token: 'a-token',
  token_type: 'Bearer',
  instance_url: 'https://acme.my.salesforce.com',
  issued_at: '2026-11-21T09:00:10.000Z',
  expires_at: '2026-11-21T11:00:10.000Z',
  refresh_after: '2026-11-21T10:30:10.000Z',
};
const json = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
const problemJson = { 'content-type': 'application/problem+json' };
const sessionId = 's'.repeat(43);
const instant = '2026-11-21T09:00:10.000Z';

const read = (answer: Partial<Answer>): Answer => ({
  method: 'GET',
  path: `/connections/${connectionId}/token`,
  status: 200,
  headers: json,
  body: token,
  ...answer,
});
const pending = problemBody({ code: 'refresh_pending', detail: 'A refresh is under way; ask again.' });

describe('the kept validator', () => {
  let contract: Contract;
  before(async () => {
    contract = await loadContract();
  });
  const rejects = (answer: Answer, message: RegExp) =>
    assert.throws(() => contract.checkAnswer(answer), { name: 'AssertionError', message });

  it('accepts a right answer, as text and as parsed JSON', () => {
    contract.checkAnswer(read({}));
    contract.checkAnswer(read({ body: JSON.stringify(token) }));
    contract.checkAnswer(read({ path: `/connections/${connectionId}/token?tenant=acme` }));
  });

  it('rejects a property that is not described, and says which', () => {
    rejects(read({ body: { ...token, refresh_token: 'x' } }), /body: \(root\) .*refresh_token/);
  });

  it('rejects a missing property and a wrong value by path, without repeating the value', () => {
    const { expires_at: _, ...rest } = token;
    rejects(read({ body: rest }), /expires_at/);
    rejects(read({ body: { ...token, issued_at: '2026-11-21 secret' } }), /^(?=.*\/issued_at)(?!.*secret)/);
  });

  it('rejects a status and a content type that the route does not have', () => {
    rejects(read({ status: 204, body: undefined }), /unknown status .*200, /);
    rejects(read({ headers: { ...json, 'content-type': 'text/html' }, body: '<p>' }), /content type text\/html/);
    rejects(read({ headers: { 'cache-control': 'no-store' } }), /content type \(none\)/);
  });

  it('rejects text that is not JSON', () => {
    rejects(read({ body: '{"access_token":' }), /is not JSON/);
  });

  it('rejects a missing or wrong header', () => {
    rejects(read({ headers: { 'content-type': 'application/json' } }), /header Cache-Control is missing/);
    rejects(read({ headers: { ...json, 'cache-control': 'public' } }), /header Cache-Control: .*no-store/);
  });

  it('wants Retry-After of refresh_pending, but not of the gateway under the same status', () => {
    const answer = read({ status: 503, headers: problemJson, body: pending });
    rejects(answer, /Retry-After is missing, which refresh_pending must carry/);
    rejects({ ...answer, headers: { ...problemJson, 'retry-after': 'soon' } }, /header Retry-After/);
    rejects({ ...answer, headers: { ...problemJson, 'retry-after': '0' } }, /header Retry-After/);
    contract.checkAnswer({ ...answer, headers: { ...problemJson, 'retry-after': '2' } });
    contract.checkAnswer(read({ status: 503, headers: json, body: { message: 'Service Unavailable' } }));
  });

  it('rejects a problem whose code belongs to another status or route, or that lacks a member', () => {
    const limited = problemBody({ code: 'unknown_session', detail: 'There is no such session.' });
    rejects(read({ status: 404, headers: problemJson, body: limited }), /\/code must be one of unknown_connection/);
    const dead = {
      code: 'reauthorization_required',
      detail: 'The grant is gone.',
      members: { cause: 'lost_response' },
    } as const;
    rejects(read({ status: 409, headers: problemJson, body: problemBody(dead) }), /connect/);
    const complete = { ...dead, members: { ...dead.members, connect: { app: 'crm', connection_id: connectionId } } };
    contract.checkAnswer(read({ status: 409, headers: problemJson, body: problemBody(complete) }));
  });

  it('takes `stale` where it is true, and no other value of it', () => {
    contract.checkAnswer(read({ body: { ...token, stale: true } }));
    rejects(read({ body: { ...token, stale: false } }), /\/stale/);
  });

  it('wants Retry-After of refresh_limited, which only a rejection may be answered with', () => {
    const body = problemBody({ code: 'refresh_limited', detail: 'Ask again in 42 s.' });
    const answer = read({ method: 'POST', status: 429, headers: problemJson, body });
    rejects(answer, /Retry-After is missing, which refresh_limited must carry/);
    contract.checkAnswer({ ...answer, headers: { ...problemJson, 'retry-after': '42' } });
    rejects({ ...answer, method: 'GET' }, /\/code|refresh_limited/);
  });

  it('takes an empty answer to a disconnect, and a disconnected connection without its grant’s fields only', () => {
    const path = `/connections/${connectionId}`;
    contract.checkAnswer({ method: 'DELETE', path, status: 204, headers: { 'cache-control': 'no-store' } });
    rejects({ method: 'DELETE', path, status: 204, headers: json, body: {} }, /has a body/);
    const gone = {
      id: connectionId,
      app: 'crm',
      flow: 'authorization_code',
      org_id: '00D000000000001EAA',
      user_id: '005000000000001AAA',
      status: 'disconnected',
      authorized_at: '2026-11-21T09:00:10.000Z',
      integrations: [],
      grants: [{ id: 'g', outcome: 'stored', current: false, begun_at: instant, revocation_due_at: instant }],
    };
    contract.checkAnswer(read({ path, body: gone }));
    rejects(read({ path, body: { ...gone, expires_at: token.expires_at } }), /\/expires_at/);
    rejects(read({ path, body: { ...gone, status: 'active' } }), /expires_at/);
  });

  it('lets only the gateway answer a route that is not listed', () => {
    const unknown = read({ method: 'PUT', path: `/connections/${connectionId}` });
    rejects(unknown, /unknown route/);
    contract.checkAnswer({ ...unknown, status: 404, body: { message: 'Not Found' } });
    const body = problemBody({ code: 'method_not_allowed', detail: 'This path takes GET and DELETE.' });
    const refused: Answer = { ...unknown, status: 405, headers: problemJson, body };
    rejects(refused, /Allow is missing/);
    rejects({ ...refused, headers: { ...problemJson, allow: 'GET' } }, /Allow: must list DELETE, GET; got GET/);
    rejects({ ...refused, headers: { ...problemJson, allow: 'GET, DELETE, PUT' } }, /Allow: must list DELETE, GET/);
    contract.checkAnswer({ ...refused, headers: { ...problemJson, allow: 'GET, DELETE' } });
  });

  it('knows the methods of the integrations’ paths', () => {
    const body = problemBody({ code: 'method_not_allowed', detail: 'Not that one.' });
    for (const [path, allow] of [
      ['/integrations/acme/contacts', 'GET, DELETE'],
      ['/integrations/acme/contacts/configuration', 'PUT'],
      [`/connect-sessions/${sessionId}/claim`, 'POST'],
    ] as const) {
      const refused: Answer = { method: 'PATCH', path, status: 405, headers: { ...problemJson, allow }, body };
      contract.checkAnswer(refused);
      rejects({ ...refused, headers: { ...problemJson, allow: `${allow}, PATCH` } }, /Allow: must list/);
    }
  });

  it('judges redirects by their headers and takes no body with them', () => {
    const redirect: Answer = {
      method: 'GET',
      path: `/connect/${'s'.repeat(43)}`,
      status: 302,
      headers: {
        location: 'https://login.salesforce.com/services/oauth2/authorize?state=x',
        'set-cookie': ['__Host-grant=abc; Path=/; Secure; HttpOnly; SameSite=Lax'],
        'cache-control': 'no-store',
      },
    };
    contract.checkAnswer(redirect);
    rejects({ ...redirect, headers: { ...redirect.headers, 'set-cookie': undefined } }, /header Set-Cookie is missing/);
    rejects({ ...redirect, headers: { ...redirect.headers, 'set-cookie': 'grant=abc; Path=/' } }, /header Set-Cookie/);
    rejects({ ...redirect, body: 'moved' }, /has a body/);
  });

  it('judges the answer to a fetch and leaves its body to be read', async () => {
    const response = new Response(JSON.stringify(token), { headers: json });
    const url = `http://127.0.0.1:3000/connections/${connectionId}/token?tenant=acme`;
    await contract.checkResponse('GET', response, url);
    assert.deepEqual(await response.json(), token);
    const odd = new Response(JSON.stringify({ ...token, extra: 1 }), { headers: json });
    await assert.rejects(contract.checkResponse('GET', odd, url), /extra/);
  });

  it('judges request bodies', () => {
    const request = { method: 'POST', path: '/connect-sessions' };
    const body = { app: 'crm', tenant: 'acme', integration: 'contacts', configuration: [1, null] };
    contract.checkRequestBody({ ...request, body });
    const refuses = (candidate: unknown, message: RegExp) =>
      assert.throws(() => contract.checkRequestBody({ ...request, body: candidate }), { message });
    refuses({ ...body, tenant: 'a b' }, /\/tenant/);
    refuses({ ...body, surprise: 1 }, /surprise/);
    refuses({ app: 'crm' }, /tenant/);
    assert.throws(() => contract.checkRequestBody({ method: 'GET', path: '/connections', body: {} }), /takes no body/);
    assert.throws(() => contract.checkRequestBody({ method: 'PUT', path: '/nowhere', body: {} }), /unknown route/);
  });
});
