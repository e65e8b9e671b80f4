import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateWith } from './synthesized.ts';
import { onlyResource } from './template-reading.ts';

const template = templateWith();
const [topicId, topic] = onlyResource(template, 'AWS::SNS::Topic');
const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');
const [, policy] = onlyResource(template, 'AWS::SNS::TopicPolicy');
const statements: { Effect: string; Principal: unknown; Condition: unknown; Action: unknown }[] =
  policy.Properties.PolicyDocument.Statement;

describe('the topic of alerts', () => {
  it('is encrypted with our key', () => {
    assert.deepEqual(topic.Properties.KmsMasterKeyId, { 'Fn::GetAtt': [storageKeyId, 'Arn'] });
  });

  it('refuses to publish without TLS', () => {
    const denied = statements.find(({ Effect }) => Effect === 'Deny');
    assert.deepEqual(denied?.Condition, { Bool: { 'aws:SecureTransport': 'false' } });
    assert.equal(denied?.Action, 'sns:Publish');
  });

  it('takes alarms of this account, and no other service’s messages', () => {
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    assert.deepEqual(allowed, [
      {
        Sid: 'AlarmsOfThisAccount',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: topicId },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });
});
