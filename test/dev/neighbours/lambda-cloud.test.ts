import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngineClock } from '../../../dev/neighbours/engine-clock.ts';
import { createLambdaCloud, type LambdaCloudOptions, Throttled } from '../../../dev/neighbours/lambda-cloud.ts';

function cloudOf(options: Partial<LambdaCloudOptions> = {}) {
  const clock = createEngineClock(0);
  const started: string[] = [];
  const cloud = createLambdaCloud({
    clock,
    accountConcurrency: 3,
    reserved: { refresh: 2 },
    start: (name) => {
      started.push(name);
      return async (event) => {
        await clock.wait(Number(event));
        return { waited: event };
      };
    },
    ...options,
  });
  const all = (calls: Promise<unknown>[]) => clock.run(Promise.allSettled(calls));
  return { clock, cloud, started, all };
}

function outcomes(settled: readonly PromiseSettledResult<unknown>[]): string[] {
  return settled.map((one) => (one.status === 'fulfilled' ? 'served' : (one.reason as Error).name));
}

test('a function has the instances that are reserved for it, and no more', async () => {
  const { cloud, all } = cloudOf();
  const settled = await all([1, 2, 3].map(() => cloud.invoke('refresh', 1_000)));
  assert.deepEqual(outcomes(settled), ['served', 'served', 'TooManyRequestsException']);
  assert.deepEqual(cloud.counts.get('refresh'), { peak: 2, invocations: 2, refused: 1, busyMs: 2 * 1_400 });
});

test('functions without any share what the account has left', async () => {
  const { cloud, all } = cloudOf();
  const settled = await all([
    cloud.invoke('token', 1_000),
    cloud.invoke('connections', 1_000),
    cloud.invoke('refresh', 1_000),
  ]);
  assert.deepEqual(outcomes(settled), ['served', 'TooManyRequestsException', 'served']);
});

test('an instance works on one request at a time, and is used again when it is done', async () => {
  const { clock, cloud, started } = cloudOf();
  await clock.run(cloud.invoke('token', 1_000));
  assert.equal(clock.now(), 1_408, 'started cold');
  await clock.run(cloud.invoke('token', 1_000));
  assert.equal(clock.now(), 1_408 + 1_008, 'warm');
  assert.deepEqual(started, ['token']);
});

test('whoever takes longer than its timeout is killed, and its instance is gone', async () => {
  const { clock, cloud, started, all } = cloudOf();
  const [settled] = await all([cloud.invoke('token', 31_000)]);
  assert.match(String((settled as PromiseRejectedResult).reason), /killed at its timeout/);
  await clock.run(cloud.invoke('token', 1));
  assert.deepEqual(started, ['token', 'token']);
});

test('what throws is told to its caller, and frees its instance', async () => {
  const { cloud, all } = cloudOf({ start: () => () => Promise.reject(new Error('broken')) });
  for (const _ of [1, 2]) assert.deepEqual(outcomes(await all([cloud.invoke('token', {})])), ['Error']);
  assert.ok(!(new Error('broken') instanceof Throttled));
});
