/** The lifeboat of the local stack: a bucket on the embedded S3, reached by the real SDK client. */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3Lifeboat } from '../../functions/adapters/s3-lifeboat.ts';
import type { Lifeboat, Log } from '../../functions/core/ports.ts';
import { localClientConfig } from './aws-clients.ts';

export interface LocalLifeboat {
  readonly lifeboat: Lifeboat;
  close(): void;
}

const bucket = 'lifeboat';

/** Idempotent: what a kept folder holds already stays. */
export async function createLocalLifeboat(endpoint: string, log: Pick<Log, 'error'>): Promise<LocalLifeboat> {
  const client = new S3Client({ ...localClientConfig(endpoint), forcePathStyle: true });
  // Of a bucket that is there already, the engine says what AWS says in us-east-1: that it is yours.
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { lifeboat: createS3Lifeboat({ client, bucket, log }), close: () => client.destroy() };
}
