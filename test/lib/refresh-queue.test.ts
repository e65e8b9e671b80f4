import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateWith } from './synthesized.ts';
import { functionOf, onlyResource } from './template-reading.ts';

const template = templateWith();
const [queueId, queue] = onlyResource(template, 'AWS::SQS::Queue', 'RefreshQueueB');
const [deadLettersId, deadLetters] = onlyResource(template, 'AWS::SQS::Queue', 'RefreshQueueDeadLetters');
const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');
const [refreshId, refresh] = functionOf(template, 'refresh');

describe('the refresh queue', () => {
  it('is FIFO with limits by group, so that an org waits for itself only', () => {
    assert.equal(queue.Properties.FifoQueue, true);
    assert.equal(queue.Properties.FifoThroughputLimit, 'perMessageGroupId');
    assert.equal(queue.Properties.DeduplicationScope, 'messageGroup');
  });

  it('hides a message for six times its worker’s timeout of 60 s', () => {
    assert.equal(refresh.Properties.Timeout, 60);
    assert.equal(queue.Properties.VisibilityTimeout, 360);
  });

  it('sets a message aside after three tries, in a FIFO queue that keeps it for 14 days', () => {
    assert.deepEqual(queue.Properties.RedrivePolicy, {
      deadLetterTargetArn: { 'Fn::GetAtt': [deadLettersId, 'Arn'] },
      maxReceiveCount: 3,
    });
    assert.equal(deadLetters.Properties.FifoQueue, true);
    assert.equal(deadLetters.Properties.MessageRetentionPeriod, 14 * 24 * 60 * 60);
  });

  it('is encrypted with our key, and so is the other one', () => {
    for (const { Properties } of [queue, deadLetters]) {
      assert.deepEqual(Properties.KmsMasterKeyId, { 'Fn::GetAtt': [storageKeyId, 'Arn'] });
    }
  });

  it('refuses requests without TLS, and so does the other one', () => {
    for (const id of [queueId, deadLettersId]) {
      const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
      const policy = policies.find(({ Properties }) => Properties.Queues[0].Ref === id);
      const [statement] = policy?.Properties.PolicyDocument.Statement ?? [];
      assert.equal(statement.Effect, 'Deny');
      assert.deepEqual(statement.Condition, { Bool: { 'aws:SecureTransport': 'false' } });
    }
  });

  it('hands refresh up to ten messages, which fail one by one', () => {
    const [, mapping] = onlyResource(template, 'AWS::Lambda::EventSourceMapping', 'RefreshQueue');
    assert.deepEqual(mapping.Properties, {
      BatchSize: 10,
      EventSourceArn: { 'Fn::GetAtt': [queueId, 'Arn'] },
      FunctionName: { Ref: refreshId },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 20 },
    });
  });
});
