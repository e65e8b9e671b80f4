import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleConfig, templateWith } from './synthesized.ts';
import { onlyResource } from './template-reading.ts';

describe('the alarm on dead letters', () => {
  const template = templateWith();
  const [, alarm] = onlyResource(template, 'AWS::CloudWatch::Alarm');

  it('goes off at the first message by default', () => {
    assert.equal(alarm.Properties.Threshold, 1);
    assert.equal(alarm.Properties.ComparisonOperator, 'GreaterThanOrEqualToThreshold');
  });

  it('watches the most messages seen in a minute in the dead-letter queue; silence is good', () => {
    const [deadLettersId] = onlyResource(template, 'AWS::SQS::Queue', 'DeadLetters');
    assert.equal(alarm.Properties.MetricName, 'ApproximateNumberOfMessagesVisible');
    assert.equal(alarm.Properties.Statistic, 'Maximum');
    assert.equal(alarm.Properties.Period, 60);
    assert.deepEqual(alarm.Properties.Dimensions, [
      { Name: 'QueueName', Value: { 'Fn::GetAtt': [deadLettersId, 'QueueName'] } },
    ]);
    assert.equal(alarm.Properties.TreatMissingData, 'notBreaching');
  });

  it('tells the topic of alerts, when it goes off and when it is over', () => {
    const [topicId] = onlyResource(template, 'AWS::SNS::Topic');
    assert.deepEqual(alarm.Properties.AlarmActions, [{ Ref: topicId }]);
    assert.deepEqual(alarm.Properties.OKActions, [{ Ref: topicId }]);
  });

  it('takes its threshold from the configuration', () => {
    const config = { ...exampleConfig, thresholds: { deadLetterMessages: 10_000 } };
    const [, other] = onlyResource(templateWith({ config }), 'AWS::CloudWatch::Alarm');
    assert.equal(other.Properties.Threshold, 10_000);
  });
});
