import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import { createMaintainHandler } from '../../../functions/handlers/maintain.ts';
import { next } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { lambdaContext } from '../runtime/lambda-event.ts';

async function setUp() {
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports);
  const now = ports.clock.now();
  const duty: AlertDuty = {
    kind: 'alert',
    alertId: 'a1',
    type: 'reauthorization_required',
    cause: 'lost_response',
    since: now,
    dueAt: now,
    tries: 0,
  };
  await ports.store.inner.connections.replace(
    connection,
    next<Connection>(connection, { duties: { 'alert.a1': duty } }),
  );
  const handler = createMaintainHandler(ports);
  const ask = (event: unknown) => ports.clock.run(handler(event, lambdaContext()));
  return { ports, connection, ask };
}

describe('the maintain function', () => {
  it('does the duties of one connection, when it is asked for that', async () => {
    const { ports, connection, ask } = await setUp();
    assert.deepEqual(await ask({ version: 1, kind: 'do_duties', connectionId: connection.id }), { done: 1 });
    assert.deepEqual(
      ports.published.map(({ id }) => id),
      ['a1'],
    );
    assert.equal(ports.store.calls.get('dueDuties'), undefined);
  });

  it('does nothing for another, or one that is not there', async () => {
    const { ports, ask } = await setUp();
    await ask({ version: 1, kind: 'do_duties', connectionId: 'crm.a.b' });
    assert.equal(ports.published.length, 0);
  });

  it('does all that is due, when the schedule asks', async () => {
    const { ports, ask } = await setUp();
    assert.deepEqual(await ask({ source: 'aws.scheduler' }), { done: 1 });
    assert.equal(ports.published.length, 1);
  });

  it('refuses what names a kind and is no such request', async () => {
    const { ports, connection, ask } = await setUp();
    for (const event of [
      { version: 1, kind: 'other', connectionId: connection.id },
      { version: 2, kind: 'do_duties', connectionId: connection.id },
      { version: 1, kind: 'do_duties' },
    ]) {
      await assert.rejects(ask(event), /no request of version 1 to do duties/);
    }
    assert.equal(ports.published.length, 0);
  });
});
