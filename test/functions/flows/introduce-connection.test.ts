import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideDisconnect } from '../../../functions/core/disconnect.ts';
import { createIntroduceConnection } from '../../../functions/flows/introduce-connection.ts';
import { next } from '../../contract/items.ts';
import {
  acme,
  browserlessWorld,
  jwtConnectionId,
  orgB,
  problemOf,
  serviceConnectionId,
  usernameB,
} from '../../support/browserless-world.ts';
import { orgA, remaining, stored } from '../../support/memory-ports.ts';
import { refused, type Turn, timedOut } from '../../support/token-server.ts';

const notApproved = refused('invalid_grant', "user hasn't approved this consumer");

describe('an introduction', () => {
  it('asks for a connection once; who comes later finds it, however the username is written', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld();
    const made = { kind: 'connection', connectionId: jwtConnectionId } as const;
    assert.deepEqual(await introduce(jwtOrder()), { ...made, created: true });
    assert.deepEqual(await introduce(jwtOrder({ username: 'ADA@acme.Example' })), { ...made, created: false });
    const another = createIntroduceConnection(ports);
    assert.deepEqual(await another(jwtOrder(), remaining(ports.clock)), { ...made, created: false });
    assert.equal(assertions(), 1);
  });

  it('of a client is one too, and asks as the client', async () => {
    const { introduce, serviceOrder, ports, assertions } = browserlessWorld();
    const made = { kind: 'connection', connectionId: serviceConnectionId } as const;
    assert.deepEqual(await introduce(serviceOrder()), { ...made, created: true });
    assert.deepEqual(await introduce(serviceOrder()), { ...made, created: false });
    assert.deepEqual([ports.server.count('askAsClient'), assertions()], [1, 0]);
  });

  it('of twenty callers at once costs one login, and all get its connection', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    const all = await ports.clock.run(Promise.all(Array.from({ length: 20 }, () => begin(jwtOrder()))));
    assert.deepEqual(
      new Set(all.map((one) => one.kind === 'connection' && one.connectionId)),
      new Set([jwtConnectionId]),
    );
    assert.equal(all.filter((one) => one.kind === 'connection' && one.created).length, 1);
    assert.equal(assertions(), 1);
  });

  it('of twenty processes costs one login', async () => {
    const { jwtOrder, assertions, ports } = browserlessWorld();
    const all = Array.from({ length: 20 }, () => createIntroduceConnection(ports)(jwtOrder(), remaining(ports.clock)));
    await ports.clock.run(Promise.all(all));
    assert.equal(assertions(), 1);
  });

  it('of two users are two, and the one does not wait for the other', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    const slow: Turn = async (process) => {
      await ports.clock.wait(10_000);
      return process();
    };
    ports.server.next('exchangeAssertion', slow);
    const first = begin(jwtOrder());
    await ports.clock.settle();
    const second = await begin(jwtOrder({ username: usernameB }));
    assert.equal(second.kind, 'connection');
    assert.equal((await ports.clock.run(first)).kind, 'connection');
    assert.equal(assertions(), 2);
  });
});

describe('those who wait for an introduction', () => {
  it('get its refusal, with what is to be done, and ask nothing themselves', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    ports.server.next('exchangeAssertion', notApproved);
    const all = await ports.clock.run(Promise.all(Array.from({ length: 5 }, () => begin(jwtOrder()))));
    for (const one of all) {
      const { code, members, detail } = problemOf(one);
      assert.equal(code, 'admin_action_required');
      assert.equal(members?.cause, 'user_hasn_t_approved_this_consumer');
      assert.match(String(members?.remedy), /Setup/);
      assert.match(detail, /user hasn't approved this consumer/);
    }
    assert.equal(assertions(), 1);
  });

  it('are told to ask again where it was for now', async () => {
    const { begin, jwtOrder, ports } = browserlessWorld();
    ports.server.next('exchangeAssertion', () => timedOut);
    const [, waiter] = await ports.clock.run(Promise.all([begin(jwtOrder()), begin(jwtOrder())]));
    const { code, retryAfterSeconds } = problemOf(waiter ?? { kind: 'connection', connectionId: '', created: false });
    assert.equal(code, 'refresh_pending');
    assert.ok((retryAfterSeconds ?? 0) > 0);
  });

  it('do not get the mistake of another’s order: each is judged by its own expected org', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    const wrong = begin(jwtOrder({ expectedOrgId: orgB, use: { tenant: 'beta', integration: 'sync' } }));
    await ports.clock.settle();
    const right = begin(jwtOrder({ expectedOrgId: orgA, use: acme }));
    const [first, second] = await ports.clock.run(Promise.all([wrong, right]));
    assert.deepEqual([problemOf(first).code, problemOf(first).field], ['invalid_request', 'expected_org_id']);
    assert.deepEqual(second, { kind: 'connection', connectionId: jwtConnectionId, created: true });
    assert.equal(assertions(), 2);
  });

  it('are judged by their own expected org where the connection is made, too', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    const both = [begin(jwtOrder({ expectedOrgId: orgA, use: acme })), begin(jwtOrder({ expectedOrgId: orgB }))];
    const [first, second] = await ports.clock.run(Promise.all(both));
    assert.equal(first?.kind, 'connection');
    assert.equal(second && problemOf(second).field, 'expected_org_id');
    assert.equal(assertions(), 1);
  });

  it('wait twenty seconds at most, and the login goes on', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    ports.server.next('exchangeAssertion', async (process) => {
      await ports.clock.wait(35_000);
      return process();
    });
    const first = begin(jwtOrder());
    await ports.clock.settle();
    const begunAt = ports.clock.now();
    const waiter = problemOf(await ports.clock.run(begin(jwtOrder())));
    assert.deepEqual([waiter.code, waiter.retryAfterSeconds], ['refresh_pending', 5]);
    assert.ok(ports.clock.now() - begunAt < 22_000);
    assert.deepEqual(await ports.clock.run(first), {
      kind: 'connection',
      connectionId: jwtConnectionId,
      created: true,
    });
    assert.equal(assertions(), 1);
  });

  it('each link their own integration to it', async () => {
    const { begin, jwtOrder, assertions, ports } = browserlessWorld();
    const names = ['one', 'two', 'three'];
    const orders = names.map((integration) => jwtOrder({ expectedOrgId: orgA, use: { tenant: 'acme', integration } }));
    await ports.clock.run(Promise.all(orders.map((order) => begin(order))));
    const uses = await ports.store.inner.usesOf(jwtConnectionId, 10);
    assert.deepEqual(uses.map(({ integration }) => integration).sort(), [...names].sort());
    assert.equal(assertions(), 1);
  });
});

describe('a connection that is there', () => {
  it('of another org than expected is not linked, and nothing is asked', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld();
    await introduce(jwtOrder());
    const other = { tenant: 'beta', integration: 'sync' };
    const { code, field, detail } = problemOf(await introduce(jwtOrder({ expectedOrgId: orgB, use: other })));
    assert.deepEqual([code, field], ['invalid_request', 'expected_org_id']);
    assert.match(detail, new RegExp(`${orgB}.*${orgA}`));
    assert.equal(await ports.store.inner.integrations.read(other), undefined);
    assert.equal(assertions(), 1);
  });

  it('gets another integration without a login, and the same one again without a write', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld();
    await introduce(jwtOrder());
    const order = jwtOrder({ expectedOrgId: orgA, use: acme });
    assert.deepEqual(await introduce(order), { kind: 'connection', connectionId: jwtConnectionId, created: false });
    assert.equal((await ports.store.inner.integrations.read(acme))?.connectionId, jwtConnectionId);
    ports.store.resetCalls();
    await introduce(order);
    assert.equal(ports.store.calls.get('connections.replace'), undefined);
    assert.equal(assertions(), 1);
  });

  it('takes a configuration as by PUT', async () => {
    const { introduce, jwtOrder, ports } = browserlessWorld();
    await introduce(jwtOrder({ expectedOrgId: orgA, use: { ...acme, configuration: '{"a":1}' } }));
    await introduce(jwtOrder({ expectedOrgId: orgA, use: { ...acme, configuration: '{"a":2}' } }));
    const integration = await ports.store.inner.integrations.read(acme);
    assert.deepEqual([integration?.configuration, integration?.configurationVersion], ['{"a":2}', 2]);
    assert.deepEqual(
      ports.configurationRequests.map(({ configurationVersion }) => configurationVersion),
      [1, 2],
    );
  });

  it('is asked for anew where it is of another login host, user or flow', async () => {
    const { introduce, jwtOrder, assertions } = browserlessWorld();
    await introduce(jwtOrder());
    await introduce(jwtOrder({ loginUrl: 'https://test.salesforce.com' }));
    assert.equal(assertions(), 2);
  });

  it('and was disconnected is made again, unless it was disconnected meanwhile', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld();
    const disconnect = async () => {
      const connection = await stored(ports, jwtConnectionId);
      await ports.store.inner.connections.replace(connection, next(decideDisconnect(connection, ports.clock.now())));
    };
    await introduce(jwtOrder());
    await disconnect();
    ports.clock.advance(1_000);
    assert.deepEqual(await introduce(jwtOrder()), { kind: 'connection', connectionId: jwtConnectionId, created: true });
    await disconnect();
    ports.clock.advance(1_000);
    ports.server.next('exchangeAssertion', async (process) => {
      const answer = process();
      const gone = await ports.store.inner.connections.read(jwtConnectionId);
      assert.ok(gone);
      await ports.store.inner.connections.replace(gone, next({ ...gone, disconnectedAt: ports.clock.now() + 1 }));
      return answer;
    });
    assert.equal(problemOf(await introduce(jwtOrder())).code, 'disconnected');
    assert.equal(assertions(), 3);
    assert.equal((await ports.store.inner.connections.read(jwtConnectionId))?.grant, undefined);
  });
});
