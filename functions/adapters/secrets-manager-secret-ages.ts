/**
 * The SecretAges port on Secrets Manager, which says when a value was put into a secret to whoever may not read it: by the
 * times and stages of its versions.
 *
 * The stack makes the secret with the placeholder, its first version. Each value put there afterwards is a version of its
 * own: the stage AWSCURRENT moves to it, and AWSPREVIOUS to the one before. So a secret without AWSPREVIOUS still holds
 * the placeholder. (`LastChangedDate` would not do: a tag or a description changes it too.)
 *
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html and
 * API_ListSecretVersionIds.html
 */
import {
  ListSecretVersionIdsCommand,
  type SecretsManagerClient,
  type SecretVersionsListEntry,
} from '@aws-sdk/client-secrets-manager';
import { AppMisconfiguredError } from '../core/errors.ts';
import type { SecretAge, SecretAges } from '../core/ports.ts';

export interface SecretsManagerSecretAgesOptions {
  readonly client: SecretsManagerClient;
  readonly prefix: string;
}

/** Those with a stage; more than a few there are only where somebody gives them stages of his own. */
const versionsAtMost = 100;

export function createSecretsManagerSecretAges({ client, prefix }: SecretsManagerSecretAgesOptions): SecretAges {
  return {
    async of(app) {
      const SecretId = `${prefix}${app}/client-secret`;
      try {
        const listed = await client.send(new ListSecretVersionIdsCommand({ SecretId, MaxResults: versionsAtMost }));
        return ageOf(listed.Versions ?? []);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
        const what = `There is no secret ${SecretId} in Secrets Manager for the app ${app}. Deploy again: the stack makes it.`;
        throw new AppMisconfiguredError(app, what, { cause: error });
      }
    },
  };
}

function ageOf(versions: readonly SecretVersionsListEntry[]): SecretAge {
  const holder = (stage: string) => versions.find(({ VersionStages }) => VersionStages?.includes(stage));
  const set = holder('AWSCURRENT') !== undefined && holder('AWSPREVIOUS') !== undefined;
  const changedAt = set ? holder('AWSCURRENT')?.CreatedDate?.getTime() : undefined;
  return changedAt === undefined ? { set } : { set, changedAt };
}
