import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAppCallers } from '../../../functions/core/app-callers.ts';
import { parseConfig } from '../../../functions/core/config.ts';
import { createConnectHandler } from '../../../functions/handlers/connect.ts';
import { memoryPorts } from '../../support/memory-ports.ts';
import { httpEvent, lambdaContext } from '../runtime/lambda-event.ts';

const account = '111122223333';
const limits = [{ account, role: 'Sales', apps: { connect: ['crm'] } }];
const returnTo = 'https://app.example/done';
const config = parseConfig(
  { apps: { crm: { clientId: 'c', returnTo: [returnTo] }, erp: { clientId: 'e', returnTo: [returnTo] } } },
  'test',
);

function setUp() {
  const handler = createConnectHandler(memoryPorts({ config, appCallers: createAppCallers(JSON.stringify(limits)) }));
  return async (role: string, order: Record<string, unknown>) => {
    const body = JSON.stringify({ tenant: 'acme', integration: 'sync', return_to: returnTo, ...order });
    const headers = { 'content-type': 'application/json' };
    const event = httpEvent({ method: 'POST', path: '/connect-sessions', headers, body });
    const userArn = `arn:aws:sts::${account}:assumed-role/${role}/s`;
    Object.assign(event.requestContext, { authorizer: { iam: { accountId: account, userArn } } });
    const answer = await handler(event, lambdaContext());
    return { status: answer.statusCode, body: JSON.parse(answer.body ?? '') };
  };
}

it('refuses text that is no Unicode, and takes any that is', async () => {
  const start = setUp();
  for (const field of ['login_hint', 'return_to', 'connection_id', 'login_url']) {
    const { status, body } = await start('Other', { app: 'crm', [field]: `${returnTo}\ud800` });
    assert.deepEqual([status, body.field], [400, field]);
    assert.match(body.detail, /well-formed/);
  }
  assert.equal((await start('Other', { app: 'crm', login_hint: 'zoë😀@acme.example' })).status, 201);
});

describe('a caller that is limited to some apps', () => {
  it('begins sessions of those', async () => {
    assert.equal((await setUp()('Sales', { app: 'crm' })).status, 201);
  });

  it('learns nothing of the others: neither their names nor what the configuration says of them', async () => {
    const start = setUp();
    const guesses = [
      { app: 'erp' },
      { app: 'erp', return_to: 'https://evil.example/' },
      { app: 'erp', return_to: undefined },
    ];
    for (const order of [...guesses, { app: 'none' }]) {
      const { status, body } = await start('Sales', order);
      assert.deepEqual([status, body.code], [403, 'forbidden'], JSON.stringify(order));
      assert.equal(order.app === 'erp' || !body.detail.includes('erp'), true);
    }
    const unlimited = await start('Other', { app: 'none' });
    assert.match(unlimited.body.detail, /crm, erp/);
  });
});
