import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { usernameKey } from '../../../../functions/adapters/dynamodb/keys.ts';
import { createDynamoStore } from '../../../../functions/adapters/dynamodb/store.ts';
import { UnreadableItemError } from '../../../../functions/core/errors.ts';
import {
  aConnection,
  aFullLedger,
  aLedger,
  aSession,
  aWatch,
  dutiesDueAt,
  next,
  noon,
  orgId,
} from '../../../contract/items.ts';
import { startTestStore, type TestStore } from '../../../support/dynalite.ts';
import { itemBytes } from '../../../support/item-bytes.ts';

let test: TestStore;
before(async () => {
  test = await startTestStore({ shards: 1 });
});
after(() => test.close());

const rawItem = async (pk: string, sk: string) => {
  const { Item } = await test.client.send(new GetCommand({ TableName: test.tableName, Key: { pk, sk } }));
  return Item;
};

describe('what lies in the table', () => {
  it('is the item with its key and its places in the indexes', async () => {
    const connection = aConnection(1, {}, { nextRefreshAt: noon });
    await test.store.connections.create(connection);
    assert.deepEqual(await rawItem(`C#${connection.id}`, 'C'), {
      ...connection,
      pk: `C#${connection.id}`,
      sk: 'C',
      dueShard: 'd#00',
      generation: 'grant-1:0',
      listApp: 'crm',
      listOrder: `${connection.orgId}#${connection.userId}`,
    });
  });

  it('is a watch with its last news as its place in a list of its own', async () => {
    const watch = aWatch(1, noon);
    await test.store.watches.create(watch);
    assert.deepEqual(await rawItem(`W#${watch.id}`, 'W'), {
      ...watch,
      pk: `W#${watch.id}`,
      sk: 'W',
      listApp: '!watch.crm',
      listOrder: `00${noon}#${watch.id}`,
      expiresAtEpochSeconds: noon / 1000 + 30 * 86_400,
    });
  });

  it('is placed anew by each write, however another release had placed it', async () => {
    const connection = aConnection(2, {}, { nextRefreshAt: noon });
    await test.store.connections.create(connection);
    await test.client.send(
      new UpdateCommand({
        TableName: test.tableName,
        Key: { pk: `C#${connection.id}`, sk: 'C' },
        UpdateExpression: 'SET dueShard = :elsewhere',
        ExpressionAttributeValues: { ':elsewhere': 'd#99' },
      }),
    );
    await test.store.connections.replace(connection, next(connection));
    assert.equal((await rawItem(`C#${connection.id}`, 'C'))?.dueShard, 'd#00');
  });

  it('gains a TTL when a session has done its last duty', async () => {
    const session = aSession(1, { duties: dutiesDueAt(noon) });
    await test.store.sessions.create(session);
    assert.equal((await rawItem(`S#${session.id}`, 'S'))?.expiresAtEpochSeconds, undefined);
    await test.store.sessions.replace(session, next(session, { duties: {} }));
    assert.equal((await rawItem(`S#${session.id}`, 'S'))?.expiresAtEpochSeconds, session.expiresAt / 1000 + 604_800);
  });

  it('is under 2 KB for a connection with plausible tokens and no duty', async () => {
    const sealed = 'x'.repeat(420);
    const connection = aConnection(3, {}, { nextRefreshAt: noon });
    const grant = { ...connection.grant!, accessToken: sealed, refreshToken: sealed };
    await test.store.connections.create({ ...connection, grant });
    const bytes = Buffer.byteLength(JSON.stringify(await rawItem(`C#${connection.id}`, 'C')));
    assert.ok(bytes < 2048, `${bytes} bytes`);
  });
});

describe('a ledger in the table', () => {
  it('is under 8 KB with as many entries as it may hold, each with every field', async () => {
    const ledger = aFullLedger(aConnection(9).id);
    await test.store.ledgers.create(ledger);
    const { endpoint, tableName: TableName } = test;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    const Key = { pk: { S: `L#${ledger.id}` }, sk: { S: 'L' } };
    const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key }));
    client.destroy();
    assert.equal(Item.entries?.L?.length, 25);
    assert.equal(Object.keys(Item.entries?.L?.[0]?.M ?? {}).length, 11);
    assert.ok(itemBytes(Item) < 8_192, `${itemBytes(Item)} bytes`);
  });

  it('of an integration keeps its TTL when its attempts have moved to a connection', async () => {
    const ledger = aLedger('crm/acme/sync');
    await test.store.ledgers.create(ledger);
    const expiry = (await rawItem(`L#${ledger.id}`, 'L'))?.expiresAtEpochSeconds;
    assert.equal(expiry, Math.floor(ledger.entries[0]!.begunAt / 1000) + 90 * 86_400);
    await test.store.ledgers.replace(ledger, next(ledger, { entries: [] }));
    assert.equal((await rawItem(`L#${ledger.id}`, 'L'))?.expiresAtEpochSeconds, expiry);
  });

  it('of a connection has none', async () => {
    const ledger = aLedger(aConnection(8).id);
    await test.store.ledgers.create(ledger);
    assert.deepEqual(await rawItem(`L#${ledger.id}`, 'L'), { ...ledger, pk: `L#${ledger.id}`, sk: 'L' });
  });
});

describe('rows that another release or an accident left', () => {
  it('an index row without a generation is passed over and told of, and its shard goes on', async () => {
    const warnings: unknown[] = [];
    const { client, tableName } = test;
    const log = { warn: (message: string, fields?: object) => warnings.push({ message, ...fields }) };
    const store = createDynamoStore({ client, tableName, shards: 1, log });
    const good = aConnection(31, {}, { nextRefreshAt: noon + 1000 });
    await store.connections.create(good);
    const stray = { pk: 'C#stray', sk: 'C', id: 'stray', orgId: orgId(1), dueShard: 'd#00', nextRefreshAt: noon + 999 };
    await client.send(new PutCommand({ TableName: tableName, Item: stray }));

    const { items } = await store.dueConnections(0, noon + 1000, 100);
    await client.send(new DeleteCommand({ TableName: tableName, Key: { pk: 'C#stray', sk: 'C' } }));

    assert.equal(items.at(-1)?.connectionId, good.id);
    assert.ok(items.every(({ connectionId }) => connectionId !== 'stray'));
    assert.deepEqual(warnings, [
      { message: 'a row of an index cannot be read and was passed over', index: 'due', pk: 'C#stray' },
    ]);
  });

  it('a connection that cannot be read is left out of a list and told of, and hides no other', async () => {
    const warnings: unknown[] = [];
    const { client, tableName } = test;
    const log = { warn: (message: string, { pk }: { pk?: unknown } = {}) => warnings.push([message, pk]) };
    const store = createDynamoStore({ client, tableName, log });
    const [newer, good] = [aConnection(41, { app: 'newer' }), aConnection(42, { app: 'newer' })];
    await store.connections.create({ ...newer, version: 2 as 1 });
    await store.connections.create(good);
    const { items } = await store.listConnections({ app: 'newer' }, 10);
    assert.deepEqual(items, [good]);
    assert.deepEqual(warnings, [['a connection of a list cannot be read and was left out', `C#${newer.id}`]]);
    await assert.rejects(store.connections.read(newer.id), UnreadableItemError, 'whoever asks for it is told');
  });

  it('duties of a holder that only a later release knows hide none behind them', async () => {
    const { client, tableName } = test;
    const store = createDynamoStore({ client, tableName, shards: 1 });
    const owing = aSession(33, { duties: dutiesDueAt(noon - 1000) });
    await store.sessions.create(owing);
    const strays = [1, 2, 3].map((index) => ({ pk: `Z#${index}`, sk: 'Z', dutyShard: 'd#00', dutyDueAt: noon - 5000 }));
    for (const Item of strays) await client.send(new PutCommand({ TableName: tableName, Item }));

    const found: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 10; pages += 1) {
      const page = await store.dueDuties(0, noon - 999, 1, cursor);
      found.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    for (const { pk, sk } of strays) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: { pk, sk } }));
    }
    assert.ok(found.includes(owing.id));
  });

  it('a username of another version is refused, and not by its name', async () => {
    const Item = { ...usernameKey('crm', 'ada@acme.example'), version: 2, app: 'crm', connectionId: 'x' };
    await test.client.send(new PutCommand({ TableName: test.tableName, Item }));
    await assert.rejects(test.store.connectionOfUsername('crm', 'ada@acme.example'), (error: unknown) => {
      assert.ok(error instanceof UnreadableItemError);
      assert.match(error.message, /^item U#crm#[0-9a-f]{64} has version 2/);
      return true;
    });
  });

  it('a data key of another version is refused by name', async () => {
    const Item = {
      pk: `K#${orgId(8)}`,
      sk: 'access',
      version: 3,
      orgId: orgId(8),
      purpose: 'access',
      id: 'k',
      wrapped: 'w',
    };
    await test.client.send(new PutCommand({ TableName: test.tableName, Item }));
    await assert.rejects(test.store.readDataKey(orgId(8), 'access'), (error: unknown) => {
      return error instanceof UnreadableItemError && error.message.includes(`K#${orgId(8)}/access has version 3`);
    });
  });
});

describe('what a call costs', () => {
  interface Sent {
    readonly constructor: { readonly name: string };
    readonly input: { ConsistentRead?: boolean; RequestItems?: Record<string, { ConsistentRead?: boolean }> };
  }
  const sentBy = async (act: (store: TestStore['store']) => Promise<unknown>): Promise<Sent[]> => {
    const commands: Sent[] = [];
    const send = (command: Sent) => {
      commands.push(command);
      return test.client.send(command as unknown as GetCommand);
    };
    const client = { send } as unknown as DynamoDBDocumentClient;
    await act(createDynamoStore({ client, tableName: test.tableName, shards: 1 }));
    return commands;
  };
  const namesOf = (commands: readonly Sent[]) => commands.map((command) => command.constructor.name);
  const connection = aConnection(50);

  it('is one request for a read, a create and a replacement, taken or refused', async () => {
    const create = () => sentBy(({ connections }) => connections.create(connection));
    const replace = () => sentBy(({ connections }) => connections.replace(connection, next(connection)));
    assert.deepEqual(namesOf(await create()), ['PutCommand']);
    assert.deepEqual(namesOf(await create()), ['PutCommand']);
    assert.deepEqual(namesOf(await sentBy(({ connections }) => connections.read(connection.id))), ['GetCommand']);
    assert.deepEqual(namesOf(await replace()), ['UpdateCommand']);
    assert.deepEqual(namesOf(await replace()), ['UpdateCommand']);
  });

  it('is a query for what is due, and a query and one batch for a page of a list', async () => {
    assert.deepEqual(namesOf(await sentBy((store) => store.dueConnections(0, noon, 100))), ['QueryCommand']);
    const list = await sentBy((store) => store.listConnections({ app: 'crm' }, 1));
    assert.deepEqual(namesOf(list), ['QueryCommand', 'BatchGetCommand']);
    const none = await sentBy((store) => store.listConnections({ app: 'crm', status: 'disconnected' }, 50));
    assert.deepEqual(namesOf(none), ['QueryCommand'], 'the index knows the status: nothing is read to be dropped');
  });

  it('is a query and one batch for recent watches, a query alone where there are none or connections are counted', async () => {
    await test.store.watches.create(aWatch(51, noon));
    const some = await sentBy((store) => store.recentWatches('crm', noon, 1));
    assert.deepEqual(namesOf(some), ['QueryCommand', 'BatchGetCommand']);
    assert.equal(some[1]?.input.RequestItems?.[test.tableName]?.ConsistentRead, true);
    const none = await sentBy((store) => store.recentWatches('sales', noon, 1));
    assert.deepEqual(namesOf(none), ['QueryCommand']);
    assert.deepEqual(namesOf(await sentBy((store) => store.countConnections('crm', 999))), ['QueryCommand']);
  });

  // The engines on loopback are always consistent: only the request can show it.
  it('includes consistency wherever an item is read', async () => {
    const reads = await Promise.all([
      sentBy(({ connections }) => connections.read('x')),
      sentBy(({ sessions }) => sessions.read('x')),
      sentBy(({ integrations }) => integrations.read({ tenant: 'a', integration: 'b' })),
      sentBy((store) => store.usesOf('x', 1)),
      sentBy((store) => store.readDataKey(orgId(1), 'access')),
    ]);
    for (const { input } of reads.flat()) assert.equal(input.ConsistentRead, true);
    const [, batch] = await sentBy((store) => store.listConnections({ app: 'crm' }, 1));
    assert.equal(batch?.input.RequestItems?.[test.tableName]?.ConsistentRead, true);
  });
});
