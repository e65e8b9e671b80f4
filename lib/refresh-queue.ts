/**
 * The queue of due refreshes. FIFO with the org as group, so that an org is never stampeded; a group of its own limits
 * throughput for no other.
 *
 * A refresh's outcome never fails its message, so only messages that the worker could not even read or begin end in the
 * dead-letter queue, which is alarmed on (`dead-letter-alarm.ts`). A late message does nothing: the due index has
 * brought its connection back long before, so messages are kept for a day only.
 */
import { Duration } from 'aws-cdk-lib';
import { DeduplicationScope, FifoThroughputLimit } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { WorkQueue, type WorkQueueProps, type WorkShape } from './work-queue.ts';

/** At once. Times the gate of each (`functions/flows/host-gate.ts`), the fleet's cap on calls to one login host. */
export const workersAtMost = 20;

const shape: WorkShape = {
  mappingId: 'RefreshQueue',
  retention: Duration.days(1),
  batchSize: 10,
  workersAtMost,
  fifo: {
    deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
  },
};

export class RefreshQueue extends WorkQueue {
  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id, props, shape);
  }
}
