import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { createDynamoStore } from '../../../../functions/adapters/dynamodb/store.ts';
import { UnreadableItemError } from '../../../../functions/core/errors.ts';
import { aConnection, aSession, dutiesDueAt, next, noon, orgId } from '../../../contract/items.ts';
import { startTestStore, type TestStore } from '../../../support/dynalite.ts';

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
