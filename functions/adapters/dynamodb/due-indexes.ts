/**
 * What is due: connections to refresh and duties to do, by shard and instant. The indexes are sparse and eventually
 * consistent; a claim on the item itself decides.
 */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DueConnection, DueDuty, Page, Store } from '../../core/ports.ts';
import { checkLimit, checkShard, maxDueLimit } from './bounds.ts';
import { type DuePosition, formatDueCursor, parseDueCursor } from './cursor.ts';
import { parseGeneration } from './generation-text.ts';
import { dutyHolderOf } from './keys.ts';
import { shardName } from './shard.ts';
import { tableDefinition } from './table.ts';
import { answerOf, type TableAccess } from './table-access.ts';

type Row = Readonly<Record<string, unknown>>;

export function createDueIndexes(access: TableAccess): Pick<Store, 'dueConnections' | 'dueDuties'> {
  return {
    dueConnections: (shard, now, limit, cursor) =>
      duePage(access, 'due', { shard, now, limit, cursor }, dueConnectionOf),
    dueDuties: (shard, now, limit, cursor) => duePage(access, 'duty', { shard, now, limit, cursor }, dueDutyOf),
  };
}

interface Question {
  readonly shard: number;
  readonly now: number;
  readonly limit: number;
  readonly cursor: string | undefined;
}

async function duePage<T>(
  access: TableAccess,
  of: 'due' | 'duty',
  { shard, now, limit, cursor }: Question,
  itemOf: (row: Row) => T | undefined,
): Promise<Page<T>> {
  checkShard(shard, access.shards);
  checkLimit(limit, maxDueLimit);
  const from = cursor === undefined ? undefined : parseDueCursor(cursor, of, shard);
  // The clock went back since the last page: what comes after it is not due, and DynamoDB would refuse the key.
  if (from !== undefined && from.at > now) return { items: [] };
  const { rows, more } = await queryDue(access, of, { shard, now, limit }, from);
  const last = rows.at(-1);
  const position = more && last !== undefined ? positionOf(of, last) : undefined;
  return {
    items: rows.flatMap((row) => itemOf(row) ?? unreadable(access, of, row)),
    ...(position === undefined ? {} : { cursor: formatDueCursor(of, shard, position) }),
  };
}

async function queryDue(
  { client, tableName }: TableAccess,
  of: 'due' | 'duty',
  { shard, now, limit }: Omit<Question, 'cursor'>,
  from: DuePosition | undefined,
): Promise<{ rows: Row[]; more: boolean }> {
  const index = tableDefinition.indexes[of];
  const command = new QueryCommand({
    TableName: tableName,
    IndexName: index.name,
    KeyConditionExpression: '#shard = :shard AND #at <= :now',
    ExpressionAttributeNames: { '#shard': index.partitionKey.name, '#at': index.sortKey.name },
    ExpressionAttributeValues: { ':shard': shardName(shard), ':now': now },
    // One more than wanted tells whether this is the last page.
    Limit: limit + 1,
    ...(from === undefined ? {} : { ExclusiveStartKey: startKey(of, shard, from) }),
  });
  const answer = await answerOf('Query', () => client.send(command));
  const rows = answer.Items ?? [];
  return { rows: rows.slice(0, limit), more: rows.length > limit || answer.LastEvaluatedKey !== undefined };
}

function startKey(of: 'due' | 'duty', shard: number, { at, pk, sk }: DuePosition): Record<string, unknown> {
  const { partitionKey, sortKey } = tableDefinition.indexes[of];
  return { pk, sk, [partitionKey.name]: shardName(shard), [sortKey.name]: at };
}

/** Of any row: the page after one that cannot be read must be reached, or what nobody takes would hide what is due. */
function positionOf(of: 'due' | 'duty', { pk, sk, ...row }: Row): DuePosition | undefined {
  const at = row[tableDefinition.indexes[of].sortKey.name];
  return typeof at === 'number' ? { pk: String(pk), sk: String(sk), at } : undefined;
}

function dueConnectionOf({ id, orgId, generation: text, nextRefreshAt }: Row): DueConnection | undefined {
  const generation = parseGeneration(text);
  if (typeof id !== 'string' || typeof orgId !== 'string' || generation === undefined) return undefined;
  return typeof nextRefreshAt === 'number' ? { connectionId: id, orgId, generation, nextRefreshAt } : undefined;
}

function dueDutyOf(row: Row): DueDuty | undefined {
  const holder = dutyHolderOf(String(row.pk));
  const position = positionOf('duty', row);
  return holder && position && { ...holder, dueAt: position.at };
}

/** One damaged row must not keep its whole shard from being refreshed: it is told of and passed over. */
function unreadable({ log }: TableAccess, of: 'due' | 'duty', row: Row): [] {
  log.warn('a row of an index cannot be read and was passed over', { index: of, pk: String(row.pk) });
  return [];
}
