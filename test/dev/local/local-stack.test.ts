import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FolderInUseError } from '../../../dev/local/folder-lock.ts';
import type { Handlers } from '../../../dev/local/lambda.ts';
import { PortTakenError } from '../../../dev/local/listener.ts';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../../dev/local/local-stack.ts';
import type { Alert } from '../../../functions/core/alert.ts';
import { withRunbook } from '../../../functions/core/runbooks.ts';
import { fakeHandlers } from './fake-handlers.ts';

const connectionId = 'crm.00D000000000000AAA.005000000000000AAA';
const queued = {
  request: { version: 1, connectionId, generation: { grantId: 'g', refreshes: 0 }, reason: 'due' },
  orgId: '00D000000000000AAA',
  nextRefreshAt: 1,
} as const;
const configuration = { version: 1, tenant: 'acme', integration: 'sync', configurationVersion: 1 } as const;
const alert: Alert = {
  version: 1,
  id: 'alert-1',
  type: 'reauthorization_required',
  severity: 'critical',
  app: 'crm',
  org_id: '00D000000000000AAA',
  connection_ids: [connectionId],
  opened_at: '2026-01-01T00:00:00Z',
  summary: 'A connection died.',
  cause: 'revoked_or_unknown',
  evidence: [],
  remedy: 'Authorize again.',
  counts: {},
};

describe('the local stack', () => {
  let folder: string;
  const open: LocalStack[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stack-'));
  });
  afterEach(async () => {
    for (const stack of open.splice(0)) await stack.close();
    rmSync(folder, { recursive: true });
  });
  const start = async (handlers: Handlers, options: Partial<LocalStackOptions> = {}) => {
    const fixed = { port: 0, tick: 'manual', quiet: true, createHandlers: () => handlers } as const;
    const stack = await startLocalStack({ ...fixed, ...options });
    open.push(stack);
    return stack;
  };

  it('runs one round of the schedule at a tick: due work, its queue, maintenance, then configurations', async () => {
    const { handlers, calls } = fakeHandlers({ refresh: async () => ({ batchItemFailures: [] }) });
    const stack = await start(handlers);
    await stack.ports.configurationQueue.send(configuration);
    await stack.ports.refreshQueue.send([queued]);
    await stack.tick();
    await stack.tick();
    const names = calls.map(({ name }) => name);
    const round = ['schedule-refreshes', 'maintain'];
    assert.deepEqual(names, ['schedule-refreshes', 'refresh', 'maintain', 'configure', ...round]);
    const asked = calls[3]?.event as { Records: { body: string }[] } | undefined;
    assert.deepEqual(
      asked?.Records.map(({ body }) => JSON.parse(body)),
      [configuration],
    );
    const event = calls[1]?.event as { Records: { body: string }[] } | undefined;
    assert.deepEqual(
      event?.Records.map(({ body }) => JSON.parse(body)),
      [queued.request],
    );
  });

  it('works the queue and the schedule by itself unless told not to', async () => {
    const seen = Promise.withResolvers<void>();
    const { handlers } = fakeHandlers({
      refresh: async () => {
        seen.resolve();
        return { batchItemFailures: [] };
      },
    });
    const stack = await start(handlers, { tick: 'real' });
    await stack.ports.refreshQueue.send([queued]);
    await seen.promise;
  });

  it('hands a direct refresh to the handler and its report back', async () => {
    const report = { version: 1, outcome: 'refreshed' } as const;
    const { handlers, calls } = fakeHandlers({ refresh: async () => report });
    const stack = await start(handlers);
    assert.deepEqual(await stack.ports.refresher.refresh(queued.request), report);
    assert.deepEqual(calls[0]?.event, queued.request);
  });

  it('shows an alert once it went through the topic, and keeps it with --data', async () => {
    const first = await start(fakeHandlers().handlers, { dataDir: folder });
    await first.ports.alerts.publish(alert);
    assert.deepEqual(first.alerts(), [withRunbook(alert)]);
    await first.close();
    const second = await start(fakeHandlers().handlers, { dataDir: folder });
    const answer = await fetch(`${second.url}/local/alerts`);
    assert.deepEqual(await answer.json(), [withRunbook(alert)]);
  });

  it('does after a restart what was queued, also what was being worked on', async () => {
    const failing = fakeHandlers({
      refresh: async () => {
        throw new Error('the process is about to die');
      },
    });
    const first = await start(failing.handlers, { dataDir: folder });
    await first.ports.refreshQueue.send([queued]);
    await first.tick();
    assert.equal(failing.calls.filter(({ name }) => name === 'refresh').length, 1);
    await first.close();
    const { handlers, calls } = fakeHandlers();
    const second = await start(handlers, { dataDir: folder });
    await second.tick();
    assert.equal(calls.filter(({ name }) => name === 'refresh').length, 1);
  });

  it('runs after a restart the configurations that were queued, also those that failed', async () => {
    const failing = fakeHandlers({
      configure: async () => {
        throw new Error('the process is about to die');
      },
    });
    const first = await start(failing.handlers, { dataDir: folder });
    await first.ports.configurationQueue.send(configuration);
    await first.tick();
    await first.tick();
    assert.equal(failing.calls.filter(({ name }) => name === 'configure').length, 2);
    await first.close();
    const { handlers, calls } = fakeHandlers();
    const second = await start(handlers, { dataDir: folder });
    await second.tick();
    await second.tick();
    assert.equal(calls.filter(({ name }) => name === 'configure').length, 1);
  });

  it('has the functions ask each other in process', async () => {
    const { handlers, calls } = fakeHandlers({
      token: async () => ({ version: 1, kind: 'problem', code: 'disconnected', detail: 'd' }),
    });
    const { ports } = await start(handlers);
    await ports.maintainer.doDutiesOf(connectionId);
    assert.deepEqual(await ports.tokens.read(connectionId), { kind: 'problem', code: 'disconnected', detail: 'd' });
    assert.deepEqual(
      calls.map(({ name, event }) => [name, event]),
      [
        ['maintain', { version: 1, kind: 'do_duties', connectionId }],
        ['token', { version: 1, kind: 'read_token', connectionId }],
      ],
    );
  });

  it('runs the configuration step that it is given, and none otherwise', async () => {
    const configurationStep = { run: () => Promise.reject(new Error('my own')) };
    const { ports } = await start(fakeHandlers().handlers, { configurationStep });
    const event = { connection_id: connectionId, tenant: 'a', integration: 'b', configuration: 1 };
    await assert.rejects(ports.configurationStep.run({ ...event, configuration_version: 1 }), /my own/);
    const plain = await start(fakeHandlers().handlers);
    await plain.ports.configurationStep.run({ ...event, configuration_version: 1 });
  });

  it('keeps the port of the simulator, whose origin stands in every connection', async () => {
    const first = await start(fakeHandlers().handlers, { dataDir: folder });
    first.simulator?.books.change(() => Object.assign(first.simulator?.switches ?? {}, { rotation: true }));
    await first.close();
    const second = await start(fakeHandlers().handlers, { dataDir: folder });
    assert.equal(second.simulatorUrl, first.simulatorUrl);
    assert.equal(second.simulator?.switches.rotation, true);
    await second.close();
    const blocker = await start(fakeHandlers().handlers, { port: Number(new URL(first.simulatorUrl).port) });
    await assert.rejects(start(fakeHandlers().handlers, { dataDir: folder }), PortTakenError);
    await blocker.close();
  });

  it('refuses a folder in use and a taken port, and leaves nothing open then', async () => {
    const first = await start(fakeHandlers().handlers, { dataDir: folder });
    await assert.rejects(start(fakeHandlers().handlers, { dataDir: folder }), FolderInUseError);
    const port = Number(new URL(first.url).port);
    await assert.rejects(start(fakeHandlers().handlers, { port }), PortTakenError);
    await first.close();
    await start(fakeHandlers().handlers, { dataDir: folder, port });
  });

  it('removes generated keys at the end, unless --data keeps them', async () => {
    const inMemory = await start(fakeHandlers().handlers);
    assert.equal(existsSync(join(inMemory.keysFolder, 'master.key')), true);
    await inMemory.close();
    assert.equal(existsSync(inMemory.keysFolder), false);
    const kept = await start(fakeHandlers().handlers, { dataDir: folder });
    await kept.close();
    assert.equal(existsSync(join(kept.keysFolder, 'master.key')), true);
  });

  it('talks to another authorization server and another engine where they are named', async () => {
    const lender = await start(fakeHandlers().handlers);
    const dynamodb = lender.listeners.dynamodb;
    const stack = await start(fakeHandlers().handlers, { salesforce: 'https://sf.example', dynamodb });
    assert.equal(stack.simulator, undefined);
    assert.deepEqual(Object.keys(stack.listeners), ['gateway', 'messaging']);
    assert.equal(stack.ports.config.salesforceOrigin, 'https://sf.example');
    assert.equal(stack.ports.config.apps.crm?.loginUrl, 'https://sf.example');
    assert.equal(stack.ports.config.apps.crm?.salesforceName, undefined);
    assert.equal(lender.ports.config.apps.crm?.salesforceName, 'Local CRM');
    assert.deepEqual((await stack.ports.store.listConnections({ app: 'crm' }, 1)).items, []);
  });

  it('serves the console and the API reference without anything from elsewhere', async () => {
    const stack = await start(fakeHandlers().handlers);
    for (const path of ['/', '/local/api']) {
      const answer = await fetch(stack.url + path);
      const page = await answer.text();
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
      for (const [, address = ''] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
        const linked = await fetch(new URL(address, stack.url));
        assert.equal(new URL(linked.url).origin, stack.url);
        assert.equal(linked.status, 200, address);
        await linked.body?.cancel();
      }
    }
    assert.equal((await fetch(`${stack.url}/local/other`)).status, 404);
    assert.equal((await fetch(stack.url, { method: 'POST' })).status, 405);
  });
});
