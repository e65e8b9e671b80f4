/**
 * The AlertTopic port on a second SNS topic, for Amazon Q Developer in chat applications (formerly AWS Chatbot), which
 * posts to Slack. It shows messages of its own schema and drops all others, so it cannot read the topic of alerts.
 *
 * An incident is a thread: what resolves it lands under what opened it, where the channel's preferences allow threads.
 *
 * Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html (the schema), and
 * https://api.slack.com/reference/block-kit/blocks (a text of up to 3,000 characters, a title of 150).
 */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Alert, Severity } from '../core/alert.ts';
import type { AlertTopic } from '../core/ports.ts';
import { printable } from '../core/printable.ts';
import { withRunbook } from '../core/runbooks.ts';
import { placesToLook } from './alert-email.ts';
import { alertThreadOf } from './alert-thread.ts';
import { attributesOf } from './sns-alert-topic.ts';

export interface SnsChatTopicOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** A custom notification, as that service's schema names its parts. */
export interface ChatMessage {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

export function createSnsChatTopic({ client, topicArn }: SnsChatTopicOptions): AlertTopic {
  return {
    async publish(alert) {
      const Message = JSON.stringify(chatMessageOf(withRunbook(alert)));
      await client.send(new PublishCommand({ TopicArn: topicArn, Message, MessageAttributes: attributesOf(alert) }));
    },
  };
}

const signs: Readonly<Record<Severity, string>> = {
  critical: ':rotating_light:',
  warning: ':warning:',
  info: ':information_source:',
};
const titleAtMost = 150;
const textAtMost = 2_900;
const stepAtMost = 1_000;

/** Empty values are left out of the context, for the schema wants texts that say something. */
export function chatMessageOf(alert: Alert): ChatMessage {
  const words = alert.type.replaceAll('_', ' ');
  const place = [alert.app, alert.org_id].filter((part) => part !== '').join(' ');
  return {
    version: '1.0',
    source: 'custom',
    id: alert.id,
    content: {
      textType: 'client-markdown',
      title: shortened(`${signs[alert.severity]} ${words}${place === '' ? '' : `: ${place}`}`, titleAtMost),
      description: shortened(descriptionOf(alert), textAtMost),
      nextSteps: [alert.remedy, ...placesToLook(alert)].map((step) => shortened(literal(step), stepAtMost)),
      keywords: [alert.severity, alert.type, alert.cause, alert.app].filter((word) => word !== ''),
    },
    metadata: {
      threadId: alertThreadOf(alert),
      summary: shortened(printable(alert.summary), titleAtMost),
      eventType: alert.type,
      relatedResources: alert.connection_ids,
      additionalContext: contextOf(alert),
    },
  };
}

function descriptionOf({ summary, cause, evidence }: Alert): string {
  return [literal(summary), `*Cause:* ${literal(cause)}`, ...evidence.map((fact) => `• ${literal(fact)}`)].join('\n');
}

function contextOf({ severity, app, org_id, opened_at, counts }: Alert): Record<string, string> {
  const told = Object.entries(counts).map(([name, count]) => [name, String(count)]);
  const all = [...Object.entries({ severity, app, org_id, opened_at }), ...told];
  return Object.fromEntries(all.filter(([, value]) => value !== ''));
}

/** Evidence quotes Salesforce: it must neither mention a channel nor become a link. */
function literal(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function shortened(text: string, atMost: number): string {
  return text.length <= atMost ? text : `${text.slice(0, atMost - 1)}…`;
}
