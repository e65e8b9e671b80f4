import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sha256Hex } from '../../../functions/core/hash.ts';
import { createTokenHandler } from '../../../functions/handlers/token.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { httpEvent, jsonEvent, lambdaContext } from '../runtime/lambda-event.ts';

async function setUp() {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports);
  const handler = createTokenHandler(ports);
  const ask = (event: unknown) => ports.clock.run(handler(event, lambdaContext()));
  return { ports, connection, ask };
}

describe('the token function, invoked directly', () => {
  it('answers a token that works, and its instance', async () => {
    const { connection, ask } = await setUp();
    assert.deepEqual(await ask({ version: 1, kind: 'read_token', connectionId: connection.id }), {
      version: 1,
      kind: 'token',
      access_token: 'access-1-0',
      instance_url: 'https://example.my.salesforce.com',
    });
  });

  it('answers another token where that one was rejected', async () => {
    const { connection, ask } = await setUp();
    const rejectedTokenSha256 = sha256Hex('access-1-0');
    const answer = await ask({ version: 1, kind: 'read_token', connectionId: connection.id, rejectedTokenSha256 });
    assert.ok('kind' in answer && answer.kind === 'token');
    assert.notEqual(answer.access_token, 'access-1-0');
  });

  it('answers a problem as its route would', async () => {
    const { ask } = await setUp();
    const answer = await ask({ version: 1, kind: 'read_token', connectionId: 'crm.a.b' });
    assert.ok('kind' in answer && answer.kind === 'problem');
    assert.deepEqual([answer.version, answer.code], [1, 'unknown_connection']);
    assert.match(answer.detail, /no connection crm\.a\.b/);
  });

  it('refuses what is no such request', async () => {
    const { ports, connection, ask } = await setUp();
    const good = { version: 1, kind: 'read_token', connectionId: connection.id };
    for (const event of [
      {},
      null,
      { ...good, version: 2 },
      { ...good, kind: 'other' },
      { ...good, connectionId: '' },
      { ...good, rejectedTokenSha256: 'ABC' },
    ]) {
      await assert.rejects(ask(event), /no request for a token of version 1/);
    }
    assert.equal(ports.store.calls.size, 0);
  });

  it('takes no such request by HTTP, whatever stands in its body', async () => {
    const { connection, ask } = await setUp();
    const body = { version: 1, kind: 'read_token', connectionId: connection.id };
    const answer = await ask(jsonEvent(`/connections/${connection.id}/token`, body));
    assert.ok('statusCode' in answer);
    assert.equal(answer.statusCode, 400);
    const read = await ask(httpEvent({ path: `/connections/${connection.id}/token` }));
    assert.ok('statusCode' in read);
    assert.equal(JSON.parse(read.body ?? '').access_token, 'access-1-0');
  });
});
