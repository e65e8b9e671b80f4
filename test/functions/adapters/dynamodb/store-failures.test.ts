import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoStore } from '../../../../functions/adapters/dynamodb/store.ts';
import { StoreUnavailableError } from '../../../../functions/core/errors.ts';
import type { Store, StoredDataKey } from '../../../../functions/core/ports.ts';
import type { Watch } from '../../../../functions/core/watch.ts';
import { aConnection, aWatch, next, noon, orgId } from '../../../contract/items.ts';
import { localDynamoClient, startTestStore, type TestStore } from '../../../support/dynalite.ts';

describe('an engine that fails', () => {
  const failing = (error: unknown) =>
    createDynamoStore({
      client: { send: () => Promise.reject(error) } as unknown as DynamoDBDocumentClient,
      tableName: 'grants',
      shards: 1,
    });
  const failure = Object.assign(new Error('Throttled: eyJ-item-contents'), { name: 'ThrottlingException' });
  const calls: Record<string, (store: Store) => Promise<unknown>> = {
    read: ({ connections }) => connections.read('x'),
    create: ({ connections }) => connections.create(aConnection(1)),
    replace: ({ connections }) => connections.replace(aConnection(1), next(aConnection(1))),
    dueConnections: (store) => store.dueConnections(0, noon, 1),
    dueDuties: (store) => store.dueDuties(0, noon, 1),
    listConnections: (store) => store.listConnections({ app: 'crm' }, 1),
    countConnections: (store) => store.countConnections('crm', 1),
    recentWatches: (store) => store.recentWatches('crm', noon, 1),
    addUse: (store) => store.addUse('x', { tenant: 'a', integration: 'b' }),
    removeUse: (store) => store.removeUse('x', { tenant: 'a', integration: 'b' }),
    usesOf: (store) => store.usesOf('x', 1),
    rememberUsername: (store) => store.rememberUsername('crm', 'eyJ@acme.example', 'x'),
    connectionOfUsername: (store) => store.connectionOfUsername('crm', 'eyJ@acme.example'),
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

describe('a write that is applied while its answer is lost', () => {
  let test: TestStore;
  before(async () => {
    test = await startTestStore();
  });
  after(() => test.close());

  /** Loses the answer of the first write that the engine takes; the SDK then tries again. */
  const forgetful = async (act: (store: Store) => Promise<void>) => {
    const client = localDynamoClient(test.endpoint);
    let lost = 0;
    client.middlewareStack.add(
      (send) => async (request) => {
        const answer = await send(request);
        lost += 1;
        if (lost === 1) throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
        return answer;
      },
      // Behind the retries, so that each try passes.
      { step: 'deserialize', priority: 'high' },
    );
    await act(createDynamoStore({ client, tableName: test.tableName }));
    client.destroy();
    assert.ok(lost > 1, 'the SDK did not try again');
  };

  it('comes back as a conflict of a replacement, whose write id is found', async () => {
    const created = aConnection(1);
    await test.store.connections.create(created);
    await forgetful(async ({ connections }) => {
      assert.equal(await connections.replace(created, next(created, { writeId: 'attempt-1.commit' })), 'conflict');
      assert.equal((await connections.read(created.id))?.writeId, 'attempt-1.commit');
    });
  });

  it('comes back as a conflict of a creation, whose write id is found', async () => {
    const created = aConnection(2, {}, { writeId: 'attempt-2.create' });
    await forgetful(async ({ connections }) => {
      assert.equal(await connections.create(created), 'conflict');
      assert.equal((await connections.read(created.id))?.writeId, 'attempt-2.create');
    });
  });

  it('goes unnoticed where a data key is put: the one that is stored is answered', async () => {
    const key: StoredDataKey = { orgId: orgId(1), purpose: 'access', id: 'key-1', wrapped: 'd3JhcHBlZA==' };
    await forgetful(async (store) => {
      assert.deepEqual(await store.putDataKeyIfAbsent(key), key);
    });
  });
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

describe('an index of watches that lags behind', () => {
  const late = (rows: readonly Watch[]) => {
    const stored = rows.map((watch) => ({ ...watch, pk: `W#${watch.id}`, sk: 'W' }));
    const send = async ({ input }: { input: { RequestItems?: object } }) =>
      input.RequestItems === undefined ? { Items: stored } : { Responses: { grants: stored.toReversed() } };
    return createDynamoStore({ client: { send } as unknown as DynamoDBDocumentClient, tableName: 'grants' });
  };

  it('decides neither the order nor who is recent: the items do', async () => {
    const [old, recent, newest] = [aWatch(1, noon - 1), aWatch(2, noon), aWatch(3, noon + 1)];
    assert.deepEqual(await late([old, recent, newest]).recentWatches('crm', noon, 10), [newest, recent]);
  });

  it('leaves out a watch that expired since', async () => {
    const send = async ({ input }: { input: { RequestItems?: object } }) =>
      input.RequestItems === undefined ? { Items: [{ pk: 'W#gone', sk: 'W' }] } : { Responses: { grants: [] } };
    const store = createDynamoStore({ client: { send } as unknown as DynamoDBDocumentClient, tableName: 'grants' });
    assert.deepEqual(await store.recentWatches('crm', noon, 10), []);
  });
});

describe('a count of connections', () => {
  /** Pages as an engine may cut them, all of active connections; what each was asked for is recorded. */
  const pages = (...sizes: number[]) => {
    const asked: { Limit: number; ExclusiveStartKey?: { pk: string } }[] = [];
    const send = async ({ input }: { input: (typeof asked)[number] }) => {
      asked.push(input);
      const page = asked.length - 1;
      const Items = Array.from({ length: Math.min(sizes[page] ?? 0, input.Limit) }, () => ({ status: 'active' }));
      return { Items, ...(page + 1 < sizes.length ? { LastEvaluatedKey: { pk: `page-${page}` } } : {}) };
    };
    const store = createDynamoStore({ client: { send } as unknown as DynamoDBDocumentClient, tableName: 'grants' });
    return { store, asked };
  };

  it('asks page by page, for a thousand rows at most and for one more than it counts', async () => {
    const { store, asked } = pages(1000, 1000, 1000);
    const { byStatus, complete } = await store.countConnections('crm', 2_500);
    assert.deepEqual([byStatus.active, complete], [2_500, false]);
    assert.deepEqual(
      asked.map(({ Limit, ExclusiveStartKey }) => [Limit, ExclusiveStartKey?.pk]),
      [
        [1000, undefined],
        [1000, 'page-0'],
        [501, 'page-1'],
      ],
    );
  });

  it('is complete where the last page ends the list', async () => {
    const { store, asked } = pages(1000, 700);
    const { byStatus, complete } = await store.countConnections('crm', 2_500);
    assert.deepEqual([byStatus.active, complete, asked.length], [1_700, true, 2]);
  });

  it('goes on behind an empty page', async () => {
    const { store } = pages(1000, 0, 3);
    const { byStatus, complete } = await store.countConnections('crm', 2_500);
    assert.deepEqual([byStatus.active, complete], [1_003, true]);
  });

  it('ends after the pages that its limit needs, however short they were cut, and says so', async () => {
    const { store, asked } = pages(...Array.from({ length: 50 }, () => 10));
    const { byStatus, complete } = await store.countConnections('crm', 2_500);
    assert.deepEqual([byStatus.active, complete, asked.length], [30, false, 3]);
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
