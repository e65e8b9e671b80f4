/**
 * The RefreshQueue port on an SQS FIFO queue. Message group: the org, so that an org is never stampeded,
 * or a part of it where very many of its users are due.
 * Deduplication: connection, generation and due time, so that a tick that runs twice queues once.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
import { createHash } from 'node:crypto';
import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GrantkeeperError } from '../core/errors.ts';
import type { Clock, QueuedRefresh, RefreshQueue } from '../core/ports.ts';
import { boundedClient } from './bounded-client.ts';

/** Some requests were not queued after bounded tries; the due index brings them back at the next tick. */
export class RefreshQueueError extends GrantkeeperError {
  readonly code = 'refresh_queue_unavailable';
}

export interface SqsRefreshQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly clock: Pick<Clock, 'wait'>;
}

/** SQS takes ten at a time. */
const batchSize = 10;
const maxTries = 3;
const firstPauseMs = 100;

export function createSqsRefreshQueue(options: SqsRefreshQueueOptions): RefreshQueue {
  return {
    async send(requests) {
      for (let start = 0; start < requests.length; start += batchSize) {
        await sendBatch(options, requests.slice(start, start + batchSize).map(entryOf));
      }
    },
  };
}

export function createSqsClient(): SQSClient {
  return new SQSClient(boundedClient({ requestTimeoutMs: 5000, maxAttempts: 3 }));
}

async function sendBatch(options: SqsRefreshQueueOptions, entries: SendMessageBatchRequestEntry[]): Promise<void> {
  let rest = entries;
  for (let tries = 1; ; tries += 1) {
    const { Failed = [] } = await options.client.send(
      new SendMessageBatchCommand({ QueueUrl: options.queueUrl, Entries: rest }),
    );
    if (Failed.length === 0) return;
    if (tries === maxTries || Failed.some(({ SenderFault }) => SenderFault)) throw notQueued(Failed, tries);
    const failedIds = new Set(Failed.map(({ Id }) => Id));
    rest = rest.filter(({ Id }) => failedIds.has(Id));
    await options.clock.wait(firstPauseMs * 2 ** (tries - 1));
  }
}

function entryOf(
  { request, orgId, nextRefreshAt, group = orgId }: QueuedRefresh,
  index: number,
): SendMessageBatchRequestEntry {
  return {
    Id: String(index),
    MessageBody: JSON.stringify(request),
    MessageGroupId: group,
    MessageDeduplicationId: createHash('sha256')
      .update(
        JSON.stringify([request.connectionId, request.generation.grantId, request.generation.refreshes, nextRefreshAt]),
      )
      .digest('hex'),
  };
}

function notQueued(failed: readonly BatchResultErrorEntry[], tries: number): RefreshQueueError {
  const codes = [...new Set(failed.map(({ Code }) => Code))].join(', ');
  return new RefreshQueueError(
    `${failed.length} refresh requests were not queued in ${tries} of at most ${maxTries} tries (${codes}).`,
  );
}
