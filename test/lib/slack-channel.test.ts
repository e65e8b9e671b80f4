import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateWith } from './synthesized.ts';
import {
  allowing,
  functionOf,
  mentions,
  onlyResource,
  resourcesOf,
  statementsOf,
  statementsOfRole,
} from './template-reading.ts';

const template = templateWith({ alerts: { slack: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' } } });
const [chatTopicId, chatTopic] = onlyResource(template, 'AWS::SNS::Topic', 'ChatTopic');
const [alertTopicId] = resourcesOf(template, 'AWS::SNS::Topic').find(([id]) => id !== chatTopicId)!;
const [, channel] = onlyResource(template, 'AWS::Chatbot::SlackChannelConfiguration');

describe('the Slack channel', () => {
  it('shows the messages of a topic of its own, for its service reads another schema', () => {
    assert.deepEqual(channel.Properties.SnsTopicArns, [{ Ref: chatTopicId }]);
    assert.deepEqual(
      [channel.Properties.SlackWorkspaceId, channel.Properties.SlackChannelId],
      ['T0123ABCD', 'C0123ABCD'],
    );
  });

  it('may do nothing, and its guardrail lets nobody do more than look', () => {
    const roleId = channel.Properties.IamRoleArn['Fn::GetAtt'][0];
    assert.deepEqual(statementsOfRole(template, roleId), []);
    const role = template.toJSON().Resources[roleId].Properties;
    assert.equal(role.ManagedPolicyArns, undefined);
    assert.equal(role.AssumeRolePolicyDocument.Statement[0].Principal.Service, 'chatbot.amazonaws.com');
    assert.match(JSON.stringify(channel.Properties.GuardrailPolicies), /^\[[^,]*.*CloudWatchReadOnlyAccess/);
    assert.equal(channel.Properties.GuardrailPolicies.length, 1);
  });

  it('has a topic as well kept as that of alerts: encrypted, TLS only', () => {
    const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');
    assert.deepEqual(chatTopic.Properties.KmsMasterKeyId, { 'Fn::GetAtt': [storageKeyId, 'Arn'] });
    const [, policy] = onlyResource(template, 'AWS::SNS::TopicPolicy', 'ChatTopic');
    const denied = policy.Properties.PolicyDocument.Statement.find(
      ({ Effect }: { Effect: string }) => Effect === 'Deny',
    );
    assert.deepEqual(denied.Condition, { Bool: { 'aws:SecureTransport': 'false' } });
  });

  it('is published to by those who publish alerts, and by nobody else', () => {
    for (const name of ['refresh', 'maintain'] as const) {
      const [, { Properties }] = functionOf(template, name);
      assert.deepEqual(Properties.Environment.Variables.CHAT_TOPIC_ARN, { Ref: chatTopicId });
      const resources = allowing(statementsOf(template, name), 'sns:Publish').flatMap(({ Resource }) => Resource);
      assert.deepEqual(new Set(resources), new Set([{ Ref: alertTopicId }, { Ref: chatTopicId }]));
    }
    const token = functionOf(template, 'token')[1].Properties;
    assert.equal(token.Environment.Variables.CHAT_TOPIC_ARN, undefined);
    assert.deepEqual(allowing(statementsOf(template, 'token'), 'sns:Publish'), []);
  });

  it('hears of every alarm, as the alert topic does', () => {
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
    const both = [{ Ref: alertTopicId }, { Ref: chatTopicId }];
    for (const [id, { Properties }] of alarms) {
      assert.deepEqual([Properties.AlarmActions, Properties.OKActions], [both, both], id);
    }
  });

  it('is not there, nor its topic, where none is given', () => {
    const without = templateWith();
    without.resourceCountIs('AWS::SNS::Topic', 1);
    without.resourceCountIs('AWS::Chatbot::SlackChannelConfiguration', 0);
    assert.equal(mentions(without.toJSON(), 'CHAT_TOPIC_ARN'), false);
    assert.equal(functionOf(without, 'maintain')[1].Properties.Environment.Variables.CHAT_TOPIC_ARN, undefined);
  });
});
