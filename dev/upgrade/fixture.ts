/**
 * A fixture: all that a release leaves behind at one moment. Items are the attributes as they lie in DynamoDB, messages
 * and lifeboat objects the very text. Origins are written as names, for each run has other ports.
 */
import { BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { localClientConfig } from '../local/aws-clients.ts';
import { localTableName } from '../local/local-table.ts';
import { type Engines, queueUrl } from './release-handlers.ts';

export type RawItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Fixture {
  /** The commit whose code wrote it. */
  readonly release: string;
  readonly scene: string;
  /** RFC 3339. */
  readonly at: string;
  /** What the next test must know: ids. */
  readonly names: Readonly<Record<string, string>>;
  readonly table: readonly RawItem[];
  readonly lifeboat: readonly { readonly key: string; readonly text: string }[];
  readonly refreshQueue: readonly string[];
  readonly configurationQueue: readonly string[];
  /** What Lambdas sent to Lambdas. */
  readonly invocations: readonly { readonly name: FunctionName; readonly event: unknown }[];
  readonly alerts: readonly unknown[];
  /** The simulator's state: digests of tokens, no token. */
  readonly salesforce: unknown;
}

export interface Origins {
  readonly salesforce: string;
  readonly grantkeeper: string;
}

const written: Origins = {
  salesforce: 'https://salesforce.origin.test',
  grantkeeper: 'https://grantkeeper.origin.test',
};
const bucket = 'lifeboat';
const batchSize = 25;
const itemsAtMost = 100;

export function named<T>(value: T, origins: Origins): T {
  return replaced(value, origins, written);
}

/** Puts a fixture into engines that are empty. */
export async function fill(engines: Engines, fixture: Fixture, origins: Origins): Promise<void> {
  const { table, lifeboat, refreshQueue, configurationQueue } = replaced(fixture, written, origins);
  await withClients(engines, async ({ dynamodb, s3, sqs }) => {
    for (let start = 0; start < table.length; start += batchSize) {
      const puts = table.slice(start, start + batchSize).map((Item) => ({ PutRequest: { Item } }));
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [localTableName]: puts as never } }));
    }
    for (const { key, text } of lifeboat) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
    }
    for (const [index, MessageBody] of refreshQueue.entries()) {
      const ids = { MessageGroupId: 'fixture', MessageDeduplicationId: `fixture-${index}` };
      await sqs.send(
        new SendMessageCommand({ QueueUrl: queueUrl(engines.messaging, 'refreshes.fifo'), MessageBody, ...ids }),
      );
    }
    for (const MessageBody of configurationQueue) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(engines.messaging, 'configurations'), MessageBody }));
    }
  });
}

export type Stored = Pick<Fixture, 'table' | 'lifeboat' | 'refreshQueue' | 'configurationQueue'>;

/** Takes what lies in the engines; the messages are received by it. */
export async function takeStored(engines: Engines): Promise<Stored> {
  return withClients(engines, async (clients) => ({
    table: await rawItems(engines),
    lifeboat: await objects(clients.s3),
    refreshQueue: await messages(clients.sqs, queueUrl(engines.messaging, 'refreshes.fifo')),
    configurationQueue: await messages(clients.sqs, queueUrl(engines.messaging, 'configurations')),
  }));
}

/** The whole table, in order of its keys. */
export async function rawItems(engines: Engines): Promise<RawItem[]> {
  return withClients(engines, async ({ dynamodb }) => {
    const { Items = [] } = await dynamodb.send(
      new ScanCommand({ TableName: localTableName, ConsistentRead: true, Limit: itemsAtMost }),
    );
    return (Items as unknown as RawItem[]).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  });
}

export function keyOf({ pk, sk }: RawItem): string {
  return `${pk?.S}/${sk?.S}`;
}

async function objects(s3: S3Client): Promise<{ key: string; text: string }[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Promise.all(
    Contents.map(async ({ Key: key = '' }) => {
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return { key, text: (await body?.transformToString()) ?? '' };
    }),
  );
}

async function messages(sqs: SQSClient, url: string): Promise<string[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body = '' }) => Body);
}

function replaced<T>(value: T, from: Origins, to: Origins): T {
  const text = JSON.stringify(value)
    .replaceAll(from.salesforce, to.salesforce)
    .replaceAll(from.grantkeeper, to.grantkeeper);
  return JSON.parse(text);
}

interface Clients {
  readonly dynamodb: ReturnType<typeof createDynamoClient>;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
}

async function withClients<T>({ dynamodb, messaging }: Engines, act: (clients: Clients) => Promise<T>): Promise<T> {
  const clients = {
    dynamodb: createDynamoClient(localClientConfig(dynamodb)),
    s3: new S3Client({ ...localClientConfig(messaging), forcePathStyle: true }),
    sqs: new SQSClient(localClientConfig(messaging)),
  };
  try {
    return await act(clients);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}
