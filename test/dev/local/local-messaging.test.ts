import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { createLocalMessaging } from '../../../dev/local/local-messaging.ts';
import { startMessagingEngine } from '../../../dev/local/messaging-engine.ts';

describe('the queues and the topic of the local stack', () => {
  it('are made anew as they should be where a folder kept them otherwise', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'messages-'));
    try {
      const wanted = await visibilityTimeout(folder);
      assert.equal(await visibilityTimeout(folder, '17'), '17');
      assert.equal(await visibilityTimeout(folder), wanted);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Of the refresh queue after a start on `folder`, or after setting it to `change`. */
async function visibilityTimeout(folder: string, change?: string): Promise<string | undefined> {
  const engine = await startMessagingEngine(folder);
  try {
    const { sqs, refreshes, close } = await createLocalMessaging(engine.url);
    const QueueUrl = refreshes.url;
    if (change !== undefined) {
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: change } }));
    }
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    close();
    return Attributes?.VisibilityTimeout;
  } finally {
    await engine.close();
  }
}
