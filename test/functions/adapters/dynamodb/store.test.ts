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
import { StoreUnavailableError, UnreadableItemError } from '../../../../functions/core/errors.ts';
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
  const counted = async (act: (store: TestStore['store']) => Promise<unknown>): Promise<string[]> => {
    const commands: string[] = [];
    const send = (command: { constructor: { name: string } }) => {
      commands.push(command.constructor.name);
      return test.client.send(command as GetCommand);
    };
    const client = { send } as unknown as DynamoDBDocumentClient;
    await act(createDynamoStore({ client, tableName: test.tableName, shards: 1 }));
    return commands;
  };
  const connection = aConnection(50);

  it('one request for a read, a create and a replacement, taken or refused', async () => {
    assert.deepEqual(await counted(({ connections }) => connections.create(connection)), ['PutCommand']);
    assert.deepEqual(await counted(({ connections }) => connections.create(connection)), ['PutCommand']);
    assert.deepEqual(await counted(({ connections }) => connections.read(connection.id)), ['GetCommand']);
    const replace = () => counted(({ connections }) => connections.replace(connection, next(connection)));
    assert.deepEqual(await replace(), ['UpdateCommand']);
    assert.deepEqual(await replace(), ['UpdateCommand']);
  });

  it('a query for what is due, and a query and one batch for a page of a list', async () => {
    assert.deepEqual(await counted((store) => store.dueConnections(0, noon, 100)), ['QueryCommand']);
    assert.deepEqual(await counted((store) => store.listConnections({ app: 'crm' }, 1)), [
      'QueryCommand',
      'BatchGetCommand',
    ]);
  });
});

describe('an engine that fails', () => {
  const failing = (error: unknown) =>
    createDynamoStore({
      client: { send: () => Promise.reject(error) } as unknown as DynamoDBDocumentClient,
      tableName: 'grants',
      shards: 1,
    });
  const failure = Object.assign(new Error('Throttled: eyJ-item-contents'), { name: 'ThrottlingException' });
  const calls: Record<string, (store: TestStore['store']) => Promise<unknown>> = {
    read: ({ connections }) => connections.read('x'),
    create: ({ connections }) => connections.create(aConnection(1)),
    replace: ({ connections }) => connections.replace(aConnection(1), next(aConnection(1))),
    dueConnections: (store) => store.dueConnections(0, noon, 1),
    dueDuties: (store) => store.dueDuties(0, noon, 1),
    listConnections: (store) => store.listConnections({ app: 'crm' }, 1),
    addUse: (store) => store.addUse('x', { tenant: 'a', integration: 'b' }),
    removeUse: (store) => store.removeUse('x', { tenant: 'a', integration: 'b' }),
    usesOf: (store) => store.usesOf('x', 1),
    readDataKey: (store) => store.readDataKey(orgId(1), 'access'),
    putDataKeyIfAbsent: (store) =>
      store.putDataKeyIfAbsent({ orgId: orgId(1), purpose: 'access', id: 'k', wrapped: 'w' }),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`makes ${name} throw StoreUnavailableError, with its cause and without its text`, async () => {
      await assert.rejects(call(failing(failure)), (error: unknown) => {
        assert.ok(error instanceof StoreUnavailableError);
        assert.equal(error.cause, failure);
        assert.match(error.message, /ThrottlingException/);
        assert.doesNotMatch(error.message, /eyJ/);
        return true;
      });
    });
  }
});

describe('a batch read that is answered in part', () => {
  const listed = [aConnection(1), aConnection(2), aConnection(3)];
  const rows = listed.map((item) => ({
    ...item,
    pk: `C#${item.id}`,
    sk: 'C',
    listOrder: `${item.orgId}#${item.userId}`,
  }));

  /** Answers one key of each batch and leaves the rest. */
  const stingy = (answersPerBatch: number, waits: number[]) => {
    const send = async (command: { input: { RequestItems?: { grants: { Keys: { pk: string }[] } } } }) => {
      const keys = command.input.RequestItems?.grants.Keys;
      if (keys === undefined) return { Items: rows };
      const answered = keys.slice(-answersPerBatch || keys.length, answersPerBatch === 0 ? 0 : undefined);
      const rest = keys.filter((key) => !answered.includes(key));
      return {
        Responses: { grants: rows.filter(({ pk }) => answered.some((key) => key.pk === pk)) },
        UnprocessedKeys: rest.length === 0 ? {} : { grants: { Keys: rest } },
      };
    };
    const client = { send } as unknown as DynamoDBDocumentClient;
    return createDynamoStore({ client, tableName: 'grants', wait: async (ms) => void waits.push(ms) });
  };

  it('is asked again for the rest, after waits that grow, and keeps the order', async () => {
    const waits: number[] = [];
    const { items } = await stingy(1, waits).listConnections({ app: 'crm' }, 10);
    assert.deepEqual(
      items.map(({ id }) => id),
      listed.map(({ id }) => id),
    );
    assert.deepEqual(waits, [25, 50]);
  });

  it('gives up after six tries', async () => {
    const waits: number[] = [];
    await assert.rejects(stingy(0, waits).listConnections({ app: 'crm' }, 10), (error: unknown) => {
      return error instanceof StoreUnavailableError && /3 of 3 keys unread after 6 tries/.test(error.message);
    });
    assert.equal(waits.length, 5);
  });
});

describe('a list whose status is rare', () => {
  it('looks at ten pages a call, and goes on by its cursor', async () => {
    let queries = 0;
    const send = async () => {
      queries += 1;
      const listOrder = `${orgId(1)}#005${String(queries).padStart(15, '0')}`;
      return { Items: [], LastEvaluatedKey: { listOrder } };
    };
    const store = createDynamoStore({ client: { send } as unknown as DynamoDBDocumentClient, tableName: 'grants' });
    const filter = { app: 'crm', status: 'disconnected' } as const;
    const first = await store.listConnections(filter, 10);
    assert.deepEqual([first.items, queries], [[], 10]);
    const second = await store.listConnections(filter, 10, first.cursor);
    assert.equal(queries, 20);
    assert.notEqual(second.cursor, first.cursor);
  });
});
