import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { HttpRequest, HttpResponse, RouteHandler } from '../../../functions/core/http.ts';
import { createHttpHandler } from '../../../functions/runtime/http.ts';
import { answering, connectStack, linkSecret, session, throwing } from './connect-stack.ts';
import { httpEvent, jsonEvent, lambdaContext, someTurns } from './lambda-event.ts';
import { recordingLog, recordingMetrics } from './recording.ts';

describe('the routes of a function', () => {
  it('are matched with their parameters, decoded', async () => {
    const { get, seen } = connectStack();
    assert.equal((await get({ path: '/connect-sessions/a%2Fb' })).status, 200);
    assert.deepEqual({ ...seen[0]?.pathParameters }, { id: 'a/b' });
  });

  it('refuse a parameter of malformed percent-encoding', async () => {
    const { get, seen } = connectStack();
    const answer = await get({ path: '/connect-sessions/%E0%A4%A' });
    assert.equal(answer.status, 400);
    assert.equal(answer.json().code, 'invalid_request');
    assert.equal(answer.json().field, 'path.id');
    assert.equal(seen.length, 0);
  });

  it('answer an unknown path with unknown_route and do not repeat it', async () => {
    const { get } = connectStack();
    const answer = await get({ path: `/connected/${linkSecret}` });
    assert.equal(answer.status, 404);
    assert.equal(answer.json().code, 'unknown_route');
    assert.ok(!answer.text.includes(linkSecret));
  });

  it('answer a wrong method on a known path with the methods that it takes', async () => {
    const { get } = connectStack();
    const answer = await get({ path: '/connect-sessions', method: 'DELETE' });
    assert.equal(answer.status, 405);
    assert.equal(answer.json().code, 'method_not_allowed');
    assert.equal(answer.headers.allow, 'POST');
  });

  it('must each have a handler, and each handler a route', () => {
    const options = { functionName: 'callback', log: recordingLog(), metrics: recordingMetrics() } as const;
    const handler: RouteHandler = async () => ({ kind: 'no_content' });
    assert.throws(() => createHttpHandler({ ...options, handlers: {} }), /no handler for GET \/oauth\/callback/);
    assert.throws(
      () => createHttpHandler({ ...options, handlers: { 'GET /oauth/callback': handler, 'GET /other': handler } }),
      /no route GET \/other/,
    );
    assert.doesNotThrow(() => createHttpHandler({ ...options, handlers: { 'GET /oauth/callback': handler } }));
  });
});

describe('a request', () => {
  it('reaches its handler with lower-case headers, cookies, repeated parameters, its id and the time left', async () => {
    const { get, seen } = connectStack();
    await get({
      ...session,
      query: 'a=1&a=2',
      headers: { 'X-Thing': 'v' },
      cookies: ['__Host-b=one', 'c=x=y', '__Host-b=two'],
      body: '{}',
    });
    const request = seen[0] as HttpRequest;
    assert.equal(request.headers['x-thing'], 'v');
    assert.deepEqual({ ...request.cookies }, { '__Host-b': 'one', c: 'x=y' });
    assert.deepEqual(request.query.getAll('a'), ['1', '2']);
    assert.equal(request.requestId, 'gateway-request-1');
    assert.equal(request.remainingTimeMs(), 59_000);
    assert.equal(request.body, undefined);
  });

  it('has its JSON body parsed, encoded in base64 or not', async () => {
    const { call, seen } = connectStack();
    await call(jsonEvent('/connect-sessions', { app: 'crm' }));
    const encoded = Buffer.from('{"app":"crm"}').toString('base64');
    const event = jsonEvent('/connect-sessions', encoded, { isBase64Encoded: true });
    await call(event);
    assert.deepEqual(seen[0]?.body, { app: 'crm' });
    assert.deepEqual(seen[1]?.body, { app: 'crm' });
    assert.equal(event.body, encoded, "the event is the caller's: it stays as it was");
  });

  it('without the body that its route takes is told so', async () => {
    const { call } = connectStack();
    for (const body of [undefined, '']) {
      const answer = await call(httpEvent({ method: 'POST', path: '/connect-sessions', body }));
      assert.equal(answer.status, 400);
      assert.deepEqual([answer.json().code, answer.json().field], ['invalid_request', 'body']);
      assert.match(answer.json().detail, /the request has none/);
    }
  });

  it('with another content type is refused', async () => {
    const { call } = connectStack();
    const form = jsonEvent('/connect-sessions', 'app=crm', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    for (const event of [form, jsonEvent('/connect-sessions', '{}', { headers: {} })]) {
      const answer = await call(event);
      assert.equal(answer.status, 415);
      assert.equal(answer.json().code, 'unsupported_media_type');
    }
  });

  it('with malformed JSON is refused without repeating it', async () => {
    const { call, log } = connectStack();
    for (const body of ['{"claim":"canary-claim",}', 'canary-claim', '{"__proto__":{"claim":"canary-claim"}}']) {
      const answer = await call(jsonEvent('/connect-sessions', body));
      assert.equal(answer.status, 400);
      assert.deepEqual([answer.json().code, answer.json().field], ['invalid_request', 'body']);
      assert.ok(!answer.text.includes('canary'));
    }
    assert.ok(!log.text().includes('canary'));
  });

  it('may have a body of 64 KB and not a byte more', async () => {
    const { call } = connectStack();
    const bodyOf = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    assert.equal((await call(jsonEvent('/connect-sessions', bodyOf(65_536)))).status, 200);
    const encoded = Buffer.from(bodyOf(65_536)).toString('base64');
    assert.equal((await call(jsonEvent('/connect-sessions', encoded, { isBase64Encoded: true }))).status, 200);
    const answer = await call(jsonEvent('/connect-sessions', bodyOf(65_537)));
    assert.equal(answer.status, 413);
    assert.equal(answer.json().code, 'too_large');
    assert.match(answer.json().detail, /65536.*65537/);
  });

  it('may nest its JSON 32 levels deep and no deeper', async () => {
    const { call } = connectStack();
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    assert.equal((await call(jsonEvent('/connect-sessions', nested(32)))).status, 200);
    assert.equal((await call(jsonEvent('/connect-sessions', nested(33)))).status, 400);
    assert.equal((await call(jsonEvent('/connect-sessions', nested(30_000)))).status, 400);
  });
});

describe('an answer', () => {
  it('carries the security headers and no-store, whatever it is', async () => {
    const responses: HttpResponse[] = [
      { kind: 'json', status: 201, body: {} },
      { kind: 'no_content' },
      { kind: 'redirect', status: 302, location: 'https://login.salesforce.com/' },
      { kind: 'page', status: 200, html: '<!doctype html><title>x</title>' },
      { kind: 'problem', problem: { code: 'refresh_pending', detail: 'wait' } },
    ];
    for (const response of responses) {
      const { headers } = await answering(response).get(session);
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(headers['strict-transport-security'] ?? '', /^max-age=31536000$/);
      assert.equal(headers['x-request-id'], 'gateway-request-1');
      assert.equal(
        headers['content-security-policy'],
        "default-src 'none'; style-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
      );
    }
    const failed = await throwing(new Error('x')).get(session);
    assert.equal(failed.headers['x-content-type-options'], 'nosniff');
    assert.equal(failed.headers['cache-control'], 'no-store');
  });

  it('that is a page allows the style of its own head by hash, and no other', async () => {
    const html = '<!doctype html><head><style>p{}</style></head><body><style>evil{}</style></body>';
    const hash = (style: string) => createHash('sha256').update(style).digest('base64');
    const { headers, text } = await answering({ kind: 'page', status: 200, html }).get(session);
    assert.equal(text, html);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    const policy = headers['content-security-policy'] ?? '';
    assert.ok(policy.includes(`style-src 'sha256-${hash('p{}')}';`));
    assert.ok(!policy.includes(hash('evil{}')));
    const bodyOnly = await answering({ kind: 'page', status: 200, html: '<body><style>evil{}</style>' }).get(session);
    assert.ok(bodyOnly.headers['content-security-policy']?.includes("style-src 'none'"));
  });

  it("is the handler's own, however little time is left", async () => {
    const handler = createHttpHandler({
      functionName: 'callback',
      handlers: {
        'GET /oauth/callback': async () => {
          await someTurns();
          return { kind: 'no_content' };
        },
      },
      log: recordingLog(),
      metrics: recordingMetrics(),
    });
    assert.equal((await handler(httpEvent({ path: '/oauth/callback' }), lambdaContext(1))).statusCode, 204);
  });

  it('that redirects has its location and cookies', async () => {
    const answer = await answering({
      kind: 'redirect',
      status: 303,
      location: 'https://a.example/',
      cookies: ['a=b'],
    }).get(session);
    assert.deepEqual([answer.status, answer.headers.location, answer.cookies], [303, 'https://a.example/', ['a=b']]);
  });

  it('that is a problem has its type, members and Retry-After', async () => {
    const answer = await answering({
      kind: 'problem',
      problem: { code: 'refresh_pending', detail: 'wait', retryAfterSeconds: 1.2, members: { remedy: 'r' } },
    }).get(session);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.headers['retry-after'], '2');
    assert.deepEqual(answer.json(), {
      type: 'urn:grantkeeper:problem:refresh_pending',
      title: 'A refresh is under way',
      status: 503,
      code: 'refresh_pending',
      detail: 'wait',
      remedy: 'r',
    });
  });
});
