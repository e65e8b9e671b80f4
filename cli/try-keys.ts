/**
 * Whether Salesforce takes an app's keys: a token is asked for with each, as a function would, and thrown away. It is not
 * revoked, for Salesforce may have answered the token that others hold (facts §8).
 */
import { assertionOf, signingInput } from '../functions/core/assertion.ts';
import { audienceOf } from '../functions/core/audience.ts';
import type { AppConfig } from '../functions/core/config.ts';
import { judgeTokenAnswer } from '../functions/core/judge-token-answer.ts';
import { newId } from '../functions/core/new-id.ts';
import type { Random, Salesforce } from '../functions/core/ports.ts';
import { CommandError } from './command-error.ts';
import type { SigningKeyOptions } from './command-line.ts';
import type { HeldKey } from './key-ring.ts';

export interface TryWorld {
  readonly salesforce: Pick<Salesforce, 'exchangeAssertion'>;
  readonly random: Random;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Trial extends Pick<SigningKeyOptions, 'app' | 'key'> {
  readonly username: string;
}

const timeoutMs = 40_000;

/** Good where at least one was taken. */
export async function tryKeys(
  { app: name, key: wanted, username }: Trial,
  app: AppConfig,
  keys: readonly HeldKey[],
  world: TryWorld,
): Promise<{ lines: readonly string[]; good: boolean }> {
  const tried = keys.filter(({ id }) => wanted === undefined || id === wanted);
  if (tried.length === 0)
    throw new CommandError(`${name} has no ${wanted === undefined ? 'key' : `key ${wanted}`} to try.`);
  const lines: string[] = [];
  let good = false;
  for (const key of tried) {
    const refusal = await refusalOf(key, app, username, world);
    good ||= refusal === undefined;
    lines.push(
      refusal === undefined
        ? `Salesforce takes key ${key.id} of ${name} for ${username}.`
        : `Salesforce does not take key ${key.id} of ${name} for ${username}: ${refusal}`,
    );
  }
  return { lines, good };
}

async function refusalOf(
  key: HeldKey,
  app: AppConfig,
  username: string,
  { salesforce, random, now }: TryWorld,
): Promise<string | undefined> {
  if (key.unusable !== undefined) return key.unusable;
  const { clientId, loginUrl } = app;
  const audience = audienceOf(app, loginUrl);
  const input = signingInput({ clientId, username, audience, id: newId(random), now: now() });
  const assertion = assertionOf(input, await key.sign(Buffer.from(input)));
  const judged = judgeTokenAnswer(await salesforce.exchangeAssertion(loginUrl, assertion, timeoutMs), 'jwt_bearer');
  if (judged.kind === 'tokens') return undefined;
  return judged.kind === 'refused' ? `${judged.error} (${judged.description})` : `no answer (${judged.reason})`;
}
