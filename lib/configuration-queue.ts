/**
 * The queue of configuration steps to run. Standard, not FIFO: each message names the version of the integration that it
 * is for, so neither order nor a second delivery matters, and one slow integration holds up no other.
 *
 * A step that fails has its message fail: it is tried again when its invisibility ends, and set aside after three tries.
 * No token and no authorization hangs on it, and `PUT …/configuration` runs the step again at any time.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StorageKey } from './storage-key.ts';

export interface ConfigurationQueueProps {
  readonly storageKey: StorageKey;
  /** Timeout of the worker; a message stays invisible for six times as long, as AWS advises. */
  readonly workerTimeout: Duration;
}

/** Tries of one message before it is set aside. */
const maxReceiveCount = 3;

/** Their steps run at once, and the slowest decides when the worker is free again. */
const batchSize = 5;

/** At once: so many times `batchSize` is what the deployer's function meets at most. */
const workersAtMost = 5;

export class ConfigurationQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  private readonly storageKey: StorageKey;

  constructor(scope: Construct, id: string, props: ConfigurationQueueProps) {
    super(scope, id);
    this.storageKey = props.storageKey;
    const both: QueueProps = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.storageKey.key,
      enforceSSL: true,
      // The integrations in the table say which of them is not configured: nothing here is worth keeping.
      removalPolicy: RemovalPolicy.DESTROY,
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', { ...both, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Queue', {
      ...both,
      visibilityTimeout: Duration.seconds(6 * props.workerTimeout.toSeconds()),
      retentionPeriod: Duration.days(4),
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
    worker.addEventSourceMapping('ConfigurationQueue', {
      eventSourceArn: this.queue.queueArn,
      batchSize,
      reportBatchItemFailures: true,
      maxConcurrency: workersAtMost,
    });
  }
}
