/** A copy of a running stack's table, as a restore makes it, on the same engine; and a second stack that runs on it. */
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { type AdoptionWorld, adoptionWorld } from '../../cli/adoption-world.ts';
import { createLocalHandlers } from '../../dev/local/local-handlers.ts';
import { type LocalStack, startLocalStack } from '../../dev/local/local-stack.ts';
import { localTableName } from '../../dev/local/local-table.ts';
import { createDynamoStore } from '../../functions/adapters/dynamodb/store.ts';
import { createTableInput } from '../../functions/adapters/dynamodb/table.ts';
import { createTableRecords } from '../../functions/adapters/dynamodb/table-records.ts';
import { createTableIdentity } from '../../functions/adapters/table-identity.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { localDynamoClient } from './dynalite.ts';
import type { ApiAnswer, Flow } from './flow.ts';
import { flowSigningKeys } from './flow-signing-keys.ts';
import { loadContract } from './openapi.ts';

export const originalName = localTableName;
export const copyName = 'restored';

export interface CopiedStack {
  readonly stack: LocalStack;
  readonly ports: Ports;
  readonly client: DynamoDBDocumentClient;
  /** Answers are held against the contract. */
  api(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  /** As the command has it, on the flow's clock; waiting moves it on. */
  readonly adoption: AdoptionWorld & { readonly told: string[] };
  close(): Promise<void>;
}

export interface CopyOptions {
  readonly name?: string;
  change?(ports: Ports): Ports;
}

/** Every item, the table's own id among them. The flow goes on with the original. */
export async function copyTable(client: DynamoDBDocumentClient, from: string, to: string): Promise<void> {
  await client.send(new CreateTableCommand(createTableInput(to)));
  const { Items: items = [], LastEvaluatedKey: more } = await client.send(
    new ScanCommand({ TableName: from, ConsistentRead: true }),
  );
  if (more !== undefined) throw new Error('The table has more than one page; copy it page by page.');
  for (const item of items) await client.send(new PutCommand({ TableName: to, Item: item }));
}

/** A stack of its own (queue, topic, lifeboat, functions) on the copy, with the same keys and the same Salesforce. */
export async function startOnCopy(flow: Flow, { name = copyName, change }: CopyOptions = {}): Promise<CopiedStack> {
  const { stack: original, clock } = flow;
  const endpoint = original.listeners.dynamodb ?? '';
  const client = localDynamoClient(endpoint);
  await copyTable(client, originalName, name);
  const made: { ports?: Ports } = {};
  const stack = await startLocalStack({
    port: 0,
    clock,
    tick: 'manual',
    quiet: true,
    dynamodb: endpoint,
    salesforce: original.simulatorUrl,
    signingKeys: await flowSigningKeys(),
    createHandlers(ports) {
      const onCopy: Ports = {
        ...ports,
        publicUrl: original.ports.publicUrl,
        store: createDynamoStore({ client, tableName: name }),
        tableIdentity: createTableIdentity({ records: createTableRecords(client, name), clock }),
        keys: original.ports.keys,
      };
      made.ports = change === undefined ? onCopy : change(onCopy);
      return createLocalHandlers(made.ports);
    },
  });
  const { checkAnswer } = await loadContract();
  const told: string[] = [];
  if (made.ports === undefined) throw new Error('The stack made no handlers.');
  return {
    stack,
    ports: made.ports,
    client,
    async api(method, path, body) {
      const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch(new URL(path, stack.url), body === undefined ? { method } : init);
      const text = await response.text();
      checkAnswer({ method, path, status: response.status, headers: response.headers, body: text });
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    adoption: {
      ...adoptionWorld(client),
      now: () => clock.now(),
      wait: async (ms) => clock.advance(ms),
      say: (line) => void told.push(line),
      told,
    },
    async close() {
      await stack.close();
      client.destroy();
    },
  };
}
