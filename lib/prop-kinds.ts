/**
 * Refuses props of another kind than theirs, before anything is made of them. A configuration is run without its types:
 * `allowExecuteApiUrl: 'false'` would be a yes, and alerts to `email` would reach nobody.
 *
 * What a number or a name may be is judged where it is used; `known-props.ts` is how.
 */
import { Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { AlertFilter } from './alert-subscriptions.ts';
import type { AlertsOptions } from './alerts.ts';
import type { GrantkeeperProps } from './grantkeeper.ts';
import { flag, type Kinds, list, made, requireKinds, text } from './kinds.ts';
import { type PropNames, requireKnownProps } from './known-props.ts';
import type { SlackChannelOptions } from './slack-channel.ts';

const source = 'the deployment';

const alertsProps: PropNames<AlertsOptions> = { emails: true, https: true, queues: true, slack: true, filter: true };
const filterProps: PropNames<AlertFilter> = { types: true, apps: true, severities: true };
const slackProps: PropNames<SlackChannelOptions> = { workspaceId: true, channelId: true };

type Props = Omit<GrantkeeperProps, 'config'>;

/** @throws ConfigurationError naming each prop that is of another kind, and each word in `alerts` that nothing reads */
export function requirePropKinds(props: Props): void {
  requireKinds('', props, kinds);
  if (props.alerts !== undefined) requireAlerts(props.alerts);
}

const days = Object.values(RetentionDays).filter((value) => typeof value === 'number');

const kinds: Kinds<Props> = {
  allowExecuteApiUrl: flag,
  retain: flag,
  dashboard: flag,
  clientSecretPrefix: text,
  logRetention: [
    (value) => Token.isUnresolved(value) || days.some((one) => one === value),
    `of RetentionDays, a number of days out of ${days.join(', ')} (for ever)`,
  ],
  configurationFunction: made('functionArn', "a function, such as Function.fromFunctionArn(stack, 'SetUp', '…')"),
};

const queue = made('queueArn', "a queue, such as Queue.fromQueueArn(stack, 'Queue', '…')");

function requireAlerts(alerts: AlertsOptions): void {
  requireKnownProps(source, 'alerts', alerts, alertsProps);
  const { filter, slack, queues = [] } = alerts;
  requireKinds('alerts.', alerts, { emails: list, https: list, queues: list });
  for (const [index, one] of queues.entries())
    requireKinds('alerts.queues.', { [`${index}`]: one }, { [`${index}`]: queue });
  if (slack !== undefined) requireKnownProps(source, 'alerts.slack', slack, slackProps);
  if (filter === undefined) return;
  requireKnownProps(source, 'alerts.filter', filter, filterProps);
  requireKinds('alerts.filter.', filter, { types: list, apps: list, severities: list });
}
