/**
 * The ConfigurationQueue port on a standard SQS queue: each request is a message of its own, delivered at least once and
 * in no order. Which version of an integration it is for stands in it, so neither matters.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ConfigurationQueueError } from '../core/errors.ts';
import type { ConfigurationQueue, ConfigurationRequest } from '../core/ports.ts';

export interface SqsConfigurationQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

export function createSqsConfigurationQueue({ client, queueUrl }: SqsConfigurationQueueOptions): ConfigurationQueue {
  return {
    async send({ version, tenant, integration, configurationVersion }) {
      const body: ConfigurationRequest = { version, tenant, integration, configurationVersion };
      try {
        await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(body) }));
      } catch (error) {
        const name = error instanceof Error ? error.name : typeof error;
        throw new ConfigurationQueueError(`A configuration request was not queued (${name}); try again later.`, {
          cause: error,
        });
      }
    },
  };
}
