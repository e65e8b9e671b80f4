/**
 * Who hears of alerts, as the deployer says it: judged at synth, subscribed to the topic. What arrives, and how to filter
 * it: docs/alerts.md.
 *
 * A delivery to a web address or a queue that no try of SNS could make is set aside in a dead-letter queue of its own.
 * SNS asks nobody for confirmation of a queue of this account; one of another account, and an address by e-mail or HTTPS,
 * must confirm before it hears anything.
 */
import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { SubscriptionFilter, type Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, SqsSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { noneInParticular } from '../functions/adapters/sns-alert-topic.ts';
import type { AlertType, Severity } from '../functions/core/alert.ts';
import { alertWords } from '../functions/core/alert-words.ts';
import { ConfigurationError, type ConfigurationProblem } from '../functions/core/errors.ts';
import { acknowledgeDeadLetters } from './acknowledgements.ts';

export interface AlertFilter {
  /** @default - all types */
  readonly types?: readonly AlertType[];
  /** Names of apps; alerts that mean no app in particular come always. @default - all apps */
  readonly apps?: readonly string[];
  /** @default - all severities */
  readonly severities?: readonly Severity[];
}

export interface AlertSubscriptionOptions {
  /** Addresses that get the readable text. Each must follow the link in the mail that SNS sends first. @default - none */
  readonly emails?: readonly string[];
  /**
   * HTTPS addresses that get the JSON, in SNS's signed envelope. Each must confirm its subscription.
   *
   * @default - none
   */
  readonly https?: readonly string[];
  /**
   * Queues that get the JSON, in SNS's envelope. Their policies, and those of their own KMS keys, are extended; an
   * imported queue must let the topic in by itself, and one under the AWS managed key of SQS cannot be subscribed.
   *
   * @default - none
   */
  readonly queues?: readonly IQueue[];
  /**
   * What `emails`, `https` and `queues` hear of. CloudWatch's alarms carry no attributes: whoever filters does not get
   * them. To filter one subscriber and not another, subscribe it to `alertTopic` yourself.
   *
   * @default - all alerts, and the alarms
   */
  readonly filter?: AlertFilter;
}

export interface AlertSubscriptionsProps extends AlertSubscriptionOptions {
  readonly topic: Topic;
}

export class AlertSubscriptions extends Construct {
  /** Of deliveries; there is none where nobody could miss one. */
  readonly deadLetterQueue?: Queue;

  constructor(scope: Construct, id: string, props: AlertSubscriptionsProps) {
    super(scope, id);
    const { topic, emails = [], https = [], queues = [] } = props;
    const filterPolicy = filterPolicyOf(props.filter);
    for (const address of emails) topic.addSubscription(new EmailSubscription(address, { filterPolicy }));
    if (https.length === 0 && queues.length === 0) return;
    const deadLetterQueue = this.deadLetters();
    this.deadLetterQueue = deadLetterQueue;
    for (const url of https) topic.addSubscription(new UrlSubscription(url, { filterPolicy, deadLetterQueue }));
    for (const queue of queues) topic.addSubscription(new SqsSubscription(queue, { filterPolicy, deadLetterQueue }));
  }

  /** Under SQS's own encryption: our key would have to name the topic in its policy, which is encrypted by that key. */
  private deadLetters(): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledgeDeadLetters(queue);
    return queue;
  }
}

function filterPolicyOf({ types, apps, severities }: AlertFilter = {}): Record<string, SubscriptionFilter> | undefined {
  const listed = { type: types, app: apps && [...apps, noneInParticular], severity: severities };
  const policy = Object.entries(listed).flatMap(([attribute, values]) =>
    values === undefined ? [] : [[attribute, SubscriptionFilter.stringFilter({ allowlist: [...values] })] as const],
  );
  return policy.length === 0 ? undefined : Object.fromEntries(policy);
}

const types = Object.keys(alertWords);
const severities: readonly string[] = ['critical', 'warning', 'info'] satisfies Severity[];

/**
 * @param apps of the configuration
 * @throws ConfigurationError naming each path that is wrong
 */
export function requireSubscriptions(options: AlertSubscriptionOptions, apps: readonly string[]): void {
  const { emails = [], https = [], filter = {} } = options;
  const problems = [
    ...eachOf('emails', emails, emailProblem),
    ...eachOf('https', https, urlProblem),
    ...eachOf('filter.types', filter.types, oneOf(types)),
    ...eachOf('filter.apps', filter.apps, oneOf(apps)),
    ...eachOf('filter.severities', filter.severities, oneOf(severities)),
    ...repeatedQueues(options.queues ?? []),
    ...fifoQueues(options.queues ?? []),
    ...emptyLists(filter),
  ];
  const inAlerts = problems.map(({ path, message }) => ({ path: `alerts.${path}`, message }));
  if (problems.length > 0) throw new ConfigurationError('the deployment', inAlerts);
}

type Judge = (value: string) => string | undefined;

function eachOf(path: string, values: readonly string[] = [], judge: Judge): ConfigurationProblem[] {
  return values.flatMap((value, index) => {
    // Known only when it is deployed.
    if (Token.isUnresolved(value)) return [];
    const repeated = values.indexOf(value) < index ? `must be there once; got ${value} again` : undefined;
    const message = judge(value) ?? repeated;
    return message === undefined ? [] : [{ path: `${path}.${index}`, message }];
  });
}

/** One `@`, a domain with a dot; SNS judges the rest when it sends its confirmation. */
const emailPattern = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]+\.[^\s@<>,;"]{2,}$/;

function emailProblem(value: string): string | undefined {
  if (emailPattern.test(value) && value.length <= 254) return undefined;
  return `must be one e-mail address of up to 254 characters, such as oncall@example.com; got ${value}`;
}

function urlProblem(value: string): string | undefined {
  const url = URL.parse(value);
  if (url?.protocol !== 'https:') return `must be an https address, for alerts name customers' orgs; got ${value}`;
  // Not repeated: it is a secret.
  if (url.username !== '' || url.password !== '')
    return 'must hold no user and password, for the template would show them; SNS signs what it sends';
  return undefined;
}

function oneOf(known: readonly string[]): Judge {
  return (value) => (known.includes(value) ? undefined : `must be one of ${known.join(', ')}; got ${value}`);
}

function repeatedQueues(queues: readonly IQueue[]): ConfigurationProblem[] {
  return queues.flatMap((queue, index) =>
    queues.indexOf(queue) < index
      ? [{ path: `queues.${index}`, message: `must be there once; got ${queue.node.path} again` }]
      : [],
  );
}

/** Refused by SNS in the middle of a deployment: a standard topic delivers to standard queues only. */
function fifoQueues(queues: readonly IQueue[]): ConfigurationProblem[] {
  return queues.flatMap((queue, index) =>
    queue.fifo
      ? [
          {
            path: `queues.${index}`,
            message: `must be a standard queue, for the topic is none of FIFO; got ${queue.node.path}`,
          },
        ]
      : [],
  );
}

/** It would let nothing through, which nobody means. */
function emptyLists(filter: AlertFilter): ConfigurationProblem[] {
  return Object.entries(filter).flatMap(([name, values]) =>
    Array.isArray(values) && values.length === 0
      ? [{ path: `filter.${name}`, message: 'must name at least one, or be left out for all; got an empty list' }]
      : [],
  );
}
