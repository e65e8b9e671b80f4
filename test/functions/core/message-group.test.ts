import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardOf } from '../../../functions/adapters/dynamodb/shard.ts';
import { groupIn, groupsOfLargeOrg, splitAbove } from '../../../functions/core/message-group.ts';
import { aConnection, orgId } from '../../contract/items.ts';

const due = (n: number, org = 1) => ({ connectionId: aConnection(n, { org }).id, orgId: orgId(org) });
const users = (count: number, org = 1) => Array.from({ length: count }, (_, n) => due(n, org));

test('the connections of an org go in one group', () => {
  const page = [...users(splitAbove), ...users(3, 2)];
  const groups = page.map(groupIn(page));
  assert.deepEqual(new Set(groups), new Set([orgId(1), orgId(2)]));
});

test('an org of which very many are due is split over a few groups of its own; the others are not', () => {
  const page = [...users(99), due(1, 2)];
  const groups = page.map(groupIn(page));
  assert.equal(groups.at(-1), orgId(2));
  const parts = new Set(groups.slice(0, -1));
  assert.equal(parts.size, groupsOfLargeOrg);
  for (const part of parts) assert.ok(part.startsWith(`${orgId(1)}.`));
  assert.ok([...parts].every((part) => groups.filter((group) => group === part).length > 10));
});

test('also within one shard the parts are even', () => {
  const shard = users(3_200).filter(({ connectionId }) => shardOf(connectionId, 16) === 3);
  const groups = shard.map(groupIn(shard));
  assert.equal(new Set(groups).size, groupsOfLargeOrg);
});

test('a connection stays in its part, whoever else is due', () => {
  const one = users(splitAbove + 1);
  const other = [...users(60).toReversed()];
  assert.equal(groupIn(one)(due(7)), groupIn(other)(due(7)));
});
