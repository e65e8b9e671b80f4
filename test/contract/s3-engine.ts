/** Engines of S3 for the contract: each lifeboat gets a bucket of its own. */
import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { localClientConfig } from '../../dev/local/aws-clients.ts';
import { startMessagingEngine } from '../../dev/local/messaging-engine.ts';
import { createS3Lifeboat } from '../../functions/adapters/s3-lifeboat.ts';
import type { Log } from '../../functions/core/ports.ts';
import type { LifeboatEngine } from './lifeboat-contract.ts';

/** The local stack's own. */
export function fauxqsEngine(): LifeboatEngine {
  return bucketsOn(() => startMessagingEngine(undefined));
}

/** Any other, on loopback. */
export function s3At(url: string): LifeboatEngine {
  return bucketsOn(async () => ({ url, close: async () => {} }));
}

interface Engine {
  readonly url: string;
  close(): Promise<void>;
}

function bucketsOn(begin: () => Promise<Engine>): LifeboatEngine {
  let engine: Engine;
  let client: S3Client;
  const buckets: string[] = [];
  return {
    async start() {
      engine = await begin();
      client = new S3Client({ ...localClientConfig(engine.url), forcePathStyle: true });
    },
    async makeLifeboat() {
      const bucket = `lifeboat-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      buckets.push(bucket);
      return createS3Lifeboat({ client, bucket, log: noLog });
    },
    async stop() {
      for (const bucket of buckets) await emptied(client, bucket);
      client.destroy();
      await engine.close();
    },
  };
}

const noLog: Pick<Log, 'error'> = {
  error: (message) => {
    throw new Error(`nothing is to be said here, but it was: ${message}`);
  },
};

async function emptied(client: S3Client, Bucket: string): Promise<void> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
  await client.send(new DeleteBucketCommand({ Bucket }));
}
