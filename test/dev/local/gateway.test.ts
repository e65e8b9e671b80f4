import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createGateway } from '../../../dev/local/gateway.ts';
import { type Listener, listen } from '../../../dev/local/listener.ts';
import { createLocalLog } from '../../../dev/local/local-log.ts';
import { createSystemClock } from '../../../functions/adapters/system-clock.ts';
import { fakeHandlers } from './fake-handlers.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

describe('the gateway of the local stack', () => {
  const log = createLocalLog(true);
  let listener: Listener;
  before(async () => {
    const { handlers } = fakeHandlers({
      callback: async () => {
        throw new Error('on purpose');
      },
      token: () => new Promise(() => {}),
      connections: async (event) =>
        (event as { rawQueryString: string }).rawQueryString === 'broken'
          ? { statusCode: 200, headers: { 'x-broken': 'a\nb' } }
          : { statusCode: 200, body: JSON.stringify(event) },
      connect: async () => ({ statusCode: 302, headers: { location: '/next' }, cookies: ['a=1', 'b=2'] }),
    });
    const gateway = createGateway({ handlers, clock: createSystemClock(), log, integrationTimeoutMs: 50 });
    listener = await listen(createServer(gateway), { name: 'the gateway', port: 0 });
  });
  after(() => listener.close());
  const send = (request: RawRequest) => rawRequest(listener.url, request);

  it('invokes the handler of the route with the event, and answers what it returns', async () => {
    const answer = await send({ path: '/connections?app=crm', headers: { 'x-test': '1' } });
    assert.equal(answer.status, 200);
    const event = JSON.parse(answer.body);
    assert.equal(event.routeKey, 'GET /connections');
    assert.equal(event.headers['x-test'], '1');
    assert.equal(event.queryStringParameters.app, 'crm');
  });

  it('writes each cookie as a header of its own', async () => {
    const answer = await send({ path: '/connect/secret' });
    assert.equal(answer.status, 302);
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  });

  it('answers as API Gateway where no route matches or the request is malformed', async () => {
    const missing = await send({ path: '/nothing/here' });
    assert.deepEqual([missing.status, missing.body], [404, '{"message":"Not Found"}']);
    assert.equal((await send({ path: '/connections/%ZZ' })).status, 400);
    assert.equal((await send({ path: 'http://evil.example/connections' })).status, 400);
    assert.equal((await send({ path: '//connections' })).status, 404);
  });

  it('hands a method that the path does not take to its function, by the ANY route', async () => {
    for (const method of ['OPTIONS', 'PATCH', 'DELETE']) {
      const answer = await send({ method, path: '/connections' });
      assert.deepEqual([answer.status, JSON.parse(answer.body).routeKey], [200, 'ANY /connections'], method);
    }
  });

  it('refuses more than 10 MB, announced or not', async () => {
    const limit = 10 * 1024 * 1024;
    const announced = { method: 'POST', path: '/connect-sessions', headers: { 'content-length': String(limit + 1) } };
    assert.equal((await send(announced)).status, 413);
    assert.equal(await statusOfEndlessBody(listener.port, limit + 1), 413);
  });

  it('answers 500 where a handler throws, logged without what was asked', async () => {
    const answer = await send({ path: '/oauth/callback?code=hidden' });
    assert.deepEqual([answer.status, answer.body], [500, '{"message":"Internal Server Error"}']);
    const line = log.lines().find((text) => text.includes('on purpose'));
    assert.ok(line !== undefined);
    assert.doesNotMatch(line, /hidden/);
  });

  it('goes on serving after an answer that cannot be written', async () => {
    await assert.rejects(send({ path: '/connections?broken' }));
    assert.equal((await send({ path: '/connections' })).status, 200);
  });

  it('cuts a client off whose handler takes too long', async () => {
    const answer = await send({ path: '/connections/x/token' });
    assert.deepEqual([answer.status, answer.body], [503, '{"message":"Service Unavailable"}']);
  });
});

/** Sends chunks without a length until an answer comes. */
function statusOfEndlessBody(port: number, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunk = Buffer.alloc(64 * 1024, 'x');
    socket.on('error', reject);
    socket.on('data', (data) => {
      resolve(Number(data.toString().split(' ')[1]));
      socket.destroy();
    });
    socket.write(`POST /connect-sessions HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let sent = 0; sent < bytes; sent += chunk.length) {
      socket.write(`${chunk.length.toString(16)}\r\n`);
      socket.write(chunk);
      socket.write('\r\n');
    }
  });
}
