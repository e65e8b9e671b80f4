/**
 * The queue of configuration steps to run. Standard, not FIFO: each message names the version of the integration that it
 * is for, so neither order nor a second delivery matters, and one slow integration holds up no other.
 *
 * A step that fails has its message fail: it is tried again when its invisibility ends, and set aside after three tries.
 * No token and no authorization hangs on it, and `PUT …/configuration` runs the step again at any time.
 */
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { WorkQueue, type WorkQueueProps, type WorkShape } from './work-queue.ts';

const shape: WorkShape = {
  mappingId: 'ConfigurationQueue',
  retention: Duration.days(4),
  // Their steps run at once, and the slowest decides when the worker is free again.
  batchSize: 5,
  // So many times `batchSize` is what the deployer's function meets at once, at most.
  workersAtMost: 5,
};

export class ConfigurationQueue extends WorkQueue {
  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id, props, shape);
  }
}
