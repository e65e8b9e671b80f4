/**
 * The clock: each minute `schedule-refreshes` queues what is due, and `maintain` does the duties that are.
 *
 * Without retries: a tick that was lost is made good by the next, and Scheduler's default of 185 tries over a day would
 * pile ticks up after an outage.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IScheduleTarget, Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';

export interface MinuteScheduleProps {
  readonly function: IFunction;
  readonly description: string;
}

const maximumEventAge = Duration.minutes(1);

export class MinuteSchedule extends Construct {
  constructor(scope: Construct, id: string, props: MinuteScheduleProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      description: `Grantkeeper: lets the schedule ${id} invoke its function`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [props.function.functionArn] }),
    );
    new Schedule(this, 'Schedule', {
      description: props.description,
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: targetOf(props.function, role),
    });
  }
}

/** The library's own target would let the role invoke every version and alias too. */
function targetOf(target: IFunction, role: Role): IScheduleTarget {
  const retryPolicy = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: maximumEventAge.toSeconds() };
  return { bind: () => ({ arn: target.functionArn, role, retryPolicy }) };
}
