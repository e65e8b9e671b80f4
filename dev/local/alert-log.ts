/**
 * The alerts so far, as a subscriber of the topic gets them: SNS to SQS, received, kept, then deleted from the queue.
 *
 * Delivery is at least once; a message that comes twice (the same SQS id) is kept once.
 */
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Alert } from '../../functions/core/alert.ts';
import type { AlertTopic, Log } from '../../functions/core/ports.ts';
import { appendDurably, readIfThere } from './durable-file.ts';

export interface AlertLog {
  /** The newest 10,000, oldest first. */
  all(): readonly Alert[];
  /** Takes in what the queue holds. */
  collect(): Promise<void>;
}

const keptAlerts = 10_000;
const maxBatchesPerCollect = 100;

interface Entry {
  readonly messageId: string;
  readonly alert: Alert;
}

/** @param file keeps them across restarts; absent: in memory */
export function createAlertLog(client: SQSClient, queueUrl: string, file: string | undefined, log: Log): AlertLog {
  const entries = file === undefined ? [] : readEntries(file);
  const seen = new Set(entries.map(({ messageId }) => messageId));
  let last: Promise<void> = Promise.resolve();

  const keep = (entry: Entry) => {
    if (seen.has(entry.messageId)) return;
    if (file !== undefined) appendDurably(file, `${JSON.stringify(entry)}\n`);
    seen.add(entry.messageId);
    entries.push(entry);
    for (const { messageId } of entries.splice(0, entries.length - keptAlerts)) seen.delete(messageId);
  };

  const collect = async () => {
    for (let batch = 0; batch < maxBatchesPerCollect; batch += 1) {
      const { Messages: messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
      );
      if (messages.length === 0) return;
      for (const { MessageId: messageId = '', Body: body = '', ReceiptHandle: receipt } of messages) {
        const alert = alertOf(body);
        if (alert === undefined) log.warn('A message of the alerts topic is not JSON: left out', { messageId });
        else keep({ messageId, alert });
        await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receipt }));
      }
    }
  };
  return {
    all: () => entries.map(({ alert }) => alert),
    // One after the other, so that whoever waits for its own collection sees all that was published before.
    collect: () => {
      last = last.catch(() => {}).then(collect);
      return last;
    },
  };
}

/** Publishes as it is told, and then has the subscriber look. */
export function collectAfterPublish(topic: AlertTopic, alertLog: AlertLog, log: Log): AlertTopic {
  return {
    publish: async (alert) => {
      await topic.publish(alert);
      await alertLog.collect().catch((error: unknown) => {
        log.warn('An alert was published, and is not in the console yet', { error: String(error) });
      });
    },
  };
}

/** `fauxqs` does not know `MessageStructure`: it hands on the texts of all protocols, where SNS picks the default. */
function alertOf(body: string): Alert | undefined {
  const message = parsed<Alert | { readonly default: string }>(body);
  return message !== undefined && 'default' in message ? parsed<Alert>(message.default) : message;
}

function readEntries(file: string): Entry[] {
  return (readIfThere(file) ?? '')
    .split('\n')
    .map((line) => parsed<Entry>(line))
    .filter((entry) => entry !== undefined)
    .slice(-keptAlerts);
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
