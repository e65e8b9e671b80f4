/**
 * Refuses props of another kind than theirs, before anything is made of them. A configuration is run without its types:
 * `allowExecuteApiUrl: 'false'` would be a yes, and alerts to `email` would reach nobody.
 *
 * What a number or a name may be is judged where it is used; `known-props.ts` is how.
 */
import { Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ConfigurationError } from '../functions/core/errors.ts';
import type { AlertFilter } from './alert-subscriptions.ts';
import type { AlertsOptions } from './alerts.ts';
import type { GrantkeeperProps } from './grantkeeper.ts';
import { type PropNames, requireKnownProps } from './known-props.ts';
import type { SlackChannelOptions } from './slack-channel.ts';

const source = 'the deployment';

const alertsProps: PropNames<AlertsOptions> = { emails: true, https: true, queues: true, slack: true, filter: true };
const filterProps: PropNames<AlertFilter> = { types: true, apps: true, severities: true };
const slackProps: PropNames<SlackChannelOptions> = { workspaceId: true, channelId: true };

type Props = Omit<GrantkeeperProps, 'config'>;

/** @throws ConfigurationError naming each prop that is of another kind, and each word in `alerts` that nothing reads */
export function requirePropKinds(props: Props): void {
  const problems = Object.entries(kinds).flatMap(([path, [fits, what]]) => {
    const value: unknown = props[path as keyof typeof kinds];
    return value === undefined || fits(value) ? [] : [{ path, message: `must be ${what}; got ${shown(value)}` }];
  });
  if (problems.length > 0) throw new ConfigurationError(source, problems);
  if (props.alerts !== undefined) requireAlerts(props.alerts);
}

type Kind = readonly [fits: (value: unknown) => boolean, what: string];

const flag: Kind = [(value) => typeof value === 'boolean', 'true or false, without quotes'];

const days = Object.values(RetentionDays).filter((value) => typeof value === 'number');

const kinds = {
  allowExecuteApiUrl: flag,
  retain: flag,
  dashboard: flag,
  clientSecretPrefix: [(value) => typeof value === 'string', 'text, such as Grantkeeper/'],
  logRetention: [
    (value) => Token.isUnresolved(value) || days.some((one) => one === value),
    `of RetentionDays, a number of days out of ${days.join(', ')} (for ever)`,
  ],
  configurationFunction: [
    (value) => typeof value === 'object' && value !== null && 'functionArn' in value,
    "a function, such as Function.fromFunctionArn(stack, 'SetUp', '…')",
  ],
} satisfies Partial<Record<keyof Props, Kind>>;

function requireAlerts(alerts: AlertsOptions): void {
  requireKnownProps(source, 'alerts', alerts, alertsProps);
  if (alerts.filter !== undefined) requireKnownProps(source, 'alerts.filter', alerts.filter, filterProps);
  if (alerts.slack !== undefined) requireKnownProps(source, 'alerts.slack', alerts.slack, slackProps);
  const lists = Object.entries({ ...alerts, ...alerts.filter }).filter(
    ([name]) => name !== 'slack' && name !== 'filter',
  );
  const problems = lists
    .filter(([, value]) => value !== undefined && !Array.isArray(value) && !Token.isUnresolved(value))
    .map(([name, value]) => ({
      path: name in alertsProps ? `alerts.${name}` : `alerts.filter.${name}`,
      message: `must be a list, […]; got ${shown(value)}`,
    }));
  if (problems.length > 0) throw new ConfigurationError(source, problems);
}

/** An object may be a construct, which holds the whole tree. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : (JSON.stringify(value) ?? typeof value);
}
