/** What Lambda hands to a handler, with no more in it than the handlers read. */
import type { Context, SQSEvent } from 'aws-lambda';
import type { Clock } from '../../functions/core/ports.ts';

const functionMs = 60_000;

/** A batch of a queue's event source. */
export function batchOf(messages: readonly unknown[]): SQSEvent {
  const Records = messages.map((message, index) => ({ messageId: `m${index}`, body: JSON.stringify(message) }));
  return { Records } as unknown as SQSEvent;
}

/** A function that begins now, and has a minute. */
export function contextOf(clock: Pick<Clock, 'now'>): Context {
  const end = clock.now() + functionMs;
  return { awsRequestId: 'request', getRemainingTimeInMillis: () => end - clock.now() } as Context;
}
