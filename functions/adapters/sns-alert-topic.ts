/**
 * The AlertTopic port on SNS: the alert as JSON for machines (docs/alert.schema.json), as readable text for e-mail, with
 * attributes for filter policies. docs/alerts.md is for its subscribers.
 *
 * Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (`MessageStructure`)
 */
import { type MessageAttributeValue, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Alert } from '../core/alert.ts';
import type { AlertTopic } from '../core/ports.ts';
import { withRunbook } from '../core/runbooks.ts';
import { emailSubject, emailText } from './alert-email.ts';
import { boundedClient } from './bounded-client.ts';

export interface SnsAlertTopicOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

export function createSnsAlertTopic({ client, topicArn }: SnsAlertTopicOptions): AlertTopic {
  return {
    async publish(owed) {
      const alert = withRunbook(owed);
      await client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: emailSubject(alert),
          MessageStructure: 'json',
          // Every protocol that is not named gets the `default`: queues, functions, HTTPS and e-mail as JSON.
          Message: JSON.stringify({ default: JSON.stringify(alert), email: emailText(alert) }),
          MessageAttributes: attributesOf(alert),
        }),
      );
    },
  };
}

export function createSnsClient(): SNSClient {
  return new SNSClient(boundedClient({ requestTimeoutMs: 5000, maxAttempts: 3 }));
}

/**
 * Of an app or an org where none in particular is meant: a filter that lists it beside its own apps misses nothing that
 * concerns the whole deployment. No app and no org is called so, and SNS refuses empty values.
 */
export const noneInParticular = '*';

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html */
export function attributesOf(alert: Alert): Record<string, MessageAttributeValue> {
  const { type, app, org_id, severity } = alert;
  const values = { type, app: app || noneInParticular, org_id: org_id || noneInParticular, severity };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}
