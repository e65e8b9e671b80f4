import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AttributeValue, DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Ports } from '../../functions/core/ports.ts';
import { type Flow, startFlow } from '../support/flow.ts';
import { itemBytes } from '../support/item-bytes.ts';

const limitBytes = 2_048;
/** KMS answers 184 bytes for a wrapped data key of 256 bits: 248 characters of base64. */
const kmsWrappedLength = 248;

function withKmsSizedKeys(ports: Ports): Ports {
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

async function storedConnection(flow: Flow, connectionId: string): Promise<Record<string, AttributeValue>> {
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

describe('the stored connection', () => {
  it('stays under 2 KB with no duty open, before and after its first refresh', async () => {
    const flow = await startFlow({ change: withKmsSizedKeys });
    try {
      flow.simulator.switches.rotation = true;
      const { connectionId } = await flow.connect();
      await flow.token(connectionId);
      const fresh = await storedConnection(flow, connectionId);
      assert.deepEqual(fresh.duties?.M, {});
      assert.ok(itemBytes(fresh) < limitBytes, `fresh: ${itemBytes(fresh)} bytes`);
      flow.clock.advance(3 * 3_600_000);
      await flow.token(connectionId);
      const refreshed = await storedConnection(flow, connectionId);
      assert.equal(refreshed.grant?.M?.ownKeys, undefined, 'sealed under the keys of its org');
      assert.ok(itemBytes(refreshed) < limitBytes, `refreshed: ${itemBytes(refreshed)} bytes`);
    } finally {
      await flow.close();
    }
  });
});
