import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateWith } from './synthesized.ts';
import { functionOf, onlyResource, resourcesOf } from './template-reading.ts';

const template = templateWith();
const [deadLettersId, deadLetters] = onlyResource(template, 'AWS::SQS::Queue', 'ConfigurationQueueDeadLetters');
const [queueId, queue] =
  resourcesOf(template, 'AWS::SQS::Queue').find(
    ([id]) => id.includes('ConfigurationQueue') && !id.includes('DeadLetters'),
  ) ?? assert.fail('there is no configuration queue');
const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');
const [configureId, configure] = functionOf(template, 'configure');

describe('the configuration queue', () => {
  it('is a standard queue, where one slow integration holds up no other', () => {
    assert.equal(queue.Properties.FifoQueue, undefined);
    assert.equal(deadLetters.Properties.FifoQueue, undefined);
  });

  it('hides a message for six times its worker’s timeout of 5 minutes', () => {
    assert.equal(configure.Properties.Timeout, 300);
    assert.equal(queue.Properties.VisibilityTimeout, 1800);
  });

  it('sets a message aside after three tries, in a queue that keeps it for 14 days', () => {
    assert.deepEqual(queue.Properties.RedrivePolicy, {
      deadLetterTargetArn: { 'Fn::GetAtt': [deadLettersId, 'Arn'] },
      maxReceiveCount: 3,
    });
    assert.equal(deadLetters.Properties.MessageRetentionPeriod, 14 * 24 * 60 * 60);
  });

  it('keeps a message longer than its three tries last', () => {
    assert.ok(queue.Properties.MessageRetentionPeriod > 3 * queue.Properties.VisibilityTimeout);
  });

  it('is encrypted with our key and refuses requests without TLS, and so does the other one', () => {
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    for (const [id, { Properties }] of [
      [queueId, queue],
      [deadLettersId, deadLetters],
    ] as const) {
      assert.deepEqual(Properties.KmsMasterKeyId, { 'Fn::GetAtt': [storageKeyId, 'Arn'] });
      const policy = policies.find((one) => one.Properties.Queues[0].Ref === id);
      const [statement] = policy?.Properties.PolicyDocument.Statement ?? [];
      assert.equal(statement.Effect, 'Deny');
      assert.deepEqual(statement.Condition, { Bool: { 'aws:SecureTransport': 'false' } });
    }
  });

  it('hands configure up to five messages, which fail one by one', () => {
    const [, mapping] = onlyResource(template, 'AWS::Lambda::EventSourceMapping', 'ConfigurationQueue');
    assert.deepEqual(mapping.Properties, {
      BatchSize: 5,
      EventSourceArn: { 'Fn::GetAtt': [queueId, 'Arn'] },
      FunctionName: { Ref: configureId },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
  });
});
