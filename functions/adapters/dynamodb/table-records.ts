/**
 * What DynamoDB knows of the table, and the item that says whose items it holds (`core/table-identity.ts`). One consistent
 * GetItem, one conditional PutItem; and `DescribeTable`, which is the control plane's and has limits of its own.
 */
import { DescribeTableCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { DescribedTable, TableIdentityItem, TableRecords } from '../../core/table-identity.ts';
import { itemKeyOfTable } from './keys.ts';
import { readable } from './readable.ts';
import { answerOf, writtenBy } from './table-access.ts';

const schema = z.looseObject({
  version: z.literal(1),
  revision: z.int(),
  writeId: z.string(),
  tableId: z.string(),
  tableArn: z.string(),
  since: z.number(),
  adoptedFrom: z.optional(z.string()),
} satisfies Record<keyof TableIdentityItem, z.ZodMiniType>);

/** @param tableName a name, or an ARN of this region */
export function createTableRecords(client: DynamoDBDocumentClient, tableName: string): TableRecords {
  const put = (item: TableIdentityItem, condition: object) =>
    writtenBy('PutItem', () =>
      client.send(new PutCommand({ TableName: tableName, Item: { ...item, ...itemKeyOfTable }, ...condition })),
    );
  return {
    async describe() {
      const described = await answerOf('DescribeTable', () => describedTable(client, tableName));
      return described && describedOf(described);
    },

    async read() {
      const command = new GetCommand({ TableName: tableName, Key: itemKeyOfTable, ConsistentRead: true });
      const { Item: stored } = await answerOf('GetItem', () => client.send(command));
      if (stored === undefined) return undefined;
      const { pk, sk: _, ...item } = stored;
      return readable<TableIdentityItem>(String(pk), item, schema);
    },

    create: (item) => put(item, { ConditionExpression: 'attribute_not_exists(pk)' }),

    replace: (before, after) =>
      put(after, {
        ConditionExpression: '#revision = :before',
        ExpressionAttributeNames: { '#revision': 'revision' },
        ExpressionAttributeValues: { ':before': before.revision },
      }),
  };
}

async function describedTable(client: DynamoDBDocumentClient, name: string): Promise<TableDescription | undefined> {
  try {
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return table;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** What is being made is not restored to the end, and what is being deleted is no table to act on. */
function describedOf(table: TableDescription): DescribedTable | undefined {
  const { TableArn: tableArn = '', TableStatus: status, RestoreSummary: restore } = table;
  if (status === 'CREATING' || status === 'DELETING') return undefined;
  // AWS always gives one; of an engine that does not, the moment of its making tells a table from a copy.
  const tableId = table.TableId ?? `${tableArn}@${table.CreationDateTime?.toISOString()}`;
  if (restore === undefined) return { tableId, tableArn };
  return { tableId, tableArn, restored: { sourceArn: restore.SourceTableArn, at: restore.RestoreDateTime?.getTime() } };
}
