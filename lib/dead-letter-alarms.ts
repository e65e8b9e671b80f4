/** An alarm on each queue whose messages are set aside when no try could process them. */
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Runbook } from '../functions/core/runbooks.ts';
import type { Alerts } from './alerts.ts';
import { DeadLetterAlarm } from './dead-letter-alarm.ts';

export interface DeadLetterAlarmsProps {
  readonly refreshQueue: { readonly deadLetterQueue: IQueue };
  readonly configurationQueue: { readonly deadLetterQueue: IQueue };
  readonly alerts: Alerts;
  /** Messages in a queue at which its alarm goes off. */
  readonly deadLetterMessages: number;
}

export function addDeadLetterAlarms(scope: Construct, props: DeadLetterAlarmsProps): readonly Alarm[] {
  const { refreshQueue, configurationQueue, alerts, deadLetterMessages } = props;
  const alarm = (id: string, deadLetterQueue: IQueue, runbook: Runbook, description: string) =>
    new DeadLetterAlarm(scope, id, { deadLetterQueue, description, runbook, alerts, deadLetterMessages });
  return [
    alarm(
      'DeadLetterAlarm',
      refreshQueue.deadLetterQueue,
      'backlog',
      'refresh requests lie in the dead-letter queue. Their connections are still refreshed by the schedule. Read the ' +
        'log of the refresh function for the cause, then purge or redrive the queue.',
    ),
    alarm(
      'ConfigurationDeadLetterAlarm',
      configurationQueue.deadLetterQueue,
      'function-fails',
      'configuration steps that failed three times lie in the dead-letter queue. Their integrations say why ' +
        '(GET /integrations/…, configuration_failed); no token is at stake. Mend the cause, then redrive the queue, or ' +
        'run single steps again by PUT …/configuration.',
    ),
    ...(alerts.deadLetterQueue === undefined
      ? []
      : [
          alarm(
            'AlertDeadLetterAlarm',
            alerts.deadLetterQueue,
            'alerts-not-delivered',
            'alerts that a subscriber did not take lie in the dead-letter queue of deliveries. Each message names its ' +
              'subscription’s endpoint; read what it says, for somebody has not heard it. Mend the endpoint, then purge.',
          ),
        ]),
  ];
}
