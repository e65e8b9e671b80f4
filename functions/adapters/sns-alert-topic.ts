/**
 * The AlertTopic port on SNS: the alert as JSON for machines, as readable text for e-mail, with attributes for filter
 * policies.
 *
 * Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (`MessageStructure`)
 */
import { type MessageAttributeValue, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Alert } from '../core/alert.ts';
import type { AlertTopic } from '../core/ports.ts';
import { boundedClient } from './bounded-client.ts';

export interface SnsAlertTopicOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** SNS refuses longer subjects, and such that are not printable ASCII. */
const maxSubjectLength = 100;

export function createSnsAlertTopic({ client, topicArn }: SnsAlertTopicOptions): AlertTopic {
  return {
    async publish(alert) {
      await client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: subjectOf(alert),
          MessageStructure: 'json',
          Message: JSON.stringify({ default: JSON.stringify(alert), email: readableText(alert) }),
          MessageAttributes: attributesOf(alert),
        }),
      );
    },
  };
}

export function createSnsClient(): SNSClient {
  return new SNSClient(boundedClient({ requestTimeoutMs: 5000, maxAttempts: 3 }));
}

/** For a person who reads mail: what happened, why, and what to do, before the details. */
export function readableText(alert: Alert): string {
  return [
    alert.summary,
    '',
    `What to do: ${alert.remedy}`,
    '',
    `Cause: ${alert.cause}`,
    ...alert.evidence.map((fact) => `  - ${fact}`),
    '',
    `App: ${alert.app || 'none in particular'}`,
    `Org: ${alert.org_id || 'none in particular'}`,
    `Connections: ${alert.connection_ids.join(', ') || 'none named'}`,
    ...Object.entries(alert.counts).map(([name, count]) => `${name}: ${count}`),
    `Since: ${alert.opened_at}`,
    `Severity: ${alert.severity}`,
    `Alert: ${alert.type}, id ${alert.id} (the same id again is the same alert)`,
  ].join('\n');
}

function subjectOf(alert: Alert): string {
  const subject = `[Grantkeeper] ${alert.severity}: ${alert.summary}`.replaceAll(/[^\x20-\x7e]+/g, ' ');
  return subject.length <= maxSubjectLength ? subject : `${subject.slice(0, maxSubjectLength - 3)}...`;
}

function attributesOf(alert: Alert): Record<string, MessageAttributeValue> {
  const values = { type: alert.type, app: alert.app, org_id: alert.org_id, severity: alert.severity };
  return Object.fromEntries(
    Object.entries(values)
      // SNS refuses empty values.
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}
