import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../functions/core/hash.ts';
import type { Integration } from '../../../functions/core/integration.ts';
import { decideReconfigure } from '../../../functions/core/link.ts';
import type { ConfigurationStep, IntegrationKey, LiveToken } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { ConfigurationFailedError, configureIntegration } from '../../../functions/flows/configure-integration.ts';
import { anIntegration, next } from '../../contract/items.ts';
import {
  type MemoryPorts,
  memoryPorts,
  orgA,
  remaining,
  stored,
  storedConnection,
  userA,
} from '../../support/memory-ports.ts';
import { json, timedOut } from '../../support/token-server.ts';

const key: IntegrationKey = { tenant: 'acme', integration: 'sync' };
const text = (status: number, body: string) => ({
  kind: 'answer' as const,
  status,
  contentType: 'text/plain',
  body: new Secret(body),
});

async function setUp(change: Partial<Integration> = {}, connection: Parameters<typeof storedConnection>[1] = {}) {
  const ports = memoryPorts();
  const { connection: held, atSalesforce } = await storedConnection(ports, connection);
  await ports.store.inner.integrations.create(anIntegration('acme', 'sync', { connectionId: held.id, ...change }));
  ports.store.resetCalls();
  const start = (step: ConfigurationStep = ports.configurationStep, version = 1, timeMs = 300_000) =>
    configureIntegration(
      { ...ports, configurationStep: step },
      { version: 1, ...key, configurationVersion: version },
      { remainingTimeMs: remaining(ports.clock, timeMs), redactText: (words) => words.replaceAll('secret', '[r]') },
    );
  const run = (...order: Parameters<typeof start>) => ports.clock.run(start(...order));
  return { ports, held, atSalesforce, start, run };
}

const failing = (message: string): ConfigurationStep => ({ run: () => Promise.reject(new Error(message)) });
const hanging: ConfigurationStep = { run: () => new Promise(() => undefined) };

async function shown(ports: MemoryPorts) {
  const item = await ports.store.inner.integrations.read(key);
  return [item?.status, item?.reason];
}

test('a step that ends makes the integration configured, with its configuration and version', async () => {
  const { ports, held, run } = await setUp({ configuration: '{"a":1}' });
  assert.equal(await run(), 'configured');
  assert.deepEqual(ports.configured, [
    { connection_id: held.id, ...key, configuration: { a: 1 }, configuration_version: 1 },
  ]);
  const item = await ports.store.inner.integrations.read(key);
  assert.deepEqual([item?.status, item?.reason, item?.configuredAt], ['configured', undefined, ports.clock.now()]);
});

test('without a configuration the step gets null', async () => {
  const { ports, run } = await setUp();
  await run();
  assert.equal(ports.configured[0]?.configuration, null);
});

for (const [what, change, version] of [
  ['an older version', { configurationVersion: 2 }, 1],
  ['a newer version than is stored', {}, 2],
  ['one that is configured', { status: 'configured' }, 1],
  ['a tombstone', { status: 'unlinked' }, 1],
] as const) {
  test(`${what} is not configured, and nobody is asked`, async () => {
    const { ports, run } = await setUp(change);
    const before = await ports.store.inner.integrations.read(key);
    assert.equal(await run(undefined, version), 'not_needed');
    assert.deepEqual([ports.configured, ports.tokenReads, ports.apiCalls], [[], [], []]);
    assert.deepEqual(await ports.store.inner.integrations.read(key), before);
  });
}

test('an unknown integration is not configured', async () => {
  const ports = memoryPorts();
  const options = { remainingTimeMs: () => 60_000, redactText: String };
  const outcome = await configureIntegration(ports, { version: 1, ...key, configurationVersion: 1 }, options);
  assert.equal(outcome, 'not_needed');
});

test('a step that throws has its words kept as the reason, without what looks like a token, and the message fails', async () => {
  const { ports, run } = await setUp();
  await assert.rejects(run(failing('no such field; secret')), (error: unknown) => {
    assert.ok(error instanceof ConfigurationFailedError);
    assert.match(error.message, /acme\/sync failed: no such field; \[r\]/);
    return true;
  });
  assert.deepEqual(await shown(ports), ['configuration_failed', 'no such field; [r]']);
});

test('a step without words is said to have none, and long words are cut', async () => {
  const { ports, run } = await setUp();
  await assert.rejects(run(failing('  ')));
  assert.match((await shown(ports))[1] ?? '', /did not say why/);
  await assert.rejects(run(failing('x'.repeat(2_000))));
  assert.equal((await shown(ports))[1]?.length, 500);
  await assert.rejects(run({ run: () => Promise.reject('plain words') }));
  assert.deepEqual(await shown(ports), ['configuration_failed', 'plain words']);
});

test('a step that hangs is given up while there is still time to record it', async () => {
  const { ports, run } = await setUp();
  const begun = ports.clock.now();
  await assert.rejects(run(hanging, 1, 60_000), /did not end within the 55 s/);
  assert.equal(ports.clock.now() - begun, 55_000);
  assert.match((await shown(ports))[1] ?? '', /^step_timed_out: /);
});

test('a step is told how long it may take', async () => {
  const { run } = await setUp();
  const told: (number | undefined)[] = [];
  await run({ run: async (_event, timeoutMs) => void told.push(timeoutMs) }, 1, 60_000);
  assert.deepEqual(told, [55_000]);
});

test('a success after failures counts, and forgets their reason', async () => {
  const { ports, run } = await setUp();
  await assert.rejects(run(failing('down')));
  assert.equal(await run(), 'configured');
  assert.deepEqual(await shown(ports), ['configured', undefined]);
});

test('a duplicate that fails after a success is not believed', async () => {
  const { ports, start, run } = await setUp();
  const slow = Promise.withResolvers<void>();
  const duplicate = start({ run: () => slow.promise });
  await ports.clock.settle();
  await run();
  slow.reject(new Error('too late'));
  await assert.rejects(duplicate);
  assert.deepEqual(await shown(ports), ['configured', undefined]);
});

test('the outcome of an older version never overwrites a newer one', async () => {
  const { ports, start, run } = await setUp();
  const slow = Promise.withResolvers<void>();
  const older = start({ run: () => slow.promise });
  await ports.clock.settle();
  const before = await ports.store.inner.integrations.read(key);
  assert.ok(before);
  await ports.store.inner.integrations.replace(before, next<Integration>(decideReconfigure(before, '2')));
  assert.equal(await run(failing('newer fails'), 2).catch(() => 'failed'), 'failed');
  slow.resolve();
  await older;
  assert.deepEqual(await shown(ports), ['configuration_failed', 'newer fails']);
});

test('a deactivated user is found, said so with what to do, and not tried again', async () => {
  for (const answer of [text(404, 'Inactive'), json(200, { user_id: userA, organization_id: orgA, active: false })]) {
    const { ports, run } = await setUp();
    ports.others.identity = () => answer;
    assert.equal(await run(), 'failed');
    const [status, reason] = await shown(ports);
    assert.equal(status, 'configuration_failed');
    assert.match(reason ?? '', /^user_inactive: .*administrator .*PUT the configuration/);
    assert.deepEqual(ports.configured, []);
  }
});

for (const [what, answer] of [
  ['a silence', timedOut],
  ['an outage', text(503, '<html>')],
  ['a page about maintenance', text(200, '<html>')],
] as const) {
  test(`${what} of the identity URL is recorded, and tried again`, async () => {
    const { ports, run } = await setUp();
    ports.others.identity = () => answer;
    await assert.rejects(run(), ConfigurationFailedError);
    assert.match((await shown(ports))[1] ?? '', /^salesforce_unavailable: /);
    assert.deepEqual(ports.configured, []);
    ports.others.identity = () => json(200, { user_id: userA, organization_id: orgA, active: true });
    assert.equal(await run(), 'configured');
  });
}

for (const [what, answer] of [
  ['a refusal for want of a scope', text(403, 'No_Access')],
  ['another site', text(404, 'No_Site_Endpoint')],
  ['another document', json(200, {})],
  [
    'an answer about another user',
    json(200, { user_id: '005000000000009AAA', organization_id: orgA, active: false, username: 'eve@acme.example' }),
  ],
] as const) {
  test(`${what} says nothing of the user: logged, and the step runs`, async () => {
    const { ports, run } = await setUp();
    ports.others.identity = () => answer;
    assert.equal(await run(), 'configured');
    assert.match(ports.logged.join('\n'), /warn: The identity URL says nothing about the user/);
    assert.equal(await ports.store.inner.connectionOfUsername('crm', 'eve@acme.example'), undefined);
  });
}

test('a token that Salesforce refuses is reported, and asked again once with a newer one', async () => {
  const { ports, held, run } = await setUp();
  const { identity } = ports.others;
  for (const refusal of [text(403, 'Bad_OAuth_Token'), text(401, '')]) {
    ports.tokenReads.length = 0;
    ports.apiCalls.length = 0;
    ports.others.identity = (call) => (call.accessToken === 'live-access' ? refusal : identity(call));
    await run();
    const rejectedTokenSha256 = sha256Hex('live-access');
    assert.deepEqual(ports.tokenReads, [{ connectionId: held.id }, { connectionId: held.id, rejectedTokenSha256 }]);
    assert.deepEqual(
      ports.apiCalls.map(({ accessToken }) => accessToken),
      ['live-access', 'newer-access'],
    );
    const item = await ports.store.inner.integrations.read(key);
    assert.ok(item);
    await ports.store.inner.integrations.replace(item, next<Integration>(item, { status: 'linked' }));
  }
});

test('a newer token that is refused too ends the asking, not the step', async () => {
  const { ports, run } = await setUp();
  ports.others.identity = () => text(403, 'Bad_OAuth_Token');
  assert.equal(await run(), 'configured');
  assert.equal(ports.apiCalls.length, 2);
});

const problem = (code: string): LiveToken => ({ kind: 'problem', code, detail: 'why.' });

for (const code of ['reauthorization_required', 'admin_action_required', 'disconnected', 'unknown_connection']) {
  test(`no token because of ${code}: recorded, and not tried again by itself`, async () => {
    const { ports, run } = await setUp();
    ports.others.token = () => problem(code);
    assert.equal(await run(), 'failed');
    assert.deepEqual(await shown(ports), ['configuration_failed', `${code}: why.`]);
  });
}

for (const code of ['refresh_pending', 'store_unavailable', 'app_misconfigured']) {
  test(`no token because of ${code}: recorded, and tried again`, async () => {
    const { ports, run } = await setUp();
    ports.others.token = () => problem(code);
    await assert.rejects(run(), ConfigurationFailedError);
    assert.deepEqual(await shown(ports), ['configuration_failed', `${code}: why.`]);
  });
}

test('a token function that fails is tried again', async () => {
  const { ports, run } = await setUp();
  ports.others.token = () => Promise.reject(new Error('Function token handed out no token.'));
  await assert.rejects(run(), ConfigurationFailedError);
  assert.deepEqual(await shown(ports), ['configuration_failed', 'Function token handed out no token.']);
});

test('a disconnected connection, or none, fails for good, and no token is asked for', async () => {
  const { ports, run } = await setUp({}, { connection: { status: 'disconnected' } });
  assert.equal(await run(), 'failed');
  assert.match((await shown(ports))[1] ?? '', /^disconnected: .*connect session/);
  const other = await setUp({ connectionId: `crm.${orgA}.005000000000009AAA` });
  assert.equal(await other.run(), 'failed');
  assert.match((await shown(other.ports))[1] ?? '', /^unknown_connection: /);
  assert.deepEqual([ports.tokenReads, other.ports.tokenReads], [[], []]);
});

test('the username is remembered, as a hint whose loss costs nothing', async () => {
  const { ports, held, run } = await setUp();
  await run();
  assert.equal(await ports.store.inner.connectionOfUsername('crm', 'ADA@acme.example'), held.id);
  const other = await setUp();
  other.ports.store.disturb('rememberUsername', 'unavailable');
  assert.equal(await other.run(), 'configured');
  assert.equal(await other.ports.store.inner.connectionOfUsername('crm', 'ada@acme.example'), undefined);
});

test('an outcome that the store does not take is told to the queue', async () => {
  const { ports, run } = await setUp();
  ports.store.disturb('integrations.replace', 'unavailable');
  await assert.rejects(run(), /integrations\.replace did not answer/);
  assert.deepEqual(await shown(ports), ['linked', undefined]);
  assert.equal(await run(), 'configured');
});

test('an outcome whose answer was lost is found again', async () => {
  const { ports, run } = await setUp();
  ports.store.disturb('integrations.replace', 'retried');
  assert.equal(await run(), 'configured');
  assert.deepEqual(await shown(ports), ['configured', undefined]);
});

test('thrown, timed out and killed ten times: the reason tells, the tokens are as they were, and one grant lives', async () => {
  const { ports, held, atSalesforce, start, run } = await setUp();
  for (let tries = 0; tries < 10; tries += 1) {
    const how = tries % 3;
    if (how === 0) await assert.rejects(run(failing(`failure ${tries}`)), ConfigurationFailedError);
    if (how === 1) await assert.rejects(run(hanging, 1, 60_000), /step_timed_out/);
    // Killed in the middle: nothing of it ever ends, and the queue keeps the message.
    if (how === 2) {
      ports.store.disturb('integrations.replace', () => new Promise(() => undefined));
      const killed = start();
      killed.catch(() => undefined);
      await ports.clock.settle();
    }
    assert.equal((await shown(ports))[0], 'configuration_failed');
  }
  assert.deepEqual(await shown(ports), ['configuration_failed', 'failure 9']);
  assert.deepEqual(await stored(ports), held);
  assert.deepEqual(
    ports.server.grants.map(({ alive }) => alive),
    [true],
  );
  assert.deepEqual([atSalesforce.alive, ports.server.requests], [true, []]);
  assert.equal(await run(), 'configured');
});
