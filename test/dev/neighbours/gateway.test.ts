import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngineClock } from '../../../dev/neighbours/engine-clock.ts';
import { createGateway } from '../../../dev/neighbours/gateway.ts';
import { type LambdaCloud, Throttled } from '../../../dev/neighbours/lambda-cloud.ts';

function gatewayOf(invoke: () => Promise<unknown> = async () => ({ statusCode: 200 })) {
  const clock = createEngineClock(0);
  const cloud: LambdaCloud = { counts: new Map(), invoke };
  const gateway = createGateway(clock, { requestsPerSecond: 2, burst: 3 }, () => cloud);
  const ask = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => gateway.ask('token', {})));
    return answers.map(({ statusCode }) => statusCode);
  };
  return { clock, gateway, ask };
}

test('a route takes its burst at once, then its rate, and turns the others away', async () => {
  const { clock, gateway, ask } = gatewayOf();
  assert.deepEqual(await ask(4), [200, 200, 200, 429]);
  await clock.runTo(500);
  assert.deepEqual(await ask(2), [200, 429]);
  await clock.runTo(60_000);
  assert.deepEqual(await ask(4), [200, 200, 200, 429], 'no more than the burst is saved up');
  assert.equal(gateway.refused.get('token'), 3);
});

test('a function’s own route takes nothing from another’s', async () => {
  const { gateway, ask } = gatewayOf();
  await ask(4);
  assert.deepEqual(await gateway.ask('callback', {}), { statusCode: 200 });
});

test('a function without an instance is told from one that failed', async () => {
  const { ask } = gatewayOf(() => Promise.reject(new Throttled('none is free')));
  assert.deepEqual(await ask(1), [503]);
  const failing = gatewayOf(() => Promise.reject(new Error('broken')));
  assert.deepEqual(await failing.ask(1), [500]);
});
