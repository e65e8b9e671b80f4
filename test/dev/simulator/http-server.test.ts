import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { type SimulatorServer, serveSimulator } from '../../../dev/simulator/http-server.ts';
import { Simulator } from '../../../dev/simulator/simulator.ts';
import { ada, allow, authorizeUrl, secretApp } from './client.ts';

let server: SimulatorServer;

before(async () => {
  server = await serveSimulator((origin) => new Simulator({ origin, now: () => Date.now(), apps: [secretApp] }), {
    port: 0,
  });
});

after(() => server.close());

/** `fetch` forbids to set Host, Origin and Sec-Fetch-*, so this speaks plain HTTP. */
function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(new URL(path, server.url), { method, headers }, (incoming) => {
      incoming.resume();
      incoming.on('end', () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const authorizePath = authorizeUrl().slice(new URL(authorizeUrl()).origin.length);
const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const json = { 'content-type': 'application/json' };

describe('the simulator over HTTP', () => {
  it('answers an exchange with its own origin', async () => {
    const body = new URLSearchParams(allow(server.simulator));
    const response = await fetch(`${server.url}/services/oauth2/token`, { method: 'POST', body });
    assert.equal(response.status, 200);
    const { id, instance_url } = (await response.json()) as Record<string, string>;
    assert.equal(instance_url, server.url);
    assert.ok(id?.startsWith(`${server.url}/id/`));
  });

  it('resets the connection after processing where the switch says so', async () => {
    const body = new URLSearchParams(allow(server.simulator));
    const before = server.simulator.books.grants().length;
    server.simulator.switches.resetAfterProcessing = true;
    const ask = fetch(`${server.url}/services/oauth2/token`, { method: 'POST', body });
    await assert.rejects(ask, (error: Error) => error instanceof TypeError && error.message === 'fetch failed');
    server.simulator.switches.resetAfterProcessing = false;
    assert.equal(server.simulator.books.grants().length, before + 1);
  });

  it('answers 413 to a body beyond its limit', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal(await send('POST', '/services/oauth2/token', form, `x=${'y'.repeat(70_000)}`), 413);
  });

  it('says that a port is taken', async () => {
    const port = Number(new URL(server.url).port);
    await assert.rejects(serveSimulator(server.simulator, { port }), { code: 'EADDRINUSE' });
  });
});

describe('the guard', () => {
  it('serves every loopback name with its port', async () => {
    const { port } = new URL(server.url);
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      assert.equal(await send('GET', '/simulator/books', { host: `${name}:${port}` }), 200);
    }
  });

  it('refuses a rebound name, another port and no port', async () => {
    const { port } = new URL(server.url);
    for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1:1', '127.0.0.1']) {
      assert.equal(await send('GET', '/simulator/books', { host }), 403, host);
    }
  });

  it('refuses a cross-site POST by what the browser says of it, or by its origin', async () => {
    const change = '{"rotation":true}';
    const path = '/simulator/switches';
    const crossSite: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
      { 'sec-fetch-site': 'cross-site', ...navigation },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    for (const headers of crossSite) assert.equal(await send('POST', path, { ...json, ...headers }, change), 403);
    assert.equal(server.simulator.switches.rotation, false);
    assert.equal(await send('POST', path, { ...json, origin: server.url, 'sec-fetch-site': 'same-origin' }, '{}'), 200);
  });

  it('refuses a decision that another site posts, and takes that of the page', async () => {
    const query = new URL(authorizeUrl()).searchParams.toString();
    const form = new URLSearchParams({ query, user: ada.id, decision: 'allow' }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded', ...navigation };
    assert.equal(await send('POST', '/simulator/decide', { ...type, 'sec-fetch-site': 'cross-site' }, form), 403);
    const own = { ...type, origin: server.url, 'sec-fetch-site': 'same-origin' };
    assert.equal(await send('POST', '/simulator/decide', own, form), 303);
  });

  it('lets another site navigate to the authorization page only', async () => {
    const crossSite = { 'sec-fetch-site': 'cross-site', ...navigation };
    assert.equal(await send('GET', authorizePath, crossSite), 200);
    assert.equal(await send('GET', '/simulator/books', crossSite), 403);
    assert.equal(await send('GET', authorizePath, { ...crossSite, 'sec-fetch-dest': 'iframe' }), 403);
    assert.equal(await send('GET', authorizePath, { ...crossSite, 'sec-fetch-mode': 'no-cors' }), 403);
  });
});
