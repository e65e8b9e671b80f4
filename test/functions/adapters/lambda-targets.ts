/** A Lambda that a test plays: its answers, and what it was invoked with. */
import type { TestContext } from 'node:test';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { LambdaTarget } from '../../../functions/adapters/invoke-lambda.ts';
import { type PlayedAnswer, type PlayedCall, playedAws } from './played-aws.ts';

export const lambdaFailed = (body: unknown): PlayedAnswer => ({
  headers: { 'x-amz-function-error': 'Unhandled' },
  body,
});

export const lambdaBusy: PlayedAnswer = { status: 429, body: { Type: 'User', message: 'busy: canary' } };

export async function playedLambda(
  test: TestContext,
  functionName: string,
  answer: PlayedAnswer,
): Promise<{ target: LambdaTarget; calls: PlayedCall[] }> {
  const { config, calls } = await playedAws(test, () => answer);
  const client = new LambdaClient({ ...config, maxAttempts: 1 });
  test.after(() => client.destroy());
  return { target: { client, functionName }, calls };
}
