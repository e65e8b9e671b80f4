import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { createSalesforceHttp, maxAnswerBytes } from '../../../functions/adapters/salesforce-http.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { loopbackServer } from './loopback-server.ts';

const loginUrl = 'https://login.salesforce.com';
const confidential = { clientId: 'client', clientSecret: new Secret('the-secret') };
const publicClient = { clientId: 'client' };
const timeoutMs = 5000;

/** The server as a function: records each request and gives the next answer. */
function played(...answers: (() => Response | Promise<Response>)[]) {
  const requests: { url: string; init: RequestInit; body: Record<string, string>; headers: Headers }[] = [];
  const salesforce = createSalesforceHttp({
    fetch: async (url, init) => {
      const body = Object.fromEntries(new URLSearchParams(String(init.body)));
      requests.push({ url, init, body, headers: new Headers(init.headers) });
      const answer = answers.shift();
      if (answer === undefined) throw new Error('one request too many');
      return answer();
    },
  });
  return { salesforce, requests };
}

const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status });
const exchange = {
  code: new Secret('aPrx=='),
  redirectUri: 'https://g.example/oauth/callback',
  codeVerifier: new Secret('v'),
};

describe('a request to Salesforce', () => {
  it('exchanges a code with verifier and redirect URI, the secret in the body', async () => {
    const { salesforce, requests } = played(json({ access_token: 'a' }));
    const answer = await salesforce.exchangeCode(loginUrl, confidential, exchange, timeoutMs);
    assert.equal(requests[0]?.url, 'https://login.salesforce.com/services/oauth2/token');
    assert.deepEqual(requests[0]?.body, {
      grant_type: 'authorization_code',
      code: 'aPrx==',
      redirect_uri: 'https://g.example/oauth/callback',
      code_verifier: 'v',
      client_id: 'client',
      client_secret: 'the-secret',
    });
    assert.ok(answer.kind === 'answer');
    assert.deepEqual(
      [answer.status, answer.contentType, answer.body.reveal()],
      [200, 'application/json', '{"access_token":"a"}'],
    );
  });

  it('refreshes without a scope, which Salesforce refuses', async () => {
    const { salesforce, requests } = played(json({}));
    await salesforce.refresh(loginUrl, confidential, new Secret('5Aep'), timeoutMs);
    assert.deepEqual(requests[0]?.body, {
      grant_type: 'refresh_token',
      refresh_token: '5Aep',
      client_id: 'client',
      client_secret: 'the-secret',
    });
    assert.equal(requests[0]?.headers.get('authorization'), null);
  });

  it('of a public client sends no secret', async () => {
    const { salesforce, requests } = played(json({}), json({}));
    await salesforce.refresh(loginUrl, publicClient, new Secret('5Aep'), timeoutMs);
    await salesforce.exchangeCode(loginUrl, publicClient, exchange, timeoutMs);
    for (const { body } of requests) assert.deepEqual([body.client_id, body.client_secret], ['client', undefined]);
  });

  it('revokes by the token alone', async () => {
    const { salesforce, requests } = played(() => new Response(null, { status: 200 }));
    const answer = await salesforce.revoke(loginUrl, new Secret('5Aep'), timeoutMs);
    assert.equal(requests[0]?.url, 'https://login.salesforce.com/services/oauth2/revoke');
    assert.deepEqual(requests[0]?.body, { token: '5Aep' });
    assert.ok(answer.kind === 'answer' && answer.status === 200 && answer.body.reveal() === '');
  });

  it('introspects with the client in the body', async () => {
    const { salesforce, requests } = played(json({ active: true }));
    await salesforce.introspect(loginUrl, confidential, new Secret('00D!x'), timeoutMs);
    assert.equal(requests[0]?.url, 'https://login.salesforce.com/services/oauth2/introspect');
    assert.deepEqual(requests[0]?.body, { token: '00D!x', client_id: 'client', client_secret: 'the-secret' });
  });

  it('goes over plain http to loopback only', async () => {
    const { salesforce, requests } = played(json({}));
    await salesforce.refresh('http://127.0.0.1:4000', confidential, new Secret('t'), timeoutMs);
    await assert.rejects(salesforce.refresh('http://login.example', confidential, new Secret('t'), timeoutMs), /HTTPS/);
    assert.equal(requests.length, 1);
  });
});

describe('what comes back', () => {
  it('is handed on unjudged: errors, pages, redirects', async () => {
    const page = () => new Response('<html>', { status: 503, headers: { 'content-type': 'text/html;charset=UTF-8' } });
    const moved = () => new Response(null, { status: 302, headers: { location: 'https://evil.example/' } });
    const { salesforce, requests } = played(json({ error: 'invalid_grant' }, 400), page, moved);
    const seen = [];
    for (let count = 0; count < 3; count += 1) {
      const answer = await salesforce.refresh(loginUrl, confidential, new Secret('t'), timeoutMs);
      assert.ok(answer.kind === 'answer');
      seen.push([answer.status, answer.contentType, answer.body.reveal()]);
    }
    assert.deepEqual(seen, [
      [400, 'application/json', '{"error":"invalid_grant"}'],
      [503, 'text/html;charset=UTF-8', '<html>'],
      [302, '', ''],
    ]);
    assert.equal(requests.length, 3);
  });

  it('is rid of what the request held, by whatever method it was sent', async () => {
    const secret = new Secret('a-secret-of-the-request');
    const echo = json(
      { error: 'invalid_grant', error_description: 'cannot use a-secret-of-the-request, the-secret' },
      400,
    );
    const { salesforce } = played(echo, echo, echo, echo, echo, echo);
    const answers = [
      await salesforce.exchangeCode(loginUrl, confidential, { ...exchange, code: secret }, timeoutMs),
      await salesforce.refresh(loginUrl, confidential, secret, timeoutMs),
      await salesforce.exchangeAssertion(loginUrl, secret, timeoutMs),
      await salesforce.askAsClient(loginUrl, { clientId: 'client', clientSecret: secret }, timeoutMs),
      await salesforce.revoke(loginUrl, secret, timeoutMs),
      await salesforce.introspect(loginUrl, confidential, secret, timeoutMs),
    ];
    for (const answer of answers) {
      assert.ok(answer.kind === 'answer');
      assert.doesNotMatch(answer.body.reveal(), /a-secret-of-the-request/);
      assert.match(answer.body.reveal(), /cannot use/);
    }
  });

  it('does not show a token where the answer is printed', async () => {
    const { salesforce } = played(json({ access_token: 'canary' }));
    const answer = await salesforce.refresh(loginUrl, confidential, new Secret('t'), timeoutMs);
    assert.ok(!JSON.stringify(answer).includes('canary'));
  });
});

describe('over a real connection', () => {
  const refresh = (url: string, ms = timeoutMs) =>
    createSalesforceHttp().refresh(url, confidential, new Secret('t'), ms);

  it('an answer arrives, each over a connection of its own, and a redirect is not followed', async (context) => {
    const connections: (string | undefined)[] = [];
    const paths: (string | undefined)[] = [];
    const url = await loopbackServer(context, (request, response) => {
      connections.push(request.headers.connection);
      paths.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end('moved');
    });
    for (let count = 0; count < 2; count += 1) {
      const answer = await refresh(url);
      assert.ok(answer.kind === 'answer' && answer.status === 302 && answer.body.reveal() === 'moved');
    }
    assert.deepEqual(connections, ['close', 'close']);
    assert.deepEqual(paths, ['/services/oauth2/token', '/services/oauth2/token']);
  });

  it('silence is a timeout, before the headers and in the middle of the body', async (context) => {
    const silent = await loopbackServer(context, () => undefined);
    assert.deepEqual(await refresh(silent, 50), { kind: 'no_answer', reason: 'timeout' });
    const stalled = await loopbackServer(context, (_request, response) => response.writeHead(200).write('{"access'));
    assert.deepEqual(await refresh(stalled, 100), { kind: 'no_answer', reason: 'timeout' });
  });

  it('a reset, before the headers and in the middle of the body, and a refused connection are no answer', async (context) => {
    const reset = await loopbackServer(context, (request) => request.socket.destroy());
    assert.deepEqual(await refresh(reset), { kind: 'no_answer', reason: 'connection' });
    const cut = await loopbackServer(context, (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"access', () => response.destroy());
    });
    assert.deepEqual(await refresh(cut), { kind: 'no_answer', reason: 'connection' });
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    assert.deepEqual(await refresh(`http://127.0.0.1:${port}`), { kind: 'no_answer', reason: 'connection' });
  });

  it('a body is read up to 64 KB, and one without end is given up', async (context) => {
    assert.equal(maxAnswerBytes, 65_536);
    const full = await loopbackServer(context, (_request, response) => response.end('x'.repeat(maxAnswerBytes)));
    const answer = await refresh(full);
    assert.ok(answer.kind === 'answer' && answer.body.reveal().length === maxAnswerBytes);
    const endless = await loopbackServer(context, (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    });
    assert.deepEqual(await refresh(endless), { kind: 'no_answer', reason: 'too_large' });
  });
});
