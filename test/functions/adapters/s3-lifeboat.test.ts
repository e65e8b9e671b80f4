import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startMessagingEngine } from '../../../dev/local/messaging-engine.ts';
import { lifeboatKey } from '../../../functions/adapters/lifeboat-key.ts';
import { maxBodyBytes } from '../../../functions/adapters/s3-body.ts';
import { createS3Client, createS3Lifeboat } from '../../../functions/adapters/s3-lifeboat.ts';
import { LifeboatUnavailableError, UnreadableItemError } from '../../../functions/core/errors.ts';
import { lifeboatContract } from '../../contract/lifeboat-contract.ts';
import { codeEntry, connectionA, refreshEntry } from '../../contract/lifeboat-entries.ts';
import { s3At } from '../../contract/s3-engine.ts';
import { engineClientConfig } from './messaging-engine.ts';
import { engineConfig, noEngine } from './played-aws.ts';

const entry = refreshEntry('attempt-1');
const code = codeEntry('attempt-1');
const key = lifeboatKey(entry);
const secretText = 'eyJhbGciOiJkaXIifQ.sealed-and-secret';

async function bucketWith(context: TestContext, objects: Readonly<Record<string, string>>) {
  const engine = await startMessagingEngine(undefined);
  context.after(() => engine.close());
  const client = new S3Client({ ...engineClientConfig(engine.url), forcePathStyle: true });
  context.after(() => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: 'boat' }));
  for (const [Key, Body] of Object.entries(objects)) {
    await client.send(new PutObjectCommand({ Bucket: 'boat', Key, Body }));
  }
  const told: unknown[] = [];
  const log = { error: (message: string, fields?: object) => void told.push([message, fields]) };
  return { lifeboat: createS3Lifeboat({ client, bucket: 'boat', log }), told, client };
}

if (noEngine === false) lifeboatContract('an engine', s3At(engineConfig().endpoint));
else it('the lifeboat contract on an engine', { skip: noEngine });

describe('an entry that cannot be read', () => {
  const damaged: readonly (readonly [string, string, RegExp])[] = [
    ['is not JSON', `{"version":1,"token":"${secretText}`, /has no version/],
    ['is no object', 'null', /has no version/],
    [
      'is of another version',
      JSON.stringify({ ...entry, version: 2, token: secretText }),
      /has version 2; .*version 1/,
    ],
    ['is of an unknown kind', JSON.stringify({ ...entry, kind: secretText }), /is damaged at kind/],
    [
      'lacks what a commit needs',
      JSON.stringify({ ...entry, made: { ...entry.made, accessToken: undefined, refreshToken: secretText } }),
      /is damaged at made\.accessToken/,
    ],
    [
      'names its ledger with what is no id',
      JSON.stringify({ ...code, authorization: { ...code.authorization, ledgerId: { secretText } } }),
      /is damaged at authorization\.ledgerId/,
    ],
    [
      'belongs under another key',
      JSON.stringify({ ...entry, attemptId: 'attempt-2' }),
      /holds an entry that belongs under another key/,
    ],
  ];

  for (const [what, text, message] of damaged) {
    it(`because it ${what} is named by its key, and none of its contents is quoted`, async (context) => {
      const { lifeboat } = await bucketWith(context, { [key]: text });
      await assert.rejects(lifeboat.ofConnection(connectionA), (error) => {
        assert.ok(error instanceof UnreadableItemError);
        assert.match(error.message, message);
        assert.ok(error.message.includes(key));
        assert.ok(!error.message.includes(secretText));
        assert.equal(error.cause, undefined);
        return true;
      });
    });
  }

  it('keeps a list from no other entry, and is told of', async (context) => {
    const other = refreshEntry('attempt-2');
    const { lifeboat, told } = await bucketWith(context, { [key]: '{}', [lifeboatKey(other)]: JSON.stringify(other) });
    assert.deepEqual(await lifeboat.list(10), { items: [other], unreadable: 1 });
    assert.equal(told.length, 1);
    assert.ok(JSON.stringify(told).includes(key));
  });
});

describe('an entry of a later release of this version', () => {
  it('keeps what this one does not know', async (context) => {
    const later = { ...entry, made: { ...entry.made, novelty: 1 }, novelty: { deep: true } };
    const { lifeboat } = await bucketWith(context, { [key]: JSON.stringify(later) });
    assert.deepEqual(await lifeboat.ofConnection(connectionA), [later]);
  });
});

describe('an S3 that does not do its part', () => {
  it('is named unavailable where the bucket is gone, with the reason as its cause', async (context) => {
    const { client } = await bucketWith(context, {});
    const lifeboat = createS3Lifeboat({ client, bucket: 'gone', log: { error: () => {} } });
    const calls = [
      () => lifeboat.put(entry),
      () => lifeboat.remove(entry),
      () => lifeboat.list(10),
      () => lifeboat.ofConnection(connectionA),
    ];
    for (const call of calls) {
      await assert.rejects(call(), (error) => {
        assert.ok(error instanceof LifeboatUnavailableError);
        assert.match(error.message, /S3 \w+.* failed with NoSuchBucket/);
        assert.ok((error.cause as Error).name === 'NoSuchBucket');
        assert.ok(!JSON.stringify(error.message).includes(entry.made.accessToken));
        return true;
      });
    }
  });

  it('is waited for in a bounded time where it never answers', async (context) => {
    const { lifeboat } = await served(context, () => {}, { writeTimeoutMs: 50, readTimeoutMs: 50 });
    for (const call of [() => lifeboat.put(entry), () => lifeboat.remove(entry), () => lifeboat.list(1)]) {
      await assert.rejects(call(), unavailable(/TimeoutError within 50 ms/));
    }
  });

  it('is waited for in a bounded time where an object’s body never ends', async (context) => {
    const { lifeboat } = await served(context, objectOf('{"version":1,', { ends: false }), { readTimeoutMs: 200 });
    await assert.rejects(lifeboat.ofConnection(connectionA), unavailable(/TimeoutError within 200 ms/));
  });

  it('is not read further where an object is longer than any entry', async (context) => {
    const { lifeboat } = await served(context, objectOf('x'.repeat(maxBodyBytes + 1), { ends: true }), {});
    await assert.rejects(lifeboat.ofConnection(connectionA), unavailable(/failed with RangeError/));
  });

  it('is asked twice, three seconds each at most', async (context) => {
    let requests = 0;
    const { url } = await serving(context, (_request, response) => {
      requests += 1;
      response.writeHead(503).end();
    });
    const ours = createS3Client();
    const client = new S3Client({
      ...engineClientConfig(url),
      forcePathStyle: true,
      maxAttempts: ours.config.maxAttempts,
      requestHandler: ours.config.requestHandler,
    });
    const lifeboat = createS3Lifeboat({ client, bucket: 'boat', log: { error: () => {} } });
    await assert.rejects(lifeboat.put(entry), LifeboatUnavailableError);
    assert.equal(requests, 2);
    // The handler reads its options at its first request.
    const handler = client.config.requestHandler as unknown as { httpHandlerConfigs(): Record<string, unknown> };
    const { requestTimeout, throwOnRequestTimeout } = handler.httpHandlerConfigs();
    assert.deepEqual([requestTimeout, throwOnRequestTimeout], [3000, true]);
    client.destroy();
  });
});

function unavailable(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof LifeboatUnavailableError, String(error));
    assert.match(error.message, message);
    return true;
  };
}

interface Timeouts {
  readonly writeTimeoutMs?: number;
  readonly readTimeoutMs?: number;
}

async function served(context: TestContext, answer: RequestListener, timeouts: Timeouts) {
  const { url } = await serving(context, answer);
  const client = new S3Client({ ...engineClientConfig(url), forcePathStyle: true, maxAttempts: 2 });
  context.after(() => client.destroy());
  return { lifeboat: createS3Lifeboat({ client, bucket: 'boat', log: { error: () => {} }, ...timeouts }) };
}

async function serving(context: TestContext, answer: RequestListener): Promise<{ url: string }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Lists one object, and sends `text` for it. */
function objectOf(text: string, { ends }: { ends: boolean }): RequestListener {
  return ({ url = '' }, response) => {
    if (url.includes('list-type=2')) {
      const list = `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>${key}</Key></Contents></ListBucketResult>`;
      response.writeHead(200, { 'content-type': 'application/xml' }).end(list);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    if (ends) response.end(text);
    else response.write(text);
  };
}
