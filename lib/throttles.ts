/**
 * How many requests a second each route takes. Each has a limit of its own, so that a flood of reads is turned away as
 * such (429) and takes nothing from a customer who is on his way back from Salesforce.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 */
import { ConfigurationError, type ConfigurationProblem } from '../functions/core/errors.ts';
import type { Capability, Route } from '../functions/core/routes.ts';
import { type PropNames, requireKnownProps } from './known-props.ts';

export interface Throttle {
  /** Steady rate. */
  readonly requestsPerSecond: number;
  /** Taken at once above it. */
  readonly burst: number;
}

/** By what a service was granted (`read` are token reads and lists), or `browser`: connect links and callbacks. */
export type ThrottledClass = Capability | 'browser';

export type Throttles = Readonly<Partial<Record<ThrottledClass, Throttle>>>;

/** Answers of another method than a path's own: nothing but errors. */
const otherMethods: Throttle = { requestsPerSecond: 10, burst: 20 };

/** In CloudFormation's own writing: the library hands the map on as it is. */
interface RouteThrottle {
  readonly ThrottlingRateLimit: number;
  readonly ThrottlingBurstLimit: number;
}

/**
 * Of each route by its key, `GET /connections`; `ANY …` is for the methods that a path has not.
 *
 * @param common of the classes that `throttles` leaves out: of each of their routes, not of all together
 * @throws ConfigurationError where a class is unknown or a limit none
 */
export function routeSettings(
  routes: readonly Route[],
  throttles: Throttles,
  common: Throttle,
): Readonly<Record<string, RouteThrottle>> {
  requireKnownProps(source, 'throttles', throttles, classes);
  for (const [name, throttle] of Object.entries(throttles)) if (throttle !== undefined) requireThrottle(name, throttle);
  const settings = routes.flatMap((route): [string, RouteThrottle][] => [
    [`${route.method} ${route.path}`, settingsOf(throttles[classOf(route)] ?? common)],
    [`ANY ${route.path}`, settingsOf(otherMethods)],
  ]);
  return Object.fromEntries(settings);
}

function classOf(route: Route): ThrottledClass {
  return route.audience === 'browser' ? 'browser' : route.capability;
}

function settingsOf({ requestsPerSecond, burst }: Throttle): RouteThrottle {
  return { ThrottlingRateLimit: requestsPerSecond, ThrottlingBurstLimit: burst };
}

const source = 'the deployment';

const classes: PropNames<Throttles> = { read: true, connect: true, admin: true, browser: true };

/** API Gateway's own limits for an account: 10,000 a second and bursts of 5,000, unless AWS raised them. */
const requestsPerSecondAtMost = 10_000;
const burstAtMost = 5_000;

function requireThrottle(name: string, throttle: Throttle): void {
  const path = `throttles.${name}`;
  requireKnownProps(source, path, throttle, { requestsPerSecond: true, burst: true });
  const { requestsPerSecond, burst } = throttle;
  const problems: ConfigurationProblem[] = [];
  if (!(requestsPerSecond > 0 && requestsPerSecond <= requestsPerSecondAtMost)) {
    const message = `must be above 0, at most ${requestsPerSecondAtMost}; got ${requestsPerSecond}`;
    problems.push({ path: `${path}.requestsPerSecond`, message });
  }
  if (!(Number.isInteger(burst) && burst >= 1 && burst <= burstAtMost)) {
    problems.push({ path: `${path}.burst`, message: `must be 1 to ${burstAtMost}; got ${burst}` });
  }
  if (problems.length > 0) throw new ConfigurationError(source, problems);
}
