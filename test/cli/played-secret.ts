/** Secrets Manager with one secret and its versions, behind the real SDK client. */
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type PlayedAnswer, type PlayedCall, playedAws } from '../functions/adapters/played-aws.ts';

export interface PlayedSecret {
  readonly client: SecretsManagerClient;
  readonly calls: PlayedCall[];
  readonly id: string;
  /** Value and labels by version. */
  readonly versions: Map<string, { readonly text: string; readonly stages: Set<string> }>;
  /** The value that counts. */
  current(): string;
  /** Puts a value, as another process would. */
  put(text: string): void;
  /** Called before an action is done, e.g. `UpdateSecretVersionStage`. */
  before?: (name: string) => void;
}

class SecretError extends Error {}

export async function playedSecret(context: TestContext, id: string, text: string): Promise<PlayedSecret> {
  const versions: PlayedSecret['versions'] = new Map();
  const holder = (stage: string) => [...versions].find(([, { stages }]) => stages.has(stage))?.[0];
  const { config, calls } = await playedAws(context, ({ action, body }) => {
    const name = action.replace('secretsmanager.', '');
    secret.before?.(name);
    try {
      if (body.SecretId !== id) throw new SecretError('ResourceNotFoundException');
      return acts[name]?.(body) ?? { status: 400, body: { __type: 'UnknownOperationException' } };
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      return { status: 400, body: { __type: error.message, message: 'as the service says' } };
    }
  });

  const move = (stage: string, to: string | undefined) => {
    const from = holder(stage);
    if (from !== undefined) versions.get(from)?.stages.delete(stage);
    if (to !== undefined) versions.get(to)?.stages.add(stage);
    if (stage === 'AWSCURRENT' && from !== undefined) move('AWSPREVIOUS', from);
  };

  const acts: Record<string, (body: Record<string, unknown>) => PlayedAnswer> = {
    GetSecretValue: ({ VersionStage = 'AWSCURRENT' }) => {
      const versionId = holder(String(VersionStage));
      if (versionId === undefined) throw new SecretError('ResourceNotFoundException');
      return { body: { Name: id, VersionId: versionId, SecretString: versions.get(versionId)?.text } };
    },
    PutSecretValue: ({ ClientRequestToken, SecretString, VersionStages = ['AWSCURRENT'] }) => {
      const versionId = String(ClientRequestToken);
      versions.set(versionId, { text: String(SecretString), stages: new Set() });
      for (const stage of VersionStages as string[]) move(stage, versionId);
      return { body: { VersionId: versionId } };
    },
    UpdateSecretVersionStage: ({ VersionStage, RemoveFromVersionId, MoveToVersionId }) => {
      const stage = String(VersionStage);
      if (holder(stage) !== RemoveFromVersionId) throw new SecretError('InvalidParameterException');
      move(stage, MoveToVersionId as string | undefined);
      return { body: {} };
    },
  };

  const secret: PlayedSecret = {
    client: new SecretsManagerClient({ ...config, maxAttempts: 1 }),
    calls,
    id,
    versions,
    current: () => versions.get(holder('AWSCURRENT') ?? '')?.text ?? '',
    put(value) {
      const versionId = randomUUID();
      versions.set(versionId, { text: value, stages: new Set() });
      move('AWSCURRENT', versionId);
    },
  };
  secret.put(text);
  return secret;
}
