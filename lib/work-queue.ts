/**
 * A queue of work with its dead letters, encrypted under the storage key, and its one consumer. What the two kinds are for,
 * and why they differ: `refresh-queue.ts`, `configuration-queue.ts`.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StorageKey } from './storage-key.ts';

export interface WorkQueueProps {
  readonly storageKey: StorageKey;
  /** Timeout of the worker; a message stays invisible for six times as long, as AWS advises. */
  readonly workerTimeout: Duration;
}

/** How a kind of work is handed out. */
export interface WorkShape {
  /** Of the consumer's event source mapping: a name of the template, not to be changed. */
  readonly mappingId: string;
  readonly retention: Duration;
  /** Of one batch at most. */
  readonly batchSize: number;
  /** Batches at once, at most. */
  readonly workersAtMost: number;
  /** A FIFO queue, and what it needs besides. @default standard */
  readonly fifo?: Pick<QueueProps, 'deduplicationScope' | 'fifoThroughputLimit'>;
}

/** Tries of one message before it is set aside. */
const maxReceiveCount = 3;

export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  private readonly storageKey: StorageKey;
  private readonly shape: WorkShape;

  constructor(scope: Construct, id: string, props: WorkQueueProps, shape: WorkShape) {
    super(scope, id);
    this.storageKey = props.storageKey;
    this.shape = shape;
    const both: QueueProps = {
      ...(shape.fifo && { fifo: true }),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.storageKey.key,
      enforceSSL: true,
      // What is queued can be had again from the table: nothing here is worth keeping.
      removalPolicy: RemovalPolicy.DESTROY,
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', { ...both, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Queue', {
      ...both,
      ...shape.fifo,
      visibilityTimeout: Duration.seconds(6 * props.workerTimeout.toSeconds()),
      retentionPeriod: shape.retention,
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
    worker.addEventSourceMapping(this.shape.mappingId, {
      eventSourceArn: this.queue.queueArn,
      batchSize: this.shape.batchSize,
      reportBatchItemFailures: true,
      maxConcurrency: this.shape.workersAtMost,
    });
  }
}
