/**
 * The Lifeboat port on S3: one object for each entry, put whole under a key of its own and never changed.
 *
 * Keys are `c/<connection>/<attempt>`, so nothing rests on conditional puts or versions, putting twice is putting once,
 * and what lies there for a connection is one list by prefix. Lists and reads are strongly consistent.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { UnreadableItemError } from '../core/errors.ts';
import type { LifeboatEntry } from '../core/lifeboat.ts';
import type { Lifeboat, Log } from '../core/ports.ts';
import { boundedClient } from './bounded-client.ts';
import { boundedCall } from './lifeboat-call.ts';
import { cursorAfter, keyAfter, lifeboatKey, lifeboatPrefix, prefixOf } from './lifeboat-key.ts';
import { checkLifeboatLimit, maxOfConnection } from './lifeboat-limits.ts';
import { type LifeboatText, readEntry } from './lifeboat-text.ts';
import { boundedText } from './s3-body.ts';

export interface S3LifeboatOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Told of entries that a list leaves out because they cannot be read. */
  readonly log: Pick<Log, 'error'>;
  /** Of a put or a removal, all tries together. @default 7000 */
  readonly writeTimeoutMs?: number;
  /** Of a list with all that it reads. @default 15000 */
  readonly readTimeoutMs?: number;
}

const readsAtOnce = 8;

export function createS3Lifeboat(options: S3LifeboatOptions): Lifeboat {
  const { client, bucket: Bucket, log, writeTimeoutMs = 7000, readTimeoutMs = 15_000 } = options;

  const keysUnder = async (request: { prefix: string; after?: string; limit: number }, abortSignal: AbortSignal) => {
    const { prefix: Prefix, after: StartAfter, limit: MaxKeys } = request;
    const list = new ListObjectsV2Command({ Bucket, Prefix, StartAfter, MaxKeys });
    const { Contents = [], IsTruncated = false } = await client.send(list, { abortSignal });
    return { keys: Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key])), more: IsTruncated };
  };

  /** `undefined`: removed since it was listed. */
  const textOf = async (key: string, abortSignal: AbortSignal): Promise<LifeboatText | undefined> => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }), { abortSignal });
      return { key, text: await boundedText(Body, abortSignal) };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  };

  const textsOf = async (keys: readonly string[], signal: AbortSignal): Promise<LifeboatText[]> => {
    const texts: LifeboatText[] = [];
    for (let start = 0; start < keys.length; start += readsAtOnce) {
      const some = keys.slice(start, start + readsAtOnce).map((key) => textOf(key, signal));
      texts.push(...(await Promise.all(some)).filter((text) => text !== undefined));
    }
    return texts;
  };

  return {
    put: (entry) =>
      boundedCall('PutObject', writeTimeoutMs, async (abortSignal) => {
        const Body = JSON.stringify(entry);
        const put = { Bucket, Key: lifeboatKey(entry), Body, ContentType: 'application/json' };
        await client.send(new PutObjectCommand(put), { abortSignal });
      }),

    async ofConnection(connectionId) {
      const texts = await boundedCall('ListObjectsV2 or GetObject', readTimeoutMs, async (signal) => {
        const { keys } = await keysUnder({ prefix: prefixOf(connectionId), limit: maxOfConnection }, signal);
        return textsOf(keys, signal);
      });
      return texts.map(readEntry);
    },

    async list(limit, cursor) {
      checkLifeboatLimit(limit);
      const after = cursor === undefined ? undefined : keyAfter(cursor);
      const found = await boundedCall('ListObjectsV2 or GetObject', readTimeoutMs, async (signal) => {
        const { keys, more } = await keysUnder({ prefix: lifeboatPrefix, after, limit }, signal);
        return { texts: await textsOf(keys, signal), last: more ? keys.at(-1) : undefined };
      });
      const items = found.texts.flatMap((text) => readableOrTold(text, log));
      const unreadable = found.texts.length - items.length;
      return {
        items,
        ...(unreadable === 0 ? {} : { unreadable }),
        ...(found.last === undefined ? {} : { cursor: cursorAfter(found.last) }),
      };
    },

    remove: (entry) =>
      boundedCall('DeleteObject', writeTimeoutMs, async (abortSignal) => {
        await client.send(new DeleteObjectCommand({ Bucket, Key: lifeboatKey(entry) }), { abortSignal });
      }),
  };
}

/** Two tries of three seconds: what a refresh's last seconds have room for. */
export function createS3Client(): S3Client {
  return new S3Client(boundedClient({ requestTimeoutMs: 3000, maxAttempts: 2 }));
}

/** One entry that cannot be read must not keep `maintain` from all others. */
function readableOrTold(text: LifeboatText, log: Pick<Log, 'error'>): LifeboatEntry[] {
  try {
    return [readEntry(text)];
  } catch (error) {
    if (!(error instanceof UnreadableItemError)) throw error;
    log.error('An entry of the lifeboat cannot be read; it stays there.', { key: text.key, error });
    return [];
  }
}
