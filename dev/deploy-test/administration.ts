/**
 * What an operator does beside the HTTP API: sets the client secret, looks into the table, the queues and the keys, makes
 * a connection due.
 */
import { Agent } from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeSecretCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { connectionKey, type ItemKey } from '../../functions/adapters/dynamodb/keys.ts';
import { administrator, emulatedRegion } from './aws-environment.ts';

export interface AdministrationOptions {
  readonly endpoint: string;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
  readonly tableName: string;
}

export type Row = Readonly<Record<string, unknown>>;

export interface MessageCounts {
  readonly waiting: number;
  /** Received and not deleted: being worked on, or failed and to come back. */
  readonly held: number;
}

export interface Administration {
  putSecret(secretId: string, value: string): Promise<void>;
  /** Of all of Secrets Manager. */
  secretNames(): Promise<string[]>;
  /** Whole, with its end. */
  secretArn(name: string): Promise<string>;
  /** `Enabled`, `PendingDeletion`, … Throws where there is none. */
  stateOfKey(arn: string): Promise<string>;
  /** Throws where there is no such bucket, or something lies in it. */
  emptyBucket(name: string): Promise<void>;
  /** SubjectPublicKeyInfo, DER, of a key of KMS. */
  publicKeyOf(alias: string): Promise<Uint8Array>;
  /** Every item of the table. */
  allItems(): Promise<Row[]>;
  /** Throws where there is none. */
  item(key: ItemKey): Promise<Row>;
  /** Moves the connection's next refresh to the past, where the due index finds it. */
  makeDue(connectionId: string): Promise<void>;
  /** Of the queue with this in its name; a dead-letter queue is none. */
  messagesIn(queue: string): Promise<MessageCounts>;
  close(): void;
}

const pagesAtMost = 100;

export function administrationOf({ endpoint, certificate, tableName }: AdministrationOptions): Administration {
  const config = {
    endpoint,
    region: emulatedRegion,
    credentials: administrator,
    requestHandler: { httpsAgent: new Agent({ ca: certificate }), requestTimeout: 30_000, throwOnRequestTimeout: true },
  };
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(config));
  const secrets = new SecretsManagerClient(config);
  const queues = new SQSClient(config);
  const keys = new KMSClient(config);
  const buckets = new S3Client({ ...config, forcePathStyle: true });
  return {
    async putSecret(SecretId, SecretString) {
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
    },
    async secretNames() {
      const { SecretList = [], NextToken } = await secrets.send(new ListSecretsCommand({ MaxResults: 100 }));
      if (NextToken !== undefined) throw new Error('Secrets Manager has more than 100 secrets.');
      return SecretList.map(({ Name }) => String(Name));
    },
    async secretArn(SecretId) {
      const { ARN } = await secrets.send(new DescribeSecretCommand({ SecretId }));
      return String(ARN);
    },
    async stateOfKey(KeyId) {
      const { KeyMetadata } = await keys.send(new DescribeKeyCommand({ KeyId }));
      return String(KeyMetadata?.KeyState);
    },
    async emptyBucket(Bucket) {
      const { KeyCount } = await buckets.send(new ListObjectsV2Command({ Bucket }));
      if (KeyCount !== 0) throw new Error(`${KeyCount} objects lie in the bucket ${Bucket}.`);
    },
    async publicKeyOf(KeyId) {
      const { PublicKey } = await keys.send(new GetPublicKeyCommand({ KeyId }));
      if (PublicKey === undefined) throw new Error(`KMS answered without the public key of ${KeyId}.`);
      return PublicKey;
    },
    async allItems() {
      const items: Row[] = [];
      let from: Record<string, unknown> | undefined;
      for (let pages = 0; pages < pagesAtMost; pages += 1) {
        const page = await table.send(new ScanCommand({ TableName: tableName, ExclusiveStartKey: from }));
        items.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
        if (from === undefined) return items;
      }
      throw new Error(`The table has more than ${pagesAtMost} pages.`);
    },
    async item(key) {
      const { Item } = await table.send(
        new GetCommand({ TableName: tableName, Key: { ...key }, ConsistentRead: true }),
      );
      if (Item === undefined) throw new Error(`The table has no item ${key.pk}/${key.sk}.`);
      return Item;
    },
    async makeDue(connectionId) {
      await table.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { ...connectionKey(connectionId) },
          UpdateExpression: 'SET nextRefreshAt = :past',
          ConditionExpression: 'attribute_exists(dueShard)',
          ExpressionAttributeValues: { ':past': Date.now() - 60_000 },
        }),
      );
    },
    async messagesIn(queue) {
      const { QueueUrls = [] } = await queues.send(new ListQueuesCommand({}));
      const [QueueUrl, ...others] = QueueUrls.filter((url) => url.includes(queue) && !url.includes('DeadLetters'));
      if (QueueUrl === undefined || others.length > 0) throw new Error(`Not one queue is a ${queue}: ${QueueUrls}.`);
      const { Attributes = {} } = await queues.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: held } = Attributes;
      return { waiting: Number(waiting), held: Number(held) };
    },
    close: () => {
      keys.destroy();
      buckets.destroy();
      queues.destroy();
      table.destroy();
      secrets.destroy();
    },
  };
}
