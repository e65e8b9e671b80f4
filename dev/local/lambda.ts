/**
 * Lambda handlers as the local stack runs them: in process, with a context that counts a timeout down as Lambda's does.
 */
import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { Clock } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';

export type Handler = (event: unknown, context: Context) => Promise<unknown>;
export type Handlers = Readonly<Record<FunctionName, Handler>>;

/** As deployed: HTTP timeout 40 s < function timeout 60 s < lease 75 s. */
const functionTimeoutMs = 60_000;

/** Invokes as Lambda does: event and result cross as JSON, so nothing is shared that AWS would not share. */
export async function invoke(name: FunctionName, handler: Handler, event: unknown, clock: Clock): Promise<unknown> {
  return asJson(await handler(asJson(event), lambdaContext(name, clock)));
}

/** A fresh context; its remaining time runs on `clock`. */
export function lambdaContext(name: FunctionName, clock: Clock): Context {
  const endsAt = clock.now() + functionTimeoutMs;
  const requestId = randomUUID();
  const settle = () => {
    throw new Error('Handlers answer by their promise: context.done, succeed and fail are not for Node.js 24.');
  };
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: `grantkeeper-${name}`,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:grantkeeper-${name}`,
    memoryLimitInMB: '512',
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/grantkeeper-${name}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, endsAt - clock.now()),
    done: settle,
    fail: settle,
    succeed: settle,
  };
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
