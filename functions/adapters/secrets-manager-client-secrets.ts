/**
 * The ClientSecrets port on Secrets Manager: the secret of an app is `<prefix><app>/client-secret`, its stages are the
 * current value and those beside it during a rotation. Values are cached for five minutes in the warm process.
 *
 * Powertools caches by name alone, whatever stage was asked for: hence one provider for each stage. It keeps no note
 * of a stage that is absent; without one, every call for an app that is not being rotated would ask twice again.
 */
import { ParameterNotFoundError } from '@aws-lambda-powertools/parameters/errors';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AppMisconfiguredError } from '../core/errors.ts';
import type { ClientSecrets } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import { boundedClient } from './bounded-client.ts';

/** What the construct puts into a new secret: an app whose secret is this one has not been set up yet. */
export const unsetClientSecret = 'GRANTKEEPER_UNSET';

const cacheSeconds = 300;
type Stage = 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS';

export interface SecretsManagerClientSecretsOptions {
  readonly client: SecretsManagerClient;
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createSecretsManagerClientSecrets(options: SecretsManagerClientSecretsOptions): ClientSecrets {
  const current = stageReader('AWSCURRENT', options);
  const pending = stageReader('AWSPENDING', options);
  const previous = stageReader('AWSPREVIOUS', options);
  return {
    async of(app, { fresh = false } = {}) {
      const secretId = `${options.prefix}${app}/client-secret`;
      const [now, next, before] = await Promise.all(
        [current, pending, previous].map((read) => read(secretId, fresh)),
      ).catch((error: unknown) => {
        throw unreadable(app, secretId, error);
      });
      if (now === undefined) throw unset(app, secretId);
      return { current: now, pending: next, previous: before };
    },
  };
}

export function createSecretsManagerClient(): SecretsManagerClient {
  return new SecretsManagerClient(boundedClient({ requestTimeoutMs: 3000, maxAttempts: 3 }));
}

function stageReader(stage: Stage, { client, now }: SecretsManagerClientSecretsOptions) {
  const provider = new SecretsProvider({ awsSdkV3Client: client });
  const absentUntil = new Map<string, number>();

  return async function read(secretId: string, fresh: boolean): Promise<Secret | undefined> {
    if (!fresh && (absentUntil.get(secretId) ?? 0) > now()) return undefined;
    let value = await fetchValue(secretId, fresh);
    // Whoever has just set the secret should not wait for a cached placeholder to expire.
    if (value === unsetClientSecret && !fresh) value = await fetchValue(secretId, true);
    if (value !== undefined && value !== unsetClientSecret) {
      absentUntil.delete(secretId);
      return new Secret(value);
    }
    if (stage !== 'AWSCURRENT') absentUntil.set(secretId, now() + cacheSeconds * 1000);
    return undefined;
  };

  async function fetchValue(secretId: string, forceFetch: boolean): Promise<string | undefined> {
    try {
      const value = await provider.get(secretId, {
        maxAge: cacheSeconds,
        forceFetch,
        throwOnMissing: true,
        sdkOptions: { VersionStage: stage },
      });
      // A value that was set from a file ends in a newline, which is no part of it.
      return typeof value === 'string' ? value.trim() || undefined : undefined;
    } catch (error) {
      if (error instanceof ParameterNotFoundError && stage !== 'AWSCURRENT') return undefined;
      throw error;
    }
  }
}

function unset(app: string, secretId: string): AppMisconfiguredError {
  return new AppMisconfiguredError(app, `The client secret of app ${app} is not set. ${remedy(secretId)}`);
}

function unreadable(app: string, secretId: string, error: unknown): AppMisconfiguredError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.name : 'unknown error';
  return new AppMisconfiguredError(
    app,
    `The client secret of app ${app} cannot be read from ${secretId} (${reason}). If it does not exist, deploy again; if it is not set: ${remedy(secretId)}`,
    { cause },
  );
}

function remedy(secretId: string): string {
  return `Copy the consumer secret from the app's settings in Salesforce and run: aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string '<consumer secret>'`;
}
