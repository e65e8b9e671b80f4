import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type GatewayRequest, gatewayEvent } from '../../../dev/local/gateway-event.ts';
import { gatewayAnswer } from '../../../dev/local/gateway-result.ts';
import { routeRequest } from '../../../dev/local/gateway-routes.ts';

function eventOf(changes: Partial<GatewayRequest>) {
  const request: GatewayRequest = {
    method: 'GET',
    rawPath: '/connections',
    rawQuery: '',
    rawHeaders: ['Host', '127.0.0.1:3000'],
    body: new Uint8Array(),
    sourceIp: '127.0.0.1',
    receivedAt: new Date(0),
    ...changes,
  };
  const routing = routeRequest(request.method, request.rawPath);
  assert.equal(routing.kind, 'match');
  if (routing.kind !== 'match') throw new Error('unreachable');
  return gatewayEvent(request, routing.match);
}

describe('a request as API Gateway hands it on (payload 2.0)', () => {
  it('has the route, the path undecoded and its parameters decoded', () => {
    const event = eventOf({ rawPath: '/connections/crm%2E00D/token' });
    assert.equal(event.version, '2.0');
    assert.equal(event.routeKey, 'GET /connections/{id}/token');
    assert.equal(event.rawPath, '/connections/crm%2E00D/token');
    assert.deepEqual(event.pathParameters, { id: 'crm.00D' });
    assert.deepEqual(event.requestContext.http, {
      method: 'GET',
      path: '/connections/crm%2E00D/token',
      protocol: 'HTTP/1.1',
      sourceIp: '127.0.0.1',
      userAgent: '',
    });
  });

  it('joins repeated headers and parameters by commas, and keeps cookies apart', () => {
    const event = eventOf({
      rawQuery: 'app=crm&limit=1&limit=2&org_id=a%20b',
      rawHeaders: ['X-Two', 'a', 'x-two', 'b', 'Cookie', 'one=1; two=2', 'cookie', 'three=3', 'User-Agent', 'test'],
    });
    assert.equal(event.rawQueryString, 'app=crm&limit=1&limit=2&org_id=a%20b');
    assert.deepEqual(event.queryStringParameters, { app: 'crm', limit: '1,2', org_id: 'a b' });
    assert.deepEqual(event.headers, { 'x-two': 'a,b', 'user-agent': 'test' });
    assert.deepEqual(event.cookies, ['one=1', 'two=2', 'three=3']);
  });

  it('passes JSON as text and everything else as base64', () => {
    const body = (type: string, bytes: Uint8Array) => {
      const request = { method: 'POST', rawPath: '/connect-sessions', rawHeaders: ['content-type', type], body: bytes };
      const { body: passed, isBase64Encoded } = eventOf(request);
      return { passed, isBase64Encoded };
    };
    const text = Buffer.from('{"ü":1}');
    assert.deepEqual(body('application/json; charset=utf-8', text), { passed: '{"ü":1}', isBase64Encoded: false });
    const encoded = { passed: text.toString('base64'), isBase64Encoded: true };
    assert.deepEqual(body('application/x-www-form-urlencoded', text), encoded);
    assert.deepEqual(body('application/json', Buffer.of(0xff)), { passed: '/w==', isBase64Encoded: true });
    assert.deepEqual(body('application/json', Buffer.of()), { passed: undefined, isBase64Encoded: false });
  });

  it('is no request of a route where method, segments or encoding differ', () => {
    const none = ['/', '/connections/', '/connections/a/b', '/connect/', '//connections', '/CONNECTIONS'];
    for (const path of none) assert.equal(routeRequest('GET', path).kind, 'none', path);
    for (const [method, path] of [
      ['HEAD', '/connections'],
      ['DELETE', '/connect-sessions'],
    ] as const) {
      const routing = routeRequest(method, path);
      assert.ok(routing.kind === 'match' && routing.match.any, 'its function answers 405');
    }
    assert.equal(routeRequest('GET', '/connections/%ZZ').kind, 'malformed');
    assert.equal(routeRequest('GET', '/connections/%FF').kind, 'malformed');
  });
});

describe('what a Lambda returned, as API Gateway answers it', () => {
  const textOf = (body: Uint8Array) => Buffer.from(body).toString('utf8');

  it('writes status, headers, cookies and body', () => {
    const result = { statusCode: 302, headers: { Location: '/x' }, cookies: ['a=1', 'b=2'], body: '' };
    const { status, headers } = gatewayAnswer(result);
    assert.equal(status, 302);
    assert.equal(headers.location, '/x');
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(textOf(gatewayAnswer({ statusCode: 200, body: 'aGk=', isBase64Encoded: true }).body), 'hi');
  });

  it('infers a 200 from a bare value, and answers 500 to a malformed one', () => {
    assert.equal(textOf(gatewayAnswer({ ok: true }).body), '{"ok":true}');
    assert.equal(gatewayAnswer({ ok: true }).status, 200);
    for (const result of [undefined, null, { statusCode: '200' }, { statusCode: 99 }, { statusCode: 200, body: {} }]) {
      assert.equal(gatewayAnswer(result).status, 500, JSON.stringify(result));
    }
  });
});
