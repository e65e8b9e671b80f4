import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Integration } from '../../../functions/core/integration.ts';
import { decideReconfigure } from '../../../functions/core/link.ts';
import { ConfigurationFailedError, configureIntegration } from '../../../functions/flows/configure-integration.ts';
import { next } from '../../contract/items.ts';
import { memoryPorts, stored } from '../../support/memory-ports.ts';
import { failing, hanging, key, setUp, shown } from './configuration-world.ts';

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
