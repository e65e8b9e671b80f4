/**
 * The event source of `refresh`: receives from the FIFO queue, invokes the handler with an SQS event, deletes what did
 * not fail. In AWS the Lambda service does this.
 */
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Log } from '../../functions/core/ports.ts';
import { localRegion } from './aws-clients.ts';

export interface RefreshPollerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** Invokes the `refresh` handler. */
  refresh(event: SQSEvent): Promise<unknown>;
  readonly log: Log;
}

export interface RefreshPoller {
  /** Works until the queue answers empty; at most 1000 batches. */
  drain(): Promise<void>;
  /** Long-polls until stopped. */
  start(): void;
  /** Resolves when the batch in hand has ended. */
  stop(): Promise<void>;
}

const maxBatchesPerDrain = 1_000;
const longPollSeconds = 20;
const pauseAfterFailureMs = 1_000;

export function createRefreshPoller(options: RefreshPollerOptions): RefreshPoller {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    drain: async () => {
      for (let batch = 0; batch < maxBatchesPerDrain; batch += 1) {
        if ((await workOneBatch(options, 0)) === 0) return;
      }
    },
    start: () => {
      running = poll(options, stopping.signal);
    },
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function poll(options: RefreshPollerOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await workOneBatch(options, longPollSeconds, signal);
    } catch (error) {
      if (signal.aborted) return;
      options.log.warn('The refresh queue could not be polled; trying again in a second', { error: String(error) });
      await pause(pauseAfterFailureMs, signal);
    }
  }
}

/** How many messages it received. */
async function workOneBatch(options: RefreshPollerOptions, waitSeconds: number, abortSignal?: AbortSignal) {
  const { client, queueUrl, log } = options;
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
    }),
    { abortSignal },
  );
  if (messages.length === 0) return 0;
  const failed = await invokeBatch(options, messages);
  if (failed.size > 0) log.error('Refresh messages failed; the queue brings them back', { failed: failed.size });
  const done = messages.filter(({ MessageId }) => !failed.has(MessageId ?? ''));
  if (done.length > 0) {
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }
  return messages.length;
}

/** Ids of the messages that failed: all of them where the handler threw, as Lambda has it. */
async function invokeBatch(options: RefreshPollerOptions, messages: readonly Message[]): Promise<Set<string>> {
  const records = messages.map((message) => sqsRecord(message, options.queueArn));
  try {
    const response = (await options.refresh({ Records: records })) as SQSBatchResponse | undefined;
    return new Set((response?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  } catch (error) {
    options.log.error('The refresh handler threw', { error: String(error) });
    return new Set(records.map(({ messageId }) => messageId));
  }
}

function sqsRecord(message: Message, queueArn: string): SQSRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: (message.Attributes ?? {}) as unknown as SQSRecord['attributes'],
    messageAttributes: {},
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: localRegion,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
