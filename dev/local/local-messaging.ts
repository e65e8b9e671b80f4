/**
 * The queues and the topic of the local stack, made through the real SDK as CDK makes them in AWS: a FIFO queue for
 * refreshes and a standard one for configurations, each with its dead-letter queue, the alerts topic, and a queue that
 * subscribes to it for the console.
 */
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { localClientConfig, localRegion } from './aws-clients.ts';

export interface LocalMessaging {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly refreshes: Queue;
  readonly configurations: Queue;
  readonly alerts: Queue;
  readonly topicArn: string;
  close(): void;
}

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

/** Idempotent: what a kept folder holds already stays. */
export async function createLocalMessaging(endpoint: string): Promise<LocalMessaging> {
  const sqs = new SQSClient(localClientConfig(endpoint));
  const sns = new SNSClient(localClientConfig(endpoint));
  const queue = (name: string, attributes: Record<string, string>) => createQueue(sqs, endpoint, name, attributes);

  const dead = await queue('refreshes-dead.fifo', { FifoQueue: 'true' });
  const refreshes = await queue('refreshes.fifo', {
    FifoQueue: 'true',
    VisibilityTimeout: '360',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 5 }),
  });
  const deadConfigurations = await queue('configurations-dead', {});
  const configurations = await queue('configurations', {
    VisibilityTimeout: '1800',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadConfigurations.arn, maxReceiveCount: 3 }),
  });
  const alerts = await queue('console-alerts', { VisibilityTimeout: '30' });
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: alerts.arn,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  return {
    sqs,
    sns,
    refreshes,
    configurations,
    alerts,
    topicArn,
    close: () => {
      sqs.destroy();
      sns.destroy();
    },
  };
}

async function createQueue(
  client: SQSClient,
  endpoint: string,
  name: string,
  attributes: Record<string, string>,
): Promise<Queue> {
  // Not the URL that it answers: a kept queue names the port of the process that made it.
  const url = `${endpoint}/000000000000/${name}`;
  try {
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  } catch (error) {
    if (!String((error as Error).name).endsWith('QueueNameExists')) throw error;
    // Kept from a release that made it otherwise.
    const { FifoQueue: _fixed, ...settable } = attributes;
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: settable }));
  }
  return { url, arn: `arn:aws:sqs:${localRegion}:000000000000:${name}` };
}
