/**
 * A Slack channel that shows alerts and alarms, by Amazon Q Developer in chat applications (formerly AWS Chatbot). Who
 * deploys this has let that service into the Slack workspace once, in its console, and invited it to the channel.
 *
 * From the channel nothing can be done: its role has no permission, and the guardrail would let none through but to look
 * at CloudWatch.
 */
import { Stack, Token } from 'aws-cdk-lib';
import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ConfigurationError } from '../functions/core/errors.ts';

export interface SlackChannelOptions {
  /** As the console of Amazon Q Developer in chat applications shows it, `T0123ABCD` say. */
  readonly workspaceId: string;
  /** The last part of the channel's link, `C0123ABCD` say. */
  readonly channelId: string;
}

export interface SlackChannelProps extends SlackChannelOptions {
  /** Whose messages are of that service's schema. */
  readonly topic: ITopic;
}

export class SlackChannel extends Construct {
  constructor(scope: Construct, id: string, { workspaceId, channelId, topic }: SlackChannelProps) {
    super(scope, id);
    new SlackChannelConfiguration(this, 'Channel', {
      slackChannelConfigurationName: `${Stack.of(this).stackName}-alerts`,
      slackWorkspaceId: workspaceId,
      slackChannelId: channelId,
      notificationTopics: [topic],
      role: new Role(this, 'Role', {
        assumedBy: new ServicePrincipal('chatbot.amazonaws.com', {
          conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        }),
        description: 'Grantkeeper: what the Slack channel of alerts may do, which is nothing',
      }),
      guardrailPolicies: [ManagedPolicy.fromAwsManagedPolicyName('CloudWatchReadOnlyAccess')],
    });
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html */
const patterns = { workspaceId: /^[0-9A-Z]{1,255}$/, channelId: /^[A-Za-z0-9]{1,255}$/ };

/** @throws ConfigurationError naming each path that is wrong */
export function requireSlackChannel(options: SlackChannelOptions): void {
  const problems = (['workspaceId', 'channelId'] as const).flatMap((name) => {
    const value = options[name];
    if (Token.isUnresolved(value) || patterns[name].test(value)) return [];
    return [{ path: `alerts.slack.${name}`, message: `must match ${patterns[name].source}; got ${value}` }];
  });
  if (problems.length > 0) throw new ConfigurationError('the deployment', problems);
}
