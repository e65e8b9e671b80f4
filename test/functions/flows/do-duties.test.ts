import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from '../../../dev/canary/canary.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { AlertDuty, RevokeDuty } from '../../../functions/core/duty.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { alertDoer } from '../../../functions/flows/alert-duty.ts';
import { type Doers, doDuties } from '../../../functions/flows/do-duties.ts';
import { linkDoer } from '../../../functions/flows/link-duty.ts';
import { connectionRevokeDoer } from '../../../functions/flows/revoke-duty.ts';
import { createVault } from '../../../functions/flows/vault.ts';
import { aSession, next } from '../../contract/items.ts';
import { asSealed, type MemoryPorts, memoryPorts, stored, storedConnection } from '../../support/memory-ports.ts';
import { refused, timedOut } from '../../support/token-server.ts';

const alert = (ports: MemoryPorts): AlertDuty => ({
  kind: 'alert',
  alertId: 'a1',
  type: 'reauthorization_required',
  cause: 'lost_response',
  since: ports.clock.now(),
  dueAt: ports.clock.now(),
  tries: 0,
});

async function setUp(duties: (ports: MemoryPorts, connection: Connection) => Connection['duties']) {
  const ports = memoryPorts();
  const { connection, atSalesforce } = await storedConnection(ports);
  const holder = next<Connection>(connection, { duties: duties(ports, connection) });
  await ports.store.inner.connections.replace(connection, holder);
  const vault = createVault(ports);
  const doers: Doers<Connection> = {
    link: linkDoer(ports),
    revoke: connectionRevokeDoer(ports, vault),
    alert: alertDoer(ports),
  };
  const work = (own?: readonly string[], seen: Connection = holder) =>
    ports.clock.run(doDuties(ports, ports.store.connections, seen, doers, own));
  return { ports, holder, atSalesforce, doers, work };
}

/** An older grant of the same user, owed its revocation. */
const olderGrant =
  (change: Partial<RevokeDuty> = {}) =>
  (ports: MemoryPorts, connection: Connection) => {
    const older = ports.server.authorize(connection.orgId, connection.userId);
    const key = Buffer.from(marked(new Uint8Array(32).fill(2))).toString('hex');
    const token = asSealed([older.refreshToken, key, `${connection.id} older refresh`]);
    const grant = { ...connection.grant!, id: 'older', refreshToken: token };
    const now = ports.clock.now();
    return { 'revoke.older': { ...revocationOf(grant, now, now, 'superseded'), ...change } };
  };

test('a duty that is due is done once and removed', async () => {
  const { ports, work } = await setUp((all) => ({ 'alert.a1': alert(all) }));
  await work();
  assert.deepEqual(
    ports.published.map(({ id }) => id),
    ['a1'],
  );
  assert.deepEqual((await stored(ports)).duties, {});
  await work();
  assert.equal(ports.published.length, 1);
});

test('a duty that is not due is left alone, unless it is the caller’s own', async () => {
  const { ports, work } = await setUp((all) => ({ 'alert.a1': { ...alert(all), dueAt: all.clock.now() + 1 } }));
  await work();
  await work(['alert.other']);
  assert.equal(ports.published.length, 0);
  await work(['alert.a1']);
  assert.equal(ports.published.length, 1);
});

test('of two workers with one sight of it, one does a duty, however long it takes', async () => {
  const { ports, holder } = await setUp((all) => ({ 'alert.a1': alert(all) }));
  let done = 0;
  const slow: Doers<Connection> = {
    async alert() {
      done += 1;
      await ports.clock.wait(5_000);
      return 'done';
    },
  };
  const both = [1, 2].map(() => doDuties(ports, ports.store.connections, holder, slow));
  await ports.clock.run(Promise.all(both));
  assert.equal(done, 1);
  assert.deepEqual((await stored(ports)).duties, {});
});

test('a kind without a doer is left to others', async () => {
  const { ports, holder } = await setUp((all) => ({ 'alert.a1': alert(all) }));
  assert.deepEqual(await doDuties(ports, ports.store.connections, holder, {}), holder);
  assert.equal(ports.store.calls.size, 0);
});

test('a duty whose doing fails stays, is nobody else’s for a minute, and is done then', async () => {
  const { ports, holder, work } = await setUp((all) => ({ 'alert.a1': alert(all) }));
  const failing: Doers<Connection> = { alert: () => Promise.reject(new Error('down')) };
  await assert.rejects(doDuties(ports, ports.store.connections, holder, failing), /down/);
  const after = await stored(ports);
  assert.equal(after.duties['alert.a1']?.tries, 1);
  assert.ok((after.duties['alert.a1']?.dueAt ?? 0) > ports.clock.now() + 60_000);
  await work(undefined, after);
  assert.equal(ports.published.length, 0);
  ports.clock.advance(3_700_000);
  await work(undefined, after);
  assert.equal(ports.published.length, 1);
});

test('an older grant is revoked by its own token, and the stored one lives on', async () => {
  const { ports, atSalesforce, work } = await setUp(olderGrant());
  await work();
  assert.deepEqual(
    ports.server.requests.map(({ kind, token }) => [kind, token]),
    [['revoke', 'refresh-2-0']],
  );
  assert.deepEqual([atSalesforce.alive, ports.server.grants[1]?.alive], [true, false]);
  assert.deepEqual((await stored(ports)).duties, {});
});

test('a duty that names the stored grant revokes nothing', async () => {
  const { ports, atSalesforce, work } = await setUp((all, connection) => {
    const now = all.clock.now();
    return { [`revoke.${connection.grant?.id}`]: revocationOf(connection.grant!, now, now, 'superseded') };
  });
  await work();
  assert.deepEqual(ports.server.requests, []);
  assert.equal(atSalesforce.alive, true);
  assert.deepEqual((await stored(ports)).duties, {});
});

test('nothing is revoked while a refresh of its grant may be in flight', async () => {
  const { ports, work } = await setUp((all, connection) =>
    olderGrant({ lease: { attempt: 'attempt-1', until: all.clock.now() + 70_000 } })(all, connection),
  );
  await work();
  assert.deepEqual(ports.server.requests, []);
  ports.clock.advance(3_700_000);
  await work(undefined, await stored(ports));
  assert.equal(ports.server.count('revoke'), 1);
});

test('a token that was revoked already counts as revoked', async () => {
  const { ports, work } = await setUp(olderGrant());
  ports.server.next('revoke', refused('invalid_token', ''));
  await work();
  assert.deepEqual((await stored(ports)).duties, {});
});

for (const [what, turn] of [
  ['a refusal', refused('unsupported_token_type', '')],
  ['an outage', refused('server_error', '', 503)],
  ['a silence', () => timedOut],
] as const) {
  test(`${what} leaves the revocation owed`, async () => {
    const { ports, work } = await setUp(olderGrant());
    ports.server.next('revoke', turn);
    await work();
    assert.equal((await stored(ports)).duties['revoke.older']?.tries, 1);
  });
}

test('a duty whose token was replaced while the old one was revoked is not done', async () => {
  const { ports, work } = await setUp(olderGrant());
  ports.server.next('revoke', async (process) => {
    const before = await stored(ports);
    const duty = { ...before.duties['revoke.older']!, token: 'newer', refreshes: 9 } as RevokeDuty;
    await ports.store.inner.connections.replace(before, next<Connection>(before, { duties: { 'revoke.older': duty } }));
    return process();
  });
  await work();
  const duty = (await stored(ports)).duties['revoke.older'];
  assert.equal(duty?.kind === 'revoke' && duty.token, 'newer');
});

test('a revocation is given up after seven days, and said so', async () => {
  const { ports, work } = await setUp(olderGrant());
  ports.clock.advance(7 * 24 * 3_600_000 + 1);
  await work();
  assert.deepEqual(ports.server.requests, []);
  const { duties } = await stored(ports);
  assert.deepEqual(Object.keys(duties), ['alert.older.given-up'], 'a person is told, in the same write');
  assert.match(ports.logged.join('\n'), /error: A revocation was given up/);
});

test('a link ties the integration, ends the session, and asks for one configuration, however often it is done', async () => {
  const { ports, holder, doers } = await setUp((all) => ({
    'link.s1': {
      kind: 'link',
      sessionId: aSession(1).id,
      tenant: 'acme',
      integration: 'sync',
      since: all.clock.now(),
      dueAt: all.clock.now(),
      tries: 0,
    },
  }));
  const session = aSession(1, { status: 'exchanging', configuration: '{"a":1}' });
  await ports.store.inner.sessions.create(session);
  const duty = holder.duties['link.s1']!;
  assert.ok(duty.kind === 'link');
  await doers.link?.(holder, duty);
  await doers.link?.(holder, duty);
  const integration = await ports.store.inner.integrations.read({ tenant: 'acme', integration: 'sync' });
  assert.deepEqual(
    [integration?.connectionId, integration?.status, integration?.configurationVersion],
    [holder.id, 'linked', 1],
  );
  assert.deepEqual((await ports.store.inner.sessions.read(session.id))?.status, 'connected');
  assert.deepEqual(await ports.store.inner.usesOf(holder.id, 10), [{ tenant: 'acme', integration: 'sync' }]);
  assert.equal(integration?.configuration, '{"a":1}');
  // Asked for by each, and run once: `mayConfigure` lets no second success be.
  const request = { version: 1, tenant: 'acme', integration: 'sync', configurationVersion: 1 };
  assert.deepEqual(ports.configurationRequests, [request, request]);
  assert.deepEqual(ports.configured, [], 'the step runs behind its queue');
});

test('a link whose configuration cannot be queued is still owed, leaves the tokens, and is done by the next', async () => {
  const { ports, holder, work } = await setUp((all) => ({
    'link.s1': {
      kind: 'link',
      sessionId: 's1',
      tenant: 'acme',
      integration: 'sync',
      since: all.clock.now(),
      dueAt: all.clock.now(),
      tries: 0,
    },
  }));
  const configurationQueue = { send: () => Promise.reject(new Error('no queue')) };
  const failing = { link: linkDoer({ ...ports, configurationQueue }) };
  await assert.rejects(doDuties(ports, ports.store.connections, holder, failing), /no queue/);
  const after = await stored(ports);
  assert.deepEqual([after.grant, Object.keys(after.duties)], [holder.grant, ['link.s1']]);
  ports.clock.advance(3_700_000);
  await work(undefined, after);
  assert.deepEqual((await stored(ports)).duties, {});
  assert.equal(ports.configurationRequests.length, 1);
});

test('a duty that waits is nobody’s before its instant, and was not tried', async () => {
  const { ports, holder, work } = await setUp((all) => ({ 'alert.a1': alert(all) }));
  const until = ports.clock.now() + 900_000;
  const waiting: Doers<Connection> = { alert: async () => ({ kind: 'wait', until }) };
  const answered = await doDuties(ports, ports.store.connections, holder, waiting);
  const after = await stored(ports);
  assert.deepEqual(after.duties, { 'alert.a1': { ...alert(ports), dueAt: until, tries: 0 } });
  assert.deepEqual(answered.duties, after.duties);
  ports.clock.advance(899_999);
  await work(undefined, after);
  assert.equal(ports.published.length, 0);
  ports.clock.advance(1);
  await work(undefined, after);
  assert.equal(ports.published.length, 1);
});

test('a duty that is over and owes another leaves that one, in one write', async () => {
  const { ports, holder, work } = await setUp((all) => ({
    'alert.a1': alert(all),
    'alert.later': { ...alert(all), alertId: 'later', dueAt: all.clock.now() + 1 },
  }));
  const by = { 'alert.a2': { ...alert(ports), alertId: 'a2' } };
  const replacing: Doers<Connection> = { alert: async () => ({ kind: 'replaced', by }) };
  ports.store.resetCalls();
  await doDuties(ports, ports.store.connections, holder, replacing);
  assert.equal(ports.store.calls.get('connections.replace'), 2, 'taken, and settled');
  assert.deepEqual(Object.keys((await stored(ports)).duties).sort(), ['alert.a2', 'alert.later']);
  await work(undefined, await stored(ports));
  assert.deepEqual(
    ports.published.map(({ id }) => id),
    ['a2'],
  );
});

test('of a duty that somebody else did meanwhile, nothing comes back: neither its wait nor its replacement', async () => {
  for (const outcome of [
    { kind: 'wait', until: Number.MAX_SAFE_INTEGER },
    { kind: 'replaced', by: {} },
  ] as const) {
    const { ports, holder } = await setUp((all) => ({ 'alert.a1': alert(all) }));
    const overtaken: Doers<Connection> = {
      async alert() {
        const before = await stored(ports);
        await ports.store.inner.connections.replace(before, next<Connection>(before, { duties: {} }));
        return outcome.kind === 'wait' ? outcome : { kind: 'replaced', by: { 'alert.a2': alert(ports) } };
      },
    };
    await doDuties(ports, ports.store.connections, holder, overtaken);
    assert.deepEqual((await stored(ports)).duties, {}, outcome.kind);
  }
});
