import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../functions/core/config.ts';
import { type Ledger, withAttempt, withComparison } from '../../../functions/core/ledger.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { compareGrants } from '../../../functions/flows/compare-grants.ts';
import { aGrant, next } from '../../contract/items.ts';
import { memoryPorts, stored, storedConnection } from '../../support/memory-ports.ts';
import { json, timedOut } from '../../support/token-server.ts';

const live = {
  kind: 'token',
  accessToken: new Secret('live-access'),
  instanceUrl: 'https://example.my.salesforce.com',
} as const;

async function setUp({ scopes = ['api', 'refresh_token'] } = {}) {
  const ports = memoryPorts({
    config: parseConfig({ apps: { crm: { clientId: 'crm-client', salesforceName: 'Acme CRM' } } }, 'test'),
  });
  const { connection } = await storedConnection(ports, { grant: { scopes } });
  const lists = (count: number) => {
    ports.others.query = () => json(200, { totalSize: count });
  };
  const ledger = () => ports.store.inner.ledgers.read(connection.id);
  const keep = (seed: Ledger | undefined) =>
    ports.store.inner.ledgers.create({ ...(seed as Ledger), revision: 1, writeId: 'seed' });
  return { ports, connection, lists, ledger, keep, compare: () => compareGrants(ports, connection, live) };
}

test('what Salesforce lists is written beside what we hold', async () => {
  const { ports, connection, lists, ledger, compare } = await setUp();
  lists(3);
  await compare();
  assert.deepEqual((await ledger())?.comparison, { at: ports.clock.now(), listed: 3, held: 1 });
  const [call] = ports.apiCalls;
  assert.deepEqual([call?.instanceUrl, call?.accessToken], [live.instanceUrl, 'live-access']);
  assert.match(call?.soql ?? '', new RegExp(`UserId = '${connection.userId}' AND AppName = 'Acme CRM'`));
});

test('a superseded grant that is not revoked yet is held', async () => {
  const { ports, lists, ledger, compare } = await setUp();
  const before = await stored(ports);
  const now = ports.clock.now();
  const duties = { 'revoke.old': revocationOf(aGrant('old'), now, now, 'superseded') };
  await ports.store.inner.connections.replace(before, next(before, { duties }));
  lists(2);
  await compare();
  assert.deepEqual((await ledger())?.comparison, { at: now, listed: 2, held: 2 });
});

test('without a scope for it, or the app’s name, Salesforce is not asked', async () => {
  const { ports, ledger, compare } = await setUp({ scopes: ['id', 'refresh_token'] });
  await compare();
  assert.deepEqual([ports.apiCalls, await ledger()], [[], undefined]);
  const nameless = memoryPorts();
  const { connection } = await storedConnection(nameless);
  await compareGrants(nameless, connection, live);
  assert.deepEqual(nameless.apiCalls, []);
});

test('where the session may not query, that is said with Salesforce’s own code', async () => {
  const { ports, ledger, compare } = await setUp();
  ports.others.query = () => json(400, [{ errorCode: 'INVALID_TYPE', message: 'not supported' }]);
  await compare();
  assert.deepEqual((await ledger())?.comparison, { at: ports.clock.now(), note: 'INVALID_TYPE' });
});

test('an outage is said where nothing was compared before, and replaces nothing', async () => {
  const { ports, connection, ledger, compare } = await setUp();
  ports.others.query = () => timedOut;
  await compare();
  assert.match((await ledger())?.comparison?.note ?? '', /did not answer \(timeout\)/);
  const other = await setUp();
  other.ports.others.query = () => timedOut;
  await other.keep(withComparison(undefined, connection.id, { at: 1, listed: 4, held: 1 }));
  await other.compare();
  assert.deepEqual((await other.ledger())?.comparison, { at: 1, listed: 4, held: 1 });
});

test('nothing is written where a grant came or went while Salesforce was asked', async () => {
  const { ports, ledger, compare } = await setUp();
  ports.others.query = async () => {
    const before = await stored(ports);
    const grant = { ...before.grant, id: 'newer' };
    await ports.store.inner.connections.replace(before, next(before, { grant }));
    return json(200, { totalSize: 2 });
  };
  await compare();
  assert.equal(await ledger(), undefined);
});

test('nothing is written while an exchange is under way: its grant may be listed before it is held', async () => {
  const { ports, connection, lists, ledger, keep, compare } = await setUp();
  lists(2);
  const entry = { id: 'a', sessionId: 's', begunAt: ports.clock.now() };
  await keep(withAttempt(undefined, connection.id, entry));
  await compare();
  assert.equal((await ledger())?.comparison, undefined);
  ports.clock.advance(3_600_000);
  await compare();
  assert.deepEqual((await ledger())?.comparison, { at: ports.clock.now(), listed: 2, held: 1 });
});

test('nothing fails because of it', async () => {
  const { ports, ledger, compare, lists } = await setUp();
  lists(2);
  for (const call of ['ledgers.read', 'ledgers.create', 'connections.read']) {
    ports.store.disturb(call, 'unavailable');
    await compare();
  }
  ports.others.query = () => Promise.reject(new TypeError('bug'));
  await compare();
  assert.equal(await ledger(), undefined);
  assert.equal(ports.logged.filter((line) => line.startsWith('warn: The grants could not be compared')).length, 4);
});
