/**
 * A DynamoDB engine behind a listener that reads along: what each request would cost on AWS, by the sizes of the items
 * that it read or wrote, its index writes included.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AttributeValue, DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { localClientConfig } from '../local/aws-clients.ts';
import { startDynamoDbEngine } from '../local/dynamodb-engine.ts';
import { listen } from '../local/listener.ts';
import { type Item, indexWriteUnits, readUnits, sizeOf, writeUnits } from './item-size.ts';
import type { Meter } from './meter.ts';

export interface MeteredEngine {
  readonly url: string;
  /** All items, as they are stored. */
  items(tableName: string): Promise<Item[]>;
  close(): Promise<void>;
}

interface Call {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ConsistentRead?: boolean;
  readonly RequestItems?: Readonly<Record<string, { readonly ConsistentRead?: boolean }>>;
}

interface Answer {
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
}

const reads = new Set(['GetItem', 'Query', 'BatchGetItem']);
const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

export async function startMeteredEngine(meter: Meter): Promise<MeteredEngine> {
  const engine = await startDynamoDbEngine(undefined);
  const client = new DynamoDBClient(localClientConfig(engine.url));
  const stored = async (call: Call): Promise<Item | undefined> => {
    const { pk, sk } = (call.Key ?? call.Item ?? {}) as Record<string, AttributeValue>;
    if (pk === undefined || sk === undefined) throw new Error('A write names no key.');
    const Key = { pk, sk };
    return (await client.send(new GetItemCommand({ TableName: call.TableName, Key, ConsistentRead: true }))).Item;
  };

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const call = JSON.parse(body.toString()) as Call;
    const before = writes.has(operation) ? await stored(call) : undefined;
    const { host, connection, 'content-length': length, ...headers } = request.headers;
    void [host, connection, length];
    const answered = await fetch(engine.url, { method: 'POST', headers: headers as Record<string, string>, body });
    const text = await answered.text();
    if (reads.has(operation)) meter.add('dynamodb.rru', readUnitsOf(call, JSON.parse(text) as Answer));
    if (writes.has(operation)) {
      const after = await stored(call);
      // A write whose condition failed costs what it would have cost.
      meter.add('dynamodb.wru', writeUnits(before, after));
      meter.add('dynamodb.indexWru', answered.ok ? indexWriteUnits(before, after) : 0);
    }
    if (reads.has(operation) || writes.has(operation)) meter.add(`dynamodb.${operation}`, 1);
    response.writeHead(answered.status, { 'content-type': answered.headers.get('content-type') ?? 'application/json' });
    response.end(text);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const front = await listen(server, { name: 'the metered DynamoDB engine', port: 0 });
  return {
    url: front.url,
    async items(TableName) {
      const { Items: all = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
      return all;
    },
    async close() {
      await front.close();
      client.destroy();
      await engine.close();
    },
  };
}

/** A query is taken as a whole, a batch item by item. Queries of an index are eventually consistent. */
function readUnitsOf({ ConsistentRead = false, RequestItems }: Call, answer: Answer): number {
  if (RequestItems !== undefined) {
    return Object.entries(answer.Responses ?? {}).reduce((sum, [table, found]) => {
      const consistent = RequestItems[table]?.ConsistentRead ?? false;
      return sum + found.reduce((units, item) => units + readUnits(sizeOf(item), consistent), 0);
    }, 0);
  }
  const found = answer.Items ?? (answer.Item === undefined ? [] : [answer.Item]);
  return readUnits(
    found.reduce((sum, item) => sum + sizeOf(item), 0),
    ConsistentRead,
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
