import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usernameKey } from '../../../../functions/adapters/dynamodb/keys.ts';
import {
  connectionKind,
  integrationKind,
  ledgerKind,
  sessionKind,
  watchKind,
} from '../../../../functions/adapters/dynamodb/kinds.ts';
import { shardName, shardOf } from '../../../../functions/adapters/dynamodb/shard.ts';
import { createTableInput, derivedAttributes, tableDefinition } from '../../../../functions/adapters/dynamodb/table.ts';
import { appPattern } from '../../../../functions/core/ids.ts';
import {
  aConnection,
  aLedger,
  aLedgerEntry,
  anIntegration,
  anOpenIncident,
  aSession,
  aWatch,
  dutiesDueAt,
  noon,
} from '../../../contract/items.ts';

describe('the table', () => {
  it('is on demand and has each index of the definition, with its projection', () => {
    const input = createTableInput('grants');
    assert.equal(input.TableName, 'grants');
    assert.equal(input.BillingMode, 'PAY_PER_REQUEST');
    assert.deepEqual(
      input.GlobalSecondaryIndexes?.map(({ IndexName, Projection }) => [IndexName, Projection]),
      [
        ['due', { ProjectionType: 'INCLUDE', NonKeyAttributes: ['id', 'orgId', 'generation'] }],
        ['duty', { ProjectionType: 'KEYS_ONLY' }],
        ['list', { ProjectionType: 'INCLUDE', NonKeyAttributes: ['status'] }],
      ],
    );
  });

  it('defines every key attribute once, and no other', () => {
    const { AttributeDefinitions = [], KeySchema = [], GlobalSecondaryIndexes = [] } = createTableInput('grants');
    const keys = [...KeySchema, ...GlobalSecondaryIndexes.flatMap((index) => index.KeySchema ?? [])];
    assert.deepEqual(
      AttributeDefinitions.map(({ AttributeName }) => AttributeName).sort(),
      keys.map(({ AttributeName }) => AttributeName).sort(),
    );
    assert.equal(new Set(keys.map(({ AttributeName }) => AttributeName)).size, keys.length);
  });
});

describe('derived attributes', () => {
  it('are all stripped on the way back', () => {
    const derived = [
      connectionKind.derived(aConnection(1), 16),
      sessionKind.derived(aSession(1), 16),
      integrationKind.derived(anIntegration('a', 'b'), 16),
      ledgerKind.derived(aLedger('crm/a/b'), 16),
      watchKind.derived(aWatch(1, noon), 16),
    ];
    for (const name of derived.flatMap(Object.keys)) assert.ok(derivedAttributes.has(name), name);
  });

  it('are no attributes of an item', () => {
    for (const kind of [connectionKind, sessionKind, integrationKind, ledgerKind, watchKind]) {
      assert.deepEqual(
        [...kind.known].filter((name) => derivedAttributes.has(name)),
        [],
      );
    }
  });

  it('place a connection that is due, owes something and is listed', () => {
    const connection = aConnection(1, {}, { nextRefreshAt: noon, duties: dutiesDueAt(noon + 2, noon + 1) });
    const shard = shardName(shardOf(connection.id, 16));
    assert.deepEqual(connectionKind.derived(connection, 16), {
      dueShard: shard,
      generation: 'grant-1:0',
      dutyShard: shard,
      dutyDueAt: noon + 1,
      listApp: 'crm',
      listOrder: `${connection.orgId}#${connection.userId}`,
    });
  });

  it('place a watch by its last news, in a list that no app can have', () => {
    const watch = aWatch(1, 1_234, { duties: dutiesDueAt(noon) });
    assert.deepEqual(watchKind.derived(watch, 16), {
      dutyShard: shardName(shardOf(watch.id, 16)),
      dutyDueAt: noon,
      listApp: '!watch.crm',
      listOrder: `000000000001234#${watch.id}`,
      expiresAtEpochSeconds: undefined,
    });
    assert.doesNotMatch('!watch.crm', appPattern);
  });

  it('let a watch expire thirty days after its last news, unless it owes something or an incident is open', () => {
    const expiryOf = (change: Parameters<typeof aWatch>[2]) =>
      watchKind.derived(aWatch(1, noon + 999, change), 16)[tableDefinition.timeToLiveAttribute];
    assert.equal(expiryOf({}), noon / 1000 + 30 * 86_400);
    assert.equal(expiryOf({ duties: dutiesDueAt(noon) }), undefined);
    assert.equal(expiryOf({ incident: anOpenIncident() }), undefined);
  });

  it('leave a connection at rest out of the sparse indexes', () => {
    const { dueShard, generation, dutyShard, dutyDueAt } = connectionKind.derived(aConnection(1), 16);
    assert.deepEqual([dueShard, generation, dutyShard, dutyDueAt], [undefined, undefined, undefined, undefined]);
  });

  it('let a session expire a week after its end, in seconds, unless it owes something', () => {
    const week = 7 * 86_400;
    const { timeToLiveAttribute } = tableDefinition;
    assert.equal(sessionKind.derived(aSession(1), 16)[timeToLiveAttribute], aSession(1).expiresAt / 1000 + week);
    assert.equal(sessionKind.derived(aSession(1, { duties: dutiesDueAt(noon) }), 16)[timeToLiveAttribute], undefined);
    assert.equal(connectionKind.derived(aConnection(1), 16)[timeToLiveAttribute], undefined);
  });
});

describe('the ledger of an integration whose user is not known', () => {
  const { timeToLiveAttribute } = tableDefinition;
  const expiryOf = (...begun: number[]) => {
    const entries = begun.map((begunAt, n) => aLedgerEntry(n, { begunAt }));
    return ledgerKind.derived(aLedger('crm/acme/sync', { entries }), 16);
  };

  it('expires 90 days after its newest entry, wherever that stands', () => {
    const expected = { [timeToLiveAttribute]: noon / 1000 + 90 * 86_400 };
    assert.deepEqual(expiryOf(noon), expected);
    assert.deepEqual(expiryOf(noon - 5_000, noon + 999, noon - 1), expected);
  });

  it('keeps its expiry when it is emptied', () => {
    assert.deepEqual(expiryOf(), {});
  });

  it('is the only one that does: that of a connection stays', () => {
    const derived = ledgerKind.derived(aLedger(aConnection(1).id), 16);
    assert.deepEqual(derived, { [timeToLiveAttribute]: undefined });
  });
});

describe('the key of a username', () => {
  it('holds its hash, and nothing of the name', () => {
    const { pk, sk } = usernameKey('crm', 'Ada@Acme.example');
    assert.match(pk, /^U#crm#[0-9a-f]{64}$/);
    assert.equal(sk, 'U');
    assert.deepEqual(usernameKey('crm', 'ada@acme.example'), { pk, sk });
    assert.notEqual(usernameKey('crm', 'bea@acme.example').pk, pk);
  });
});

describe('shards', () => {
  it('are stable: a release that hashed otherwise would lose what is due', () => {
    assert.equal(shardOf('', 0x1_0000_0000), 0x811c9dc5);
    assert.equal(shardOf('a', 0x1_0000_0000), 0xe40c292c, 'the published FNV-1a of "a"');
    assert.equal(shardOf('foobar', 0x1_0000_0000), 0xbf9cf968, 'the published FNV-1a of "foobar"');
    assert.equal(shardName(7), 'd#07');
  });
});
