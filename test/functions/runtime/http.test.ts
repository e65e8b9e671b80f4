import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  AppMisconfiguredError,
  ConfigurationQueueError,
  LifeboatUnavailableError,
  StoreUnavailableError,
  UnreadableItemError,
} from '../../../functions/core/errors.ts';
import type { HttpRequest, HttpResponse, RouteHandler } from '../../../functions/core/http.ts';
import { createHttpHandler } from '../../../functions/runtime/http.ts';
import { type EventOptions, httpEvent, jsonEvent, lambdaContext, someTurns } from './lambda-event.ts';
import { recordingLog, recordingMetrics } from './recording.ts';

const linkSecret = 'canaryLinkSecretCanaryLinkSecretCanaryLink1';

/** The stack of `connect`, whose routes cover a body, a parameter and a secret path. */
function connectStack(handlers: Record<string, RouteHandler> = {}) {
  const seen: HttpRequest[] = [];
  const log = recordingLog();
  const metrics = recordingMetrics();
  const record: RouteHandler = async (request) => {
    seen.push(request);
    return { kind: 'json', status: 200, body: { ok: true } };
  };
  const handler = createHttpHandler({
    functionName: 'connect',
    handlers: {
      'POST /connect-sessions': record,
      'GET /connect-sessions/{id}': record,
      'POST /connect-sessions/{id}/claim': record,
      'GET /connect/{secret}': record,
      ...handlers,
    },
    log,
    metrics,
  });
  const call = async (event: ReturnType<typeof httpEvent>) => {
    const answer = await handler(event, lambdaContext());
    const text = String(answer.body ?? '');
    return {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
      cookies: answer.cookies,
      text,
      json: () => JSON.parse(text),
    };
  };
  return { call, get: (options: EventOptions) => call(httpEvent(options)), seen, log, metrics };
}

const answering = (response: HttpResponse) => connectStack({ 'GET /connect-sessions/{id}': async () => response });
const throwing = (error: unknown) =>
  connectStack({
    'GET /connect-sessions/{id}': async () => {
      throw error;
    },
  });
const session = { path: '/connect-sessions/abc' };

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

describe('an exception of a handler', () => {
  it('that is the store is answered as 503 with Retry-After', async () => {
    const answer = await throwing(new StoreUnavailableError('table down')).get(session);
    assert.deepEqual(
      [answer.status, answer.json().code, answer.headers['retry-after']],
      [503, 'store_unavailable', '5'],
    );
    assert.ok(!answer.text.includes('table down'));
  });

  it('that is the lifeboat, or the queue of configuration steps, is answered as 503 with Retry-After', async () => {
    for (const [error, detail] of [
      [new LifeboatUnavailableError('put: canaryLifeboat'), /Neither the store nor the lifeboat/],
      [new ConfigurationQueueError('not queued: canaryQueue'), /All is stored.*Repeat the request/],
    ] as const) {
      const { status, headers, json, text } = await throwing(error).get(session);
      assert.equal(status, 503);
      assert.equal(headers['retry-after'], '5');
      assert.equal(json().code, 'store_unavailable');
      assert.match(json().detail, detail);
      assert.doesNotMatch(text, /canary/);
    }
  });

  it('that is an unset client secret says how to set it', async () => {
    const answer = await throwing(new AppMisconfiguredError('crm', 'Run: aws secretsmanager …')).get(session);
    assert.deepEqual([answer.status, answer.json().code], [503, 'app_misconfigured']);
    assert.equal(answer.json().detail, 'Run: aws secretsmanager …');
    const leaking = await throwing(new AppMisconfiguredError('crm', 'sent client_secret=canary')).get(session);
    assert.equal(leaking.json().detail, 'sent client_secret=[redacted]');
  });

  it('that is an item of another release says so, and leaves its key to the log', async () => {
    const stack = throwing(new UnreadableItemError('item C#crm.org.user has version 3; this release reads version 1'));
    const { status, text, json } = await stack.get(session);
    assert.deepEqual([status, json().code], [500, 'internal_error']);
    assert.match(json().detail, /written by another release, or is damaged; .* under request gateway-request-1\.$/);
    assert.ok(!text.includes('C#') && stack.log.text().includes('C#crm.org.user has version 3'));
  });

  it('that nobody foresaw is answered with the request id alone, and logged with its stack, redacted', async () => {
    const stack = throwing(new Error('exploded near code=canary-code and 00D000000000001!canary.token'));
    const answer = await stack.get(session);
    assert.deepEqual([answer.status, answer.json().code], [500, 'internal_error']);
    assert.match(answer.json().detail, /gateway-request-1/);
    assert.ok(!answer.text.includes('exploded'));
    const failure = stack.log.lines.find(({ level }) => level === 'error');
    assert.match(JSON.stringify(failure?.fields), /exploded near .*http\.test\.ts/);
    assert.ok(!stack.log.text().includes('canary'));
  });

  it('that is no Error is answered all the same', async () => {
    for (const thrown of ['text', undefined, null, { code: 'x' }]) {
      assert.equal((await throwing(thrown).get(session)).status, 500);
    }
  });
});

describe('the account of a request', () => {
  it('is one line and one set of metrics that name the pattern, never the path or query', async () => {
    const { get, log, metrics } = connectStack();
    await get({ path: `/connect/${linkSecret}`, query: 'code=canary-code&state=canary-state' });
    assert.equal(log.lines.length, 1);
    const { route, status, request_id } = log.lines[0]?.fields ?? {};
    assert.deepEqual([route, status, request_id], ['GET /connect/{secret}', 200, 'gateway-request-1']);
    assert.deepEqual(metrics.observed[0]?.dimensions, { route: 'GET /connect/{secret}' });
    assert.deepEqual(
      metrics.observed[0]?.values.map(({ name, unit }) => [name, unit]),
      [
        ['Requests', 'Count'],
        ['Errors5xx', 'Count'],
        ['Latency', 'Milliseconds'],
      ],
    );
    assert.equal(metrics.flushes(), 1);
    assert.ok(!(log.text() + JSON.stringify(metrics.observed)).includes('canary'));
  });

  it('leaves paths and queries out where routing or the handler fails', async () => {
    const { get, log, metrics } = connectStack({
      'GET /connect/{secret}': async ({ path }) => {
        throw new TypeError(`cannot read ${path}`);
      },
    });
    const query = 'code=canary-code';
    await get({ path: `/connect/${linkSecret}`, query });
    await get({ path: `/connect/${linkSecret}/more`, query });
    await get({ path: `/connect/${linkSecret}`, method: 'POST', query });
    await get({ path: `/connect/${linkSecret}%zz`, query });
    const statuses = log.lines.filter(({ level }) => level === 'info').map(({ fields }) => fields.status);
    assert.deepEqual(statuses, [500, 404, 405, 400]);
    assert.ok(!(log.text() + JSON.stringify(metrics.observed)).includes('canary'));
  });

  it('counts a 5xx as an error and a 4xx as none', async () => {
    const errorsOf = async (stack: ReturnType<typeof connectStack>, options: EventOptions) => {
      await stack.get(options);
      return stack.metrics.observed[0]?.values.find(({ name }) => name === 'Errors5xx')?.value;
    };
    assert.equal(await errorsOf(throwing(new Error('x')), session), 1);
    assert.equal(await errorsOf(connectStack(), { path: '/nowhere' }), 0);
  });
});
