/**
 * The stack of queue workers: every message of a batch is started at once, each fails alone (partial batch failures),
 * and the handler returns only when all have ended: whoever finds an expired lease may rely on its owner being gone.
 *
 * Powertools' processor for FIFO queues runs one message after the other and gives back all that follow a failed one,
 * to keep their order. We use the parallel one on purpose: our messages have no order (each names the generation it
 * is for, and the store's fence decides), and a failed message must not hold up the others of its group.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Log } from '../core/ports.ts';
import { type Invocation, invocationAccount, invocationOf } from './invocation.ts';
import { middyPlugin } from './middy-plugin.ts';
import type { RuntimeMetrics } from './observability.ts';
import { redact } from './redaction.ts';

export interface QueueHandlerOptions<Message> {
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Judges a body's JSON; throws where it is no message that this release reads: that record goes to the DLQ. */
  readonly parse: (body: unknown) => Message;
  /** Outcomes are its results; it throws for the unexpected only. */
  readonly run: (message: Message, invocation: Invocation) => Promise<unknown>;
  /**
   * What an exception of `run` does to its message. `acknowledge`: logged and gone, for the due index brings the work
   * back, and a message that fails would block its org's group. `retry`: given back to the queue, at last to the DLQ.
   */
  readonly onThrow: 'acknowledge' | 'retry';
}

export type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

export function createQueueHandler<Message>(options: QueueHandlerOptions<Message>): QueueHandler {
  const { log, metrics } = options;
  return middy<SQSEvent, SQSBatchResponse>(middyPlugin)
    .use(invocationAccount(log, metrics))
    .handler(async (event: SQSEvent, context: Context) =>
      processPartialResponse(
        event,
        (record: SQSRecord) => handleRecord(record, options, invocationOf(context)),
        // One for each batch: it keeps the failures of the batch that it works on.
        new BatchProcessor(EventType.SQS),
        { processInParallel: true, throwOnFullBatchFailure: false },
      ),
    );
}

async function handleRecord<Message>(
  record: SQSRecord,
  { log, metrics, parse, run, onThrow }: QueueHandlerOptions<Message>,
  invocation: Invocation,
): Promise<void> {
  let message: Message;
  try {
    message = parse(JSON.parse(record.body));
  } catch (error) {
    metrics.add('UnreadableMessages', 1);
    log.error('A message cannot be read; it goes to the dead-letter queue', fieldsOf(record, error));
    throw error;
  }
  try {
    await run(message, invocation);
  } catch (error) {
    metrics.add('MessageFailures', 1);
    log.error(`A message failed; ${onThrow === 'retry' ? 'it is tried again' : 'the due index brings it back'}`, {
      ...fieldsOf(record, error),
    });
    if (onThrow === 'retry') throw error;
  }
}

/** Never the body: the next kind of message may hold what a log must not. */
function fieldsOf({ messageId, attributes }: SQSRecord, error: unknown): Record<string, unknown> {
  return {
    message_id: messageId,
    receive_count: Number(attributes?.ApproximateReceiveCount ?? 1),
    error: error instanceof SyntaxError ? 'the body is not JSON' : redact(error),
  };
}
