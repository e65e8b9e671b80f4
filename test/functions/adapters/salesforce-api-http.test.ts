import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSalesforceApiHttp, maxApiAnswerBytes } from '../../../functions/adapters/salesforce-api-http.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { loopbackServer } from './loopback-server.ts';

const instanceUrl = 'https://example.my.salesforce.com';
const user = { orgId: '00D5e000001abcdEAA', userId: '0055e000001abcdEAA' };
const token = new Secret('00D5e000001abcd!secret');
const timeoutMs = 5000;

function played(answer: () => Response) {
  const requests: { url: string; init: RequestInit; headers: Headers }[] = [];
  const api = createSalesforceApiHttp({
    fetch: async (url, init) => {
      requests.push({ url, init, headers: new Headers(init.headers) });
      return answer();
    },
  });
  return { api, requests };
}

describe('a request to an org', () => {
  it('asks for the identity of a user, with the token as bearer', async () => {
    const { api, requests } = played(() => Response.json({ active: true }));
    const answer = await api.identity(instanceUrl, user, token, timeoutMs);
    const [request, ...more] = requests;
    assert.equal(request?.url, `${instanceUrl}/id/${user.orgId}/${user.userId}`);
    assert.equal(request.headers.get('authorization'), 'Bearer 00D5e000001abcd!secret');
    assert.equal(request.headers.get('accept'), 'application/json');
    assert.deepEqual(more, []);
    assert.ok(answer.kind === 'answer');
    assert.deepEqual([answer.status, answer.body.reveal()], [200, '{"active":true}']);
  });

  it('queries, with the statement encoded', async () => {
    const { api, requests } = played(() => Response.json({ records: [] }));
    const soql = "SELECT Id FROM OauthToken WHERE AppName = 'A & B+#'";
    await api.query(`${instanceUrl}/`, soql, token, timeoutMs);
    const url = new URL(requests[0]?.url ?? '');
    assert.equal(`${url.origin}${url.pathname}`, `${instanceUrl}/services/data/v62.0/query`);
    assert.deepEqual([...url.searchParams], [['q', soql]]);
  });

  it('goes to the host of the instance, whatever an id holds', async () => {
    const { api, requests } = played(() => Response.json({}));
    await api.identity(instanceUrl, { orgId: '//evil.example', userId: '../..?a#b' }, token, timeoutMs);
    const url = new URL(requests[0]?.url ?? '');
    assert.equal(url.origin, instanceUrl);
    assert.equal(url.search + url.hash, '');
  });

  it('takes no token in the clear, but to loopback', async () => {
    const { api, requests } = played(() => Response.json({}));
    assert.throws(() => api.identity('http://example.my.salesforce.com', user, token, timeoutMs), /must be https/);
    assert.throws(() => api.query('ftp://127.0.0.1', 'SELECT Id', token, timeoutMs), /must be https/);
    assert.equal(requests.length, 0);
    await api.identity('http://127.0.0.1:4000', user, token, timeoutMs);
    assert.equal(requests.length, 1);
  });
});

describe('what comes back', () => {
  it('is answered as it is, an error too', async () => {
    const { api } = played(() => Response.json([{ errorCode: 'INVALID_SESSION_ID' }], { status: 401 }));
    const answer = await api.identity(instanceUrl, user, token, timeoutMs);
    assert.ok(answer.kind === 'answer' && answer.status === 401 && answer.contentType === 'application/json');
  });

  it('is a redirect where the org answers one: it is not followed', async (context) => {
    const asked: string[] = [];
    const address = await loopbackServer(context, (request, response) => {
      asked.push(`${request.url}`);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const answer = await createSalesforceApiHttp().identity(address, user, token, timeoutMs);
    assert.ok(answer.kind === 'answer' && answer.status === 302);
    assert.deepEqual(asked, [`/id/${user.orgId}/${user.userId}`]);
  });

  it('is no answer where nobody listens, the connection breaks or the time is over', async (context) => {
    const api = createSalesforceApiHttp();
    const reset = await loopbackServer(context, (request) => request.socket.destroy());
    assert.deepEqual(await api.identity(reset, user, token, timeoutMs), { kind: 'no_answer', reason: 'connection' });
    const half = await loopbackServer(context, (_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half');
      setImmediate(() => response.destroy());
    });
    assert.deepEqual(await api.identity(half, user, token, timeoutMs), { kind: 'no_answer', reason: 'connection' });
    const silent = await loopbackServer(context, () => undefined);
    assert.deepEqual(await api.identity(silent, user, token, 50), { kind: 'no_answer', reason: 'timeout' });
    assert.deepEqual(await api.identity(silent, user, token, -1), { kind: 'no_answer', reason: 'timeout' });
  });

  it('is read up to 256 KB, and no further', async () => {
    const full = played(() => new Response('x'.repeat(maxApiAnswerBytes)));
    const answer = await full.api.query(instanceUrl, 'SELECT Id', token, timeoutMs);
    assert.ok(answer.kind === 'answer' && answer.body.reveal().length === maxApiAnswerBytes);
    const over = played(() => new Response('x'.repeat(maxApiAnswerBytes + 1)));
    const refused = await over.api.query(instanceUrl, 'SELECT Id', token, timeoutMs);
    assert.deepEqual(refused, { kind: 'no_answer', reason: 'too_large' });
  });
});
