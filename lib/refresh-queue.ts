/**
 * The queue of due refreshes. FIFO with the org as group, so that an org is never stampeded; a group of its own limits
 * throughput for no other.
 *
 * A refresh's outcome never fails its message, so only messages that the worker could not even read or begin end in the
 * dead-letter queue, which is alarmed on (`dead-letter-alarm.ts`). A late message does nothing: the due index has
 * brought its connection back long before, so messages are kept for a day only.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StorageKey } from './storage-key.ts';

export interface RefreshQueueProps {
  readonly storageKey: StorageKey;
  /** Timeout of the worker; a message stays invisible for six times as long, as AWS advises. */
  readonly workerTimeout: Duration;
}

/** Tries of one message before it is set aside. */
const maxReceiveCount = 3;

/** At once. Times the gate of each (`functions/flows/host-gate.ts`), the fleet's cap on calls to one login host. */
export const workersAtMost = 20;

export class RefreshQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  private readonly storageKey: StorageKey;

  constructor(scope: Construct, id: string, props: RefreshQueueProps) {
    super(scope, id);
    this.storageKey = props.storageKey;
    const both: QueueProps = {
      fifo: true,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.storageKey.key,
      enforceSSL: true,
      // What is queued can be had again from the table: nothing here is worth keeping.
      removalPolicy: RemovalPolicy.DESTROY,
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', { ...both, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Queue', {
      ...both,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      visibilityTimeout: Duration.seconds(6 * props.workerTimeout.toSeconds()),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount },
    });
  }

  allowSending(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }),
    );
    this.storageKey.allowSending(grantee, 'sqs');
  }

  /** Makes `worker` the queue's consumer, in batches that fail message by message. */
  consumeWith(worker: IFunction): void {
    // The library's event source would let the worker decrypt with the key whatever it likes.
    worker.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [this.queue.queueArn],
      }),
    );
    this.storageKey.allowReading(worker, 'sqs');
    worker.addEventSourceMapping('RefreshQueue', {
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: workersAtMost,
    });
  }
}
