import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FunctionName } from '../../functions/core/routes.ts';
import { backlogAtLeast } from '../../functions/flows/watch-backlog.ts';
import { functionNames } from '../../lib/functions.ts';
import { emittedBy } from './emitted-metrics.ts';
import { templateWith } from './synthesized.ts';
import { functionOf, onlyResource, resourcesOf } from './template-reading.ts';

const template = templateWith();
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => ({ id, ...Properties }));
const own = alarms.filter(({ Namespace }) => Namespace === 'Grantkeeper');
const ownNamed = (name: string) => own.filter(({ MetricName }) => MetricName === name);
const serviceOf = (alarm: { Dimensions: { Name: string; Value: string }[] }) => {
  assert.deepEqual(
    alarm.Dimensions.map(({ Name }) => Name),
    ['service'],
  );
  return alarm.Dimensions[0]!.Value;
};

describe('every alarm', () => {
  it('says what it means and what to do', () => {
    for (const { id, AlarmDescription } of alarms) {
      assert.match(AlarmDescription, /^Grantkeeper: /, id);
      assert.match(AlarmDescription, /Look at|Read |Mend |Leave |alert app_misconfigured names/, id);
      // CloudWatch takes 1,024 characters.
      assert.ok(AlarmDescription.length <= 1_024, id);
    }
  });

  it('tells the topic of alerts when it goes off and when it is over', () => {
    const [topicId] = onlyResource(template, 'AWS::SNS::Topic');
    for (const { id, AlarmActions, OKActions } of alarms) {
      assert.deepEqual([AlarmActions, OKActions], [[{ Ref: topicId }], [{ Ref: topicId }]], id);
    }
  });

  it('says what missing data is', () => {
    for (const { id, TreatMissingData } of alarms) {
      assert.match(TreatMissingData, /^(?:notBreaching|breaching|ignore)$/, id);
    }
  });

  it('of our own metrics watches what that function writes', () => {
    assert.equal(own.length, 8);
    for (const alarm of own) {
      const service = serviceOf(alarm);
      assert.ok(emittedBy(service).has(alarm.MetricName), `${service} never writes ${alarm.MetricName}`);
    }
    assert.equal(emittedBy('token').has('InLifeboat'), false, 'and can tell functions apart');
  });
});

describe('the alarms on what no function would tell', () => {
  const expected: readonly (readonly [string, FunctionName, number, string, string])[] = [
    ['OldestOverdueMs', 'schedule-refreshes', 600_000, 'Maximum', 'ignore'],
    ['RefreshesOverdue', 'maintain', backlogAtLeast, 'Maximum', 'ignore'],
    ['InLifeboat', 'maintain', 1, 'Maximum', 'ignore'],
    ['TableRestored', 'maintain', 1, 'Maximum', 'ignore'],
    ['CircuitsOpened', 'refresh', 1, 'Sum', 'notBreaching'],
    ['CircuitsOpened', 'jwt-bearer', 1, 'Sum', 'notBreaching'],
    ['AlertsNotPublished', 'refresh', 1, 'Sum', 'notBreaching'],
    ['AlertsNotPublished', 'maintain', 1, 'Sum', 'notBreaching'],
  ];
  for (const [name, service, threshold, statistic, missing] of expected) {
    it(`go off where ${name} of ${service} reaches ${threshold}; missing data is ${missing}`, () => {
      const [alarm, ...more] = ownNamed(name).filter((one) => serviceOf(one) === service);
      assert.deepEqual(more, []);
      assert.equal(alarm.ComparisonOperator, 'GreaterThanOrEqualToThreshold');
      assert.deepEqual([alarm.Threshold, alarm.Statistic, alarm.TreatMissingData], [threshold, statistic, missing]);
    });
  }

  it('go off where SNS could not deliver', () => {
    const [topicId] = onlyResource(template, 'AWS::SNS::Topic');
    const [alarm, ...more] = alarms.filter(({ MetricName }) => MetricName === 'NumberOfNotificationsFailed');
    assert.deepEqual(more, []);
    assert.deepEqual(alarm.Dimensions, [{ Name: 'TopicName', Value: { 'Fn::GetAtt': [topicId, 'TopicName'] } }]);
    assert.deepEqual([alarm.Threshold, alarm.Statistic], [1, 'Sum']);
  });

  it('watch the namespace of their own stack', () => {
    const namespaces = resourcesOf(templateWith({ id: 'Staging' }), 'AWS::CloudWatch::Alarm')
      .map(([, { Properties }]) => Properties.Namespace)
      .filter((namespace: string) => !namespace.startsWith('AWS/'));
    assert.deepEqual(new Set(namespaces), new Set(['Staging']));
  });
});

describe('the alarms on functions', () => {
  const ofFunction = (name: FunctionName, metric: string) => {
    const [functionId] = functionOf(template, name);
    const [alarm, ...more] = alarms.filter(
      ({ MetricName, Dimensions }) => MetricName === metric && JSON.stringify(Dimensions).includes(`"${functionId}"`),
    );
    assert.deepEqual(more, []);
    return alarm;
  };

  for (const name of functionNames) {
    it(`go off where ${name} fails, and where it is throttled; silence is good`, () => {
      const errors = ofFunction(name, 'Errors');
      const holdsTokens = ['callback', 'refresh', 'jwt-bearer'].includes(name);
      assert.deepEqual([errors.Threshold, errors.Period, errors.Statistic], [holdsTokens ? 1 : 3, 300, 'Sum']);
      const throttles = ofFunction(name, 'Throttles');
      assert.deepEqual([throttles.DatapointsToAlarm, throttles.EvaluationPeriods], [2, 3]);
      for (const { TreatMissingData } of [errors, throttles]) assert.equal(TreatMissingData, 'notBreaching');
    });
  }

  it('go off where a function that a clock starts is silent, and for no other', () => {
    for (const name of functionNames) {
      const alarm = ofFunction(name, 'Invocations');
      const expected = ['schedule-refreshes', 'maintain'].includes(name);
      assert.equal(alarm !== undefined, expected, name);
      if (!expected) continue;
      assert.deepEqual([alarm.ComparisonOperator, alarm.Threshold], ['LessThanThreshold', 1]);
      assert.equal(alarm.TreatMissingData, 'breaching');
    }
  });
});
