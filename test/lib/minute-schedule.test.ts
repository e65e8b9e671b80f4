import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateWith } from './synthesized.ts';
import { functionOf, onlyResource, resourcesOf, statementsOfRole } from './template-reading.ts';

const template = templateWith();

describe('the schedules', () => {
  it('are two', () => {
    assert.equal(resourcesOf(template, 'AWS::Scheduler::Schedule').length, 2);
  });

  for (const name of ['schedule-refreshes', 'maintain'] as const) {
    const [functionId] = functionOf(template, name);
    const [, schedule] = onlyResource(template, 'AWS::Scheduler::Schedule', name.replaceAll('-', ''));
    const { Target } = schedule.Properties;

    it(`invoke ${name} each minute, on time`, () => {
      assert.equal(schedule.Properties.ScheduleExpression, 'rate(1 minute)');
      assert.deepEqual(schedule.Properties.FlexibleTimeWindow, { Mode: 'OFF' });
      assert.equal(schedule.Properties.State, 'ENABLED');
      assert.deepEqual(Target.Arn, { 'Fn::GetAtt': [functionId, 'Arn'] });
    });

    it(`do not try ${name} again: the next minute does`, () => {
      assert.deepEqual(Target.RetryPolicy, { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    });

    it(`may invoke ${name} and nothing else, for this account only`, () => {
      const roleId = Target.RoleArn['Fn::GetAtt'][0];
      assert.deepEqual(statementsOfRole(template, roleId), [
        { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: { 'Fn::GetAtt': [functionId, 'Arn'] } },
      ]);
      const [, role] = onlyResource(template, 'AWS::IAM::Role', roleId);
      assert.deepEqual(role.Properties.AssumeRolePolicyDocument.Statement[0].Condition, {
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
      });
    });
  }
});
