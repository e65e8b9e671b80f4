/** What lies in the table of a flow, and with wrapped keys as long as those of KMS. */
import assert from 'node:assert/strict';
import { type AttributeValue, DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Ports } from '../../functions/core/ports.ts';
import type { Flow } from './flow.ts';

/** KMS answers 184 bytes for a wrapped data key of 256 bits: 248 characters of base64. */
const kmsWrappedLength = 248;

export function withKmsSizedKeys(ports: Ports): Ports {
  const { keys } = ports;
  return {
    ...ports,
    keys: {
      async generateDataKey(context) {
        const made = await keys.generateDataKey(context);
        return { ...made, wrapped: made.wrapped.padEnd(kmsWrappedLength, ' ') };
      },
      unwrapDataKey: (wrapped, context) => keys.unwrapDataKey(wrapped.trimEnd(), context),
    },
  };
}

/** The item of a connection as the engine holds it. */
export async function storedConnection(flow: Flow, connectionId: string): Promise<Record<string, AttributeValue>> {
  const client = new DynamoDBClient({
    endpoint: flow.stack.listeners.dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const { Items = [] } = await client.send(new ScanCommand({ TableName: TableNames[0] }));
  client.destroy();
  const item = Items.find((one) => one.id?.S === connectionId && one.grant !== undefined);
  assert.ok(item);
  return item;
}
