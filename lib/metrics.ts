/**
 * The metrics that our functions write (embedded metric format, `functions/runtime/observability.ts`): each under the
 * dimension `service`, which is the function's name; those of requests under `route` besides.
 *
 * The namespace is the stack's name, so that two stacks of an account do not count for each other.
 */
import { type Duration, Stack } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { FunctionName } from '../functions/core/routes.ts';

export function metricsNamespaceOf(scope: Construct): string {
  return Stack.of(scope).stackName;
}

export interface OwnMetricProps {
  readonly name: string;
  /** Alarms take no search: each watches one function's. */
  readonly service: FunctionName;
  readonly statistic: string;
  readonly period: Duration;
}

export function ownMetric(scope: Construct, { name, service, ...props }: OwnMetricProps): Metric {
  return new Metric({
    namespace: metricsNamespaceOf(scope),
    metricName: name,
    dimensionsMap: { service },
    ...props,
  });
}

export interface OwnSearchProps {
  readonly statistic: 'Sum' | 'Maximum' | 'p50' | 'p99';
  readonly period: Duration;
}

/** One line: of whatever functions write the metric. */
export function sumOf(scope: Construct, name: string, label: string, { statistic, period }: OwnSearchProps) {
  const found = search(scope, '"service"', `MetricName="${name}"`, statistic, period);
  const expression = statistic === 'Sum' ? `SUM(${found})` : `MAX(${found})`;
  return new MathExpression({ expression, usingMetrics: {}, label, period });
}

/** CloudWatch finds words of names, in upper and lower case: `Refused_dead` is no cause of a death. */
const familyTerms = { Dead: 'Dead NOT Refused', Refused: 'Refused' } as const;

/** A line for each metric whose name begins with this word: those by cause, by class. */
export function eachOfFamily(
  scope: Construct,
  prefix: keyof typeof familyTerms,
  { statistic, period }: OwnSearchProps,
) {
  const expression = search(scope, '"service"', familyTerms[prefix], statistic, period);
  return new MathExpression({ expression, usingMetrics: {}, label: '', period });
}

/** A line for each route of the HTTP API. */
export function eachRoute(scope: Construct, name: string, { statistic, period }: OwnSearchProps) {
  const expression = search(scope, '"route","service"', `MetricName="${name}"`, statistic, period);
  return new MathExpression({ expression, usingMetrics: {}, label: '', period });
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html */
function search(scope: Construct, dimensions: string, term: string, statistic: string, period: Duration): string {
  return `SEARCH('{"${metricsNamespaceOf(scope)}",${dimensions}} ${term}', '${statistic}', ${period.toSeconds()})`;
}
