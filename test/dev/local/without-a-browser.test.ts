import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { simulatorApps } from '../../../dev/local/local-config.ts';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../../dev/local/local-stack.ts';
import { type SimulatorServer, serveSimulator } from '../../../dev/simulator/http-server.ts';
import { Simulator } from '../../../dev/simulator/simulator.ts';
import type { Clock } from '../../../functions/core/ports.ts';
import { createFlowClock } from '../../support/flow-clock.ts';

const username = 'ada@acme.example';

describe('connections without a browser on the local stack', () => {
  let folder: string;
  const open: { close(): Promise<void> }[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'without-a-browser-'));
  });
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
    rmSync(folder, { recursive: true });
  });

  async function start(options: Partial<LocalStackOptions> = {}): Promise<LocalStack> {
    const stack = await startLocalStack({ port: 0, tick: 'manual', quiet: true, ...options });
    open.push(stack);
    return stack;
  }

  /** Another authorization server, which knows our apps and none of their certificates. */
  async function otherSalesforce(clock: Clock): Promise<SimulatorServer> {
    const apps = simulatorApps('http://127.0.0.1:3000');
    const server = await serveSimulator((origin) => new Simulator({ origin, apps, now: () => clock.now() }), {
      port: 0,
    });
    open.push(server);
    return server;
  }

  async function ask(stack: LocalStack, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${stack.url}/connections`, init);
    return { status: answer.status, body: await answer.json() };
  }

  it('are made by an assertion for crm-jwt and by client credentials for crm-service', async () => {
    const stack = await start();
    const asserted = await ask(stack, { app: 'crm-jwt', username });
    assert.deepEqual([asserted.status, asserted.body.flow], [201, 'jwt_bearer']);
    const service = await ask(stack, { app: 'crm-service' });
    assert.deepEqual([service.status, service.body.flow], [201, 'client_credentials']);
    const byBrowser = await ask(stack, { app: 'crm' });
    assert.deepEqual([byBrowser.status, byBrowser.body.field], [400, 'app']);
  });

  it('are there after a restart with --data, and the key and its certificate are the same', async () => {
    const first = await start({ dataDir: folder });
    assert.equal(first.certificateFile, join(folder, 'crm-jwt.crt'));
    const certificate = readFileSync(first.certificateFile, 'utf8');
    const { body } = await ask(first, { app: 'crm-jwt', username });
    await first.close();
    const second = await start({ dataDir: folder });
    const again = await ask(second, { app: 'crm-jwt', username });
    assert.deepEqual([again.status, again.body.id], [200, body.id]);
    assert.equal(readFileSync(second.certificateFile, 'utf8'), certificate);
    const other = await ask(second, { app: 'crm-jwt', username: 'grace@acme.example' });
    assert.equal(other.status, 201, 'the simulator takes what the kept key signs');
    await second.close();
    assert.ok(existsSync(second.certificateFile));
  });

  it('need the certificate registered where --salesforce names another server', async () => {
    const clock = createFlowClock();
    const { url, simulator } = await otherSalesforce(clock);
    const stack = await start({ salesforce: url, clock });
    const refused = await ask(stack, { app: 'crm-jwt', username });
    assert.deepEqual([refused.status, refused.body.code], [503, 'app_misconfigured']);
    assert.match(String(refused.body.detail), /invalid assertion/);
    assert.match(String(refused.body.remedy), /certificate/i);
    assert.equal((await ask(stack, { app: 'crm-service' })).status, 201, 'the other app is not touched by it');
    simulator.registerCertificate('local-jwt-client', readFileSync(stack.certificateFile, 'utf8'));
    clock.advance(60_000);
    assert.equal((await ask(stack, { app: 'crm-jwt', username })).status, 201);
  });

  it('keep GET and POST of one path apart, and say of others which methods it takes', async () => {
    const stack = await start();
    const listed = await fetch(`${stack.url}/connections?app=crm-jwt`);
    assert.deepEqual(await listed.json(), { connections: [] });
    const refused = await fetch(`${stack.url}/connections`, { method: 'PUT' });
    assert.equal(refused.status, 405);
    assert.deepEqual((refused.headers.get('allow') ?? '').split(', ').sort(), ['GET', 'POST']);
    await refused.body?.cancel();
  });

  it('remove the certificate with the other keys at the end, where nothing is kept', async () => {
    const stack = await start();
    assert.ok(existsSync(stack.certificateFile));
    await stack.close();
    assert.equal(existsSync(stack.certificateFile), false);
  });
});
