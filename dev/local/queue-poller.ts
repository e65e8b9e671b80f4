/**
 * The event source of a queue worker: receives from its queue, invokes the handler with an SQS event, deletes what did not
 * fail. In AWS the Lambda service does this.
 */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Log } from '../../functions/core/ports.ts';
import { localRegion } from './aws-clients.ts';
import type { Queue } from './local-messaging.ts';

export interface QueuePollerOptions {
  /** Of the function, for the log. */
  readonly name: string;
  readonly client: SQSClient;
  readonly queue: Queue;
  /** Invokes the handler. */
  invoke(event: SQSEvent): Promise<unknown>;
  readonly log: Log;
  /**
   * When a message that failed may be received again: `timeout`, as the queue's visibility timeout has it; `soon`, after a
   * few seconds where the poller runs by itself, and at the next `drain` otherwise, so that nobody waits in real time.
   */
  readonly failed: 'timeout' | 'soon';
}

export interface QueuePoller {
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
const soonSeconds = 5;

export function createQueuePoller(options: QueuePollerOptions): QueuePoller {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    drain: () => drain(options),
    start: () => {
      running = poll(options, stopping.signal);
    },
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function drain(options: QueuePollerOptions): Promise<void> {
  const failed: Message[] = [];
  try {
    for (let batch = 0; batch < maxBatchesPerDrain; batch += 1) {
      const worked = await workOneBatch(options, 0);
      failed.push(...worked.failed);
      if (worked.received === 0) return;
    }
  } finally {
    // Only now: within this drain it would be received again at once, and set aside after as many tries.
    await release(options, failed, 0);
  }
}

async function poll(options: QueuePollerOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { failed } = await workOneBatch(options, longPollSeconds, signal);
      await release(options, failed, soonSeconds);
    } catch (error) {
      if (signal.aborted) return;
      options.log.warn(`The queue of ${options.name} could not be polled; trying again in a second`, {
        error: String(error),
      });
      await pause(pauseAfterFailureMs, signal);
    }
  }
}

interface Worked {
  readonly received: number;
  readonly failed: readonly Message[];
}

async function workOneBatch(
  options: QueuePollerOptions,
  waitSeconds: number,
  abortSignal?: AbortSignal,
): Promise<Worked> {
  const { client, queue, log } = options;
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
    }),
    { abortSignal },
  );
  if (messages.length === 0) return { received: 0, failed: [] };
  const ids = await invokeBatch(options, messages);
  if (ids.size > 0) log.error(`Messages of ${options.name} failed; the queue brings them back`, { failed: ids.size });
  const done = messages.filter(({ MessageId }) => !ids.has(MessageId ?? ''));
  if (done.length > 0) {
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queue.url,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }
  return { received: messages.length, failed: messages.filter(({ MessageId }) => ids.has(MessageId ?? '')) };
}

/** Ids of the messages that failed: all of them where the handler threw, as Lambda has it. */
async function invokeBatch(options: QueuePollerOptions, messages: readonly Message[]): Promise<Set<string>> {
  const records = messages.map((message) => sqsRecord(message, options.queue.arn));
  try {
    const response = (await options.invoke({ Records: records })) as SQSBatchResponse | undefined;
    return new Set((response?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  } catch (error) {
    options.log.error(`The handler of ${options.name} threw`, { error: String(error) });
    return new Set(records.map(({ messageId }) => messageId));
  }
}

/** SQS takes ten at a time. */
const batchSize = 10;

async function release(
  { failed: mode, client, queue, log, name }: QueuePollerOptions,
  messages: readonly Message[],
  seconds: number,
): Promise<void> {
  if (mode === 'timeout') return;
  for (let start = 0; start < messages.length; start += batchSize) {
    const Entries = messages.slice(start, start + batchSize).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: seconds,
    }));
    try {
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.url, Entries }));
    } catch (error) {
      log.warn(`Failed messages of ${name} come back by the timeout only`, { error: String(error) });
    }
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
