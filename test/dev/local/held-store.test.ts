import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heldStore } from '../../../dev/local/held-store.ts';
import { createMemoryStore } from '../../../dev/memory/memory-store.ts';
import {
  appKey,
  connectionKey,
  dataKeyKey,
  incidentKey,
  integrationKey,
  introductionKey,
  itemKeyOfTable,
  ledgerKey,
  readersKey,
  sessionKey,
  useKey,
  usernameKey,
  watchKey,
} from '../../../functions/adapters/dynamodb/keys.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import { decideDisconnect } from '../../../functions/core/disconnect.ts';
import { decideReadMark } from '../../../functions/core/read-decision.ts';
import type { FunctionName } from '../../../functions/core/routes.ts';
import { kindPrefixes } from '../../../lib/table-rights.ts';
import { aConnection, next } from '../../contract/items.ts';

const use = { tenant: 'acme', integration: 'sync' };

describe('the kinds of items', () => {
  it('are told apart by what the adapter’s partition keys begin with', () => {
    const keys = {
      connection: connectionKey('c'),
      session: sessionKey('s'),
      integration: integrationKey(use),
      ledger: ledgerKey('l'),
      username: usernameKey('crm', 'ada'),
      'data key': dataKeyKey('org', 'access'),
      app: appKey('crm'),
      introduction: introductionKey('b'),
      incident: incidentKey('n'),
      watch: watchKey('w'),
      'waiting readers': readersKey('org', 1),
      identity: itemKeyOfTable,
    };
    assert.deepEqual(Object.keys(keys), Object.keys(kindPrefixes));
    for (const [kind, { pk }] of Object.entries(keys)) {
      const found = Object.entries(kindPrefixes).filter(([, prefix]) => pk.startsWith(prefix));
      assert.deepEqual(
        found.map(([name]) => name),
        [kind],
      );
    }
    assert.ok(useKey('c', use).pk.startsWith(kindPrefixes.connection));
  });
});

describe('a store held to a role', () => {
  async function stored() {
    const store = createMemoryStore();
    const connection = aConnection(1);
    await store.connections.create(connection);
    const as = (name: FunctionName) => heldStore(store, name);
    const change = (name: FunctionName, after: Partial<Connection>) =>
      as(name).connections.replace(connection, next<Connection>(connection, after));
    return { store, connection, as, change };
  }

  it('lets token mark a read, and a rejection', async () => {
    const { connection, change, as } = await stored();
    assert.equal((await as('token').connections.read(connection.id))?.id, connection.id);
    const marked = decideReadMark({
      ...connection,
      grant: connection.grant && { ...connection.grant, readRefreshes: -1 },
    });
    assert.ok(marked);
    assert.equal(
      await change('token', { grant: { ...marked.grant!, readRefreshes: 0 }, rejections: { left: 1, at: 1 } }),
      'written',
    );
  });

  for (const [what, after] of [
    ['end a connection', { status: 'disconnected' as const }],
    ['drop a duty', { duties: {} }],
    ['give a connection to another org', { orgId: '00D000000000009AAA' }],
    ['make an authorization look newer', { authorizedAt: 9_999_999_999_999 }],
  ] as const) {
    it(`does not let token ${what}`, async () => {
      const { connection, store } = await stored();
      const duty = {
        kind: 'alert',
        alertId: 'a',
        type: 'reauthorization_required',
        cause: 'c',
        since: 0,
        dueAt: 0,
        tries: 0,
      } as const;
      const owing = next<Connection>(connection, { duties: { a: duty } });
      await store.connections.replace(connection, owing);
      const write = heldStore(store, 'token').connections.replace(owing, next<Connection>(owing, after));
      await assert.rejects(write, /AccessDenied: token may not UpdateItem of connection with/);
      assert.deepEqual(await store.connections.read(connection.id), owing);
    });
  }

  it('lets connections disconnect, and change no connection’s identity', async () => {
    const { connection, change, as } = await stored();
    await assert.rejects(change('connections', { orgId: '00D000000000009AAA' }), /AccessDenied: connections may not/);
    const { revision, writeId } = next<Connection>(connection, {});
    const ended = { ...decideDisconnect(connection, 1), revision, writeId };
    assert.equal(await as('connections').connections.replace(connection, ended), 'written');
  });

  it('lets connections record a use, and make no connection', async () => {
    const { as } = await stored();
    await as('connections').addUse('crm.o.u', use);
    await assert.rejects(
      as('connections').connections.create(aConnection(2)),
      /AccessDenied: connections may not PutItem/,
    );
  });

  it('lets nobody but those who ask for tokens read data keys, and only who seals make them', async () => {
    const { as } = await stored();
    const names = ['connect', 'callback', 'configure', 'schedule-refreshes', 'jwt-bearer', 'connections'] as const;
    for (const name of names) await assert.rejects(as(name).readDataKey('o', 'access'), /GetItem of data key/);
    for (const name of ['token', 'refresh', 'maintain'] as const) {
      assert.equal(await as(name).readDataKey('o', 'access'), undefined);
    }
    const key = { orgId: 'o', purpose: 'access', id: 'k', wrapped: 'w' } as const;
    await assert.rejects(as('token').putDataKeyIfAbsent(key), /PutItem of data key/);
    assert.deepEqual(await as('refresh').putDataKeyIfAbsent(key), key);
  });

  it('lets only who makes sessions and takes them back see one', async () => {
    const { as } = await stored();
    for (const name of ['token', 'connections', 'configure'] as const) {
      await assert.rejects(as(name).sessions.read('s'), /GetItem of session/);
    }
    assert.equal(await as('callback').sessions.read('s'), undefined);
  });
});
