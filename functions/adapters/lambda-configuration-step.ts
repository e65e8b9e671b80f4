/**
 * The ConfigurationStep port on the deployer's own Lambda: invokes it with the event and waits until it has ended.
 *
 * What it throws becomes the integration's `reason`, which services read. It is a stranger's text: redacted first, then
 * cut, for a token that is cut off looks like none.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { GrantkeeperError } from '../core/errors.ts';
import type { ConfigurationStep } from '../core/ports.ts';
import { createLambdaClient, invokeLambda, type LambdaTarget } from './invoke-lambda.ts';

/** The step failed; the message says with what. It may have done its work all the same, in whole or in part. */
export class ConfigurationStepError extends GrantkeeperError {
  readonly code = 'configuration_step_failed';
}

export interface LambdaConfigurationStepOptions extends LambdaTarget {
  /** Takes whatever looks like a secret out of a text. */
  readonly redact: (text: string) => string;
}

/** `configure` lives for 5 minutes and reads a token and the identity URL before. */
export const configurationStepTimeoutMs = 240_000;

const reasonLengthAtMost = 300;

export function createLambdaConfigurationStep({
  redact,
  ...target
}: LambdaConfigurationStepOptions): ConfigurationStep {
  return {
    async run(event, timeoutMs = configurationStepTimeoutMs) {
      const invoked = await invokeLambda(target, event, Math.min(timeoutMs, configurationStepTimeoutMs));
      switch (invoked.kind) {
        case 'answered':
          return;
        case 'failed':
          throw new ConfigurationStepError(
            `The configuration function failed: ${reasonOf(redact(messageOf(invoked.payload) ?? invoked.functionError))}`,
          );
        case 'not_answered':
          throw new ConfigurationStepError(`The configuration function did not end: ${invoked.reason}`);
      }
    },
  };
}

export function createConfigurationStepClient(): LambdaClient {
  return createLambdaClient(configurationStepTimeoutMs);
}

/** Lambda's error document: `{errorType, errorMessage, trace}`; of a timeout or a killed process too. */
function messageOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('errorMessage' in payload)) return undefined;
  const { errorMessage } = payload;
  return typeof errorMessage === 'string' && errorMessage.trim() !== '' ? errorMessage : undefined;
}

function reasonOf(text: string): string {
  const oneLine = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return oneLine.length <= reasonLengthAtMost ? oneLine : `${oneLine.slice(0, reasonLengthAtMost - 1)}…`;
}
