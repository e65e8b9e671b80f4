/**
 * The HTTP API before the functions: each route takes so many requests a second from all callers together, and bursts
 * above that, as `lib/throttles.ts` sets them. It knows no orgs: what one takes of a route, others lack.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 */
import type { FunctionName } from '../../functions/core/routes.ts';
import type { Throttle } from '../../lib/throttles.ts';
import type { EngineClock } from './engine-clock.ts';
import { type LambdaCloud, Throttled } from './lambda-cloud.ts';

export interface Answer {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Gateway {
  ask(name: FunctionName, event: unknown): Promise<Answer>;
  /** Answered 429, by function. */
  readonly refused: ReadonlyMap<FunctionName, number>;
}

interface Bucket {
  tokens: number;
  at: number;
}

export function createGateway(
  clock: EngineClock,
  { requestsPerSecond, burst }: Throttle,
  cloud: () => LambdaCloud,
): Gateway {
  const buckets = new Map<FunctionName, Bucket>();
  const refused = new Map<FunctionName, number>();

  function takes(name: FunctionName): boolean {
    const now = clock.now();
    const { tokens, at } = buckets.get(name) ?? { tokens: burst, at: now };
    const left = Math.min(burst, tokens + ((now - at) / 1_000) * requestsPerSecond);
    buckets.set(name, { tokens: left < 1 ? left : left - 1, at: now });
    return left >= 1;
  }

  return {
    refused,
    async ask(name, event) {
      if (!takes(name)) {
        refused.set(name, (refused.get(name) ?? 0) + 1);
        return { statusCode: 429 };
      }
      try {
        return (await cloud().invoke(name, event)) as Answer;
      } catch (error) {
        // API Gateway says so where Lambda has no instance.
        return { statusCode: error instanceof Throttled ? 503 : 500 };
      }
    },
  };
}
