/**
 * The TokenReader port: asks the `token` Lambda for an access token that works, as its route would. For `configure`,
 * whose role can open no token itself.
 *
 * What it answers holds a token in the clear: it goes into a `Secret` at once, and no error repeats any of it.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import { GrantkeeperError } from '../core/errors.ts';
import type { LiveToken, TokenReader } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import { createLambdaClient, invokeLambda, type LambdaTarget } from './invoke-lambda.ts';

/** The invocation failed, or answered with what is neither a token nor a problem. */
export class TokenReaderError extends GrantkeeperError {
  readonly code = 'token_reader_failed';
}

/** `token` runs for 30 s at most, of which it may wait 20 s for a refresh. */
const timeoutMs = 32_000;

const text = z.string().check(z.minLength(1));

const answerSchema = z.discriminatedUnion('kind', [
  z.object({ version: z.literal(1), kind: z.literal('token'), access_token: text, instance_url: text }),
  z.object({ version: z.literal(1), kind: z.literal('problem'), code: text, detail: z.string() }),
]);

export function createLambdaTokenReader(target: LambdaTarget): TokenReader {
  return {
    async read(connectionId, rejectedTokenSha256) {
      const rejected = rejectedTokenSha256 === undefined ? {} : { rejectedTokenSha256 };
      const invoked = await invokeLambda(
        target,
        { version: 1, kind: 'read_token', connectionId, ...rejected },
        timeoutMs,
      );
      if (invoked.kind === 'answered') return liveTokenOf(target.functionName, invoked.payload);
      const what = invoked.kind === 'failed' ? invoked.functionError : invoked.reason;
      throw new TokenReaderError(`Function ${target.functionName} handed out no token (${what}); its log says why.`);
    },
  };
}

export function createTokenReaderClient(): LambdaClient {
  return createLambdaClient(timeoutMs);
}

function liveTokenOf(functionName: string, payload: unknown): LiveToken {
  const parsed = answerSchema.safeParse(payload);
  if (!parsed.success) {
    const paths = parsed.error.issues.map((issue) => issue.path.join('.') || '(root)').join(', ');
    throw new TokenReaderError(
      `Function ${functionName} answered with no token of version 1; wrong at: ${paths}. Deploy both of one release.`,
    );
  }
  const { data } = parsed;
  if (data.kind === 'problem') return { kind: 'problem', code: data.code, detail: data.detail };
  return { kind: 'token', accessToken: new Secret(data.access_token), instanceUrl: data.instance_url };
}
