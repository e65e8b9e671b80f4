import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createLambdaClient, invokeLambda } from '../../../functions/adapters/invoke-lambda.ts';
import { lambdaBusy, lambdaFailed, playedLambda } from './lambda-targets.ts';
import { engineClientConfig } from './messaging-engine.ts';

describe('an invocation', () => {
  it('answers what the function answered', async (test) => {
    const { target, calls } = await playedLambda(test, 'work', { body: { done: true } });
    assert.deepEqual(await invokeLambda(target, { a: 1 }, 5000), { kind: 'answered', payload: { done: true } });
    assert.deepEqual(calls, [{ action: '/2015-03-31/functions/work/invocations', body: { a: 1 } }]);
  });

  it('tells a function that failed from one that answered', async (test) => {
    const { target } = await playedLambda(test, 'work', lambdaFailed({ errorMessage: 'no' }));
    const failed = { kind: 'failed', functionError: 'Unhandled', payload: { errorMessage: 'no' } };
    assert.deepEqual(await invokeLambda(target, {}, 5000), failed);
  });

  it('is sent once where Lambda refuses, and says by what name', async (test) => {
    const { target, calls } = await playedLambda(test, 'work', lambdaBusy);
    const invoked = await invokeLambda(target, {}, 5000);
    assert.ok(invoked.kind === 'not_answered' && !invoked.reason.includes('canary'), JSON.stringify(invoked));
    assert.equal(calls.length, 1);
  });

  it('is given up when the caller’s time is over, and says after how long', async (test) => {
    let requests = 0;
    const server = createServer(() => {
      requests += 1;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    test.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new LambdaClient({ ...engineClientConfig(endpoint), maxAttempts: 1 });
    const invoked = await invokeLambda({ client, functionName: 'slow' }, {}, 100);
    assert.deepEqual(invoked, { kind: 'not_answered', reason: 'no answer within 0.1 s' });
    assert.equal(requests, 1);
  });

  it('is not sent at all where no time is left', async (test) => {
    const { target, calls } = await playedLambda(test, 'work', { body: {} });
    assert.equal((await invokeLambda(target, {}, -1)).kind, 'not_answered');
    assert.deepEqual(calls, []);
  });

  it('is never repeated by its client', async () => {
    const client = createLambdaClient(1000);
    assert.equal(await client.config.maxAttempts(), 1);
    client.destroy();
  });
});
