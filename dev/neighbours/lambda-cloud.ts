/**
 * Lambda as far as neighbours meet in it: each instance of a function works on one request at a time, a function has as
 * many as are reserved for it, or takes them from what the account has left, and whoever finds none is refused.
 *
 * Not modelled: the rate at which Lambda starts instances (1,000 in ten seconds for each function), which no run here
 * comes near.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
import type { Context } from 'aws-lambda';
import type { FunctionName } from '../../functions/core/routes.ts';
import type { ReservedConcurrency } from '../../lib/concurrency.ts';
import type { EngineClock } from './engine-clock.ts';

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** No instance was free for it: `TooManyRequestsException`. */
export class Throttled extends Error {
  override readonly name = 'TooManyRequestsException';
}

export interface FunctionCounts {
  /** Most instances at work at once. */
  peak: number;
  invocations: number;
  refused: number;
  /** Instances at work, times how long: what is billed, and what others lack. */
  busyMs: number;
}

export interface LambdaCloud {
  /** Throws `Throttled`, or what the handler threw. Event and answer cross as JSON. */
  invoke(name: FunctionName, event: unknown): Promise<unknown>;
  readonly counts: ReadonlyMap<FunctionName, FunctionCounts>;
}

export type Idle = 'last used' | 'longest idle';

export interface LambdaCloudOptions {
  /** Which of those that wait has the next request. @default 'last used' */
  readonly idle?: Idle;
  readonly clock: EngineClock;
  /** The account's quota. */
  readonly accountConcurrency: number;
  readonly reserved: ReservedConcurrency;
  /** A new instance: what it keeps between requests is its own. */
  readonly start: (name: FunctionName) => Handler;
}

/** Of an instance that is started for a request; Node.js with our bundle. */
const coldStartMs = 400;
/** From the caller to the handler and back, without what the handler takes. */
const overheadMs = 8;

const functionTimeoutMs: Readonly<Record<FunctionName, number>> = {
  connect: 30_000,
  callback: 60_000,
  configure: 300_000,
  'schedule-refreshes': 50_000,
  refresh: 60_000,
  'jwt-bearer': 60_000,
  token: 30_000,
  connections: 20_000,
  maintain: 60_000,
};

export function createLambdaCloud(options: LambdaCloudOptions): LambdaCloud {
  const { clock, accountConcurrency, reserved, start } = options;
  const counts = new Map<FunctionName, FunctionCounts>();
  const idle = new Map<FunctionName, Handler[]>();
  const atWork = new Map<FunctionName, number>();
  const unreserved = accountConcurrency - Object.values(reserved).reduce((sum, one) => sum + one, 0);

  /** What takes instances from the same number as `name` does. */
  function sharedWith(name: FunctionName): number {
    if (reserved[name] !== undefined) return atWork.get(name) ?? 0;
    let sum = 0;
    for (const [other, count] of atWork) if (reserved[other] === undefined) sum += count;
    return sum;
  }

  function countsOf(name: FunctionName): FunctionCounts {
    const known = counts.get(name) ?? { peak: 0, invocations: 0, refused: 0, busyMs: 0 };
    counts.set(name, known);
    return known;
  }

  async function work(name: FunctionName, event: unknown): Promise<unknown> {
    const waiting = idle.get(name);
    const warm = options.idle === 'longest idle' ? waiting?.shift() : waiting?.pop();
    if (warm === undefined) await clock.wait(coldStartMs);
    const handler = warm ?? start(name);
    const endsAt = clock.now() + functionTimeoutMs[name];
    const over = new AbortController();
    const killed = clock.wait(functionTimeoutMs[name], over.signal).then(() => 'killed' as const);
    const answer = handler(
      asJson(event),
      contextOf(name, () => endsAt - clock.now()),
    ).then((value) => ({ value }));
    try {
      const ended = await Promise.race([answer, killed]);
      if (ended === 'killed') throw new Error(`${name} was killed at its timeout.`);
      idle.set(name, [...(idle.get(name) ?? []), handler]);
      return asJson(ended.value);
    } finally {
      over.abort();
    }
  }

  return {
    counts,
    async invoke(name, event) {
      const account = countsOf(name);
      await clock.wait(overheadMs / 2);
      if (sharedWith(name) >= (reserved[name] ?? unreserved)) {
        account.refused += 1;
        throw new Throttled(`All instances of ${name} are at work.`);
      }
      const count = (atWork.get(name) ?? 0) + 1;
      atWork.set(name, count);
      account.invocations += 1;
      account.peak = Math.max(account.peak, count);
      const begunAt = clock.now();
      try {
        return await work(name, event);
      } finally {
        atWork.set(name, (atWork.get(name) ?? 1) - 1);
        account.busyMs += clock.now() - begunAt;
        await clock.wait(overheadMs / 2);
      }
    },
  };
}

function contextOf(name: FunctionName, remainingMs: () => number): Context {
  return {
    functionName: name,
    awsRequestId: 'request',
    getRemainingTimeInMillis: () => Math.max(0, remainingMs()),
  } as Context;
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
