import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleConfig, templateWith } from './synthesized.ts';
import { onlyResource, resourcesOf } from './template-reading.ts';

const template = templateWith();

for (const part of ['RefreshQueue', 'ConfigurationQueue']) {
  const [deadLettersId] = onlyResource(template, 'AWS::SQS::Queue', `${part}DeadLetters`);
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([, { Properties }]) =>
    JSON.stringify(Properties.Dimensions).includes(`"${deadLettersId}"`),
  );

  describe(`the alarm on dead letters of the ${part}`, () => {
    const [alarm, ...more] = alarms.map(([, { Properties }]) => Properties);

    it('is one, and goes off at the first message by default', () => {
      assert.deepEqual(more, []);
      assert.equal(alarm.Threshold, 1);
      assert.equal(alarm.ComparisonOperator, 'GreaterThanOrEqualToThreshold');
    });

    it('watches the most messages seen in a minute; silence is good', () => {
      assert.equal(alarm.MetricName, 'ApproximateNumberOfMessagesVisible');
      assert.equal(alarm.Statistic, 'Maximum');
      assert.equal(alarm.Period, 60);
      assert.deepEqual(alarm.Dimensions, [
        { Name: 'QueueName', Value: { 'Fn::GetAtt': [deadLettersId, 'QueueName'] } },
      ]);
      assert.equal(alarm.TreatMissingData, 'notBreaching');
    });

    it('tells the topic of alerts, when it goes off and when it is over', () => {
      const [topicId] = onlyResource(template, 'AWS::SNS::Topic');
      assert.deepEqual(alarm.AlarmActions, [{ Ref: topicId }]);
      assert.deepEqual(alarm.OKActions, [{ Ref: topicId }]);
    });

    it('says what lies there and what to do', () => {
      const [said, other] =
        part === 'RefreshQueue' ? [/refresh requests/, /configuration/] : [/configuration/, /refresh/];
      assert.match(alarm.AlarmDescription, said);
      assert.match(alarm.AlarmDescription, /redrive/);
      assert.doesNotMatch(alarm.AlarmDescription, other);
    });
  });
}

describe('the alarms on dead letters', () => {
  const deadLetterAlarmsWith = (props: Parameters<typeof templateWith>[0]) =>
    resourcesOf(templateWith(props), 'AWS::CloudWatch::Alarm').filter(
      ([, { Properties }]) => Properties.MetricName === 'ApproximateNumberOfMessagesVisible',
    );

  it('are two, and take their threshold from the configuration', () => {
    const config = { ...exampleConfig, thresholds: { deadLetterMessages: 10_000 } };
    assert.deepEqual(
      deadLetterAlarmsWith({ config }).map(([, { Properties }]) => Properties.Threshold),
      [10_000, 10_000],
    );
  });

  it('are three where alerts are delivered to somebody who could miss them', () => {
    const alarms = deadLetterAlarmsWith({ alerts: { https: ['https://example.com/hook'] } });
    assert.equal(alarms.length, 3);
    assert.ok(alarms.some(([, { Properties }]) => /did not take/.test(Properties.AlarmDescription)));
  });
});
