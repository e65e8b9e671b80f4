/**
 * Signing keys in Secrets Manager, for apps with `signingKey: 'pem'`. All keys of an app lie in one value, so each change
 * is compare-and-set: the new value is put beside the current one, then the label AWSCURRENT is moved from the version that
 * was read; Secrets Manager refuses where that is no longer the current one.
 *
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { formatPemKeys, type PemKey, parsePemKeys, rsaKeyOf } from '../functions/adapters/pem-key-set.ts';
import { pemSecretName, type SigningKeyId } from '../functions/adapters/signing-key-names.ts';
import { rfc3339 } from '../functions/core/rfc3339.ts';
import { Secret } from '../functions/core/secret.ts';
import { CommandError } from './command-error.ts';
import type { HeldKey, KeyRing } from './key-ring.ts';

export interface PemKeyRingOptions {
  readonly client: SecretsManagerClient;
  readonly prefix: string;
  readonly app: string;
}

/** A new value carries it until it is the current one. */
const preparedStage = 'GRANTKEEPER_PREPARED';

export function createPemKeyRing({ client, prefix, app }: PemKeyRingOptions): KeyRing {
  const secretId = pemSecretName(prefix, app);
  const keys = async () => (await read(client, secretId)).keys.map((key) => heldKey(client, secretId, key));
  return {
    keys,
    async make(id) {
      const has = (held: readonly { id: SigningKeyId }[]) => held.some((key) => key.id === id);
      await change(client, secretId, (held) => (has(held) ? held : [...held, generated(id)]));
      const made = (await keys()).find((key) => key.id === id);
      if (made === undefined) throw changedMeanwhile(secretId);
      return made;
    },
    async retire(id) {
      await change(client, secretId, (held) => held.filter((key) => key.id !== id));
      await forgetPrevious(client, secretId);
      return [`The key ${id} is removed from ${secretId}; it cannot be brought back.`];
    },
  };
}

interface CurrentKeys {
  readonly keys: readonly PemKey[];
  readonly versionId: string;
}

async function read(client: SecretsManagerClient, secretId: string): Promise<CurrentKeys> {
  const { SecretString, VersionId } = await client
    .send(new GetSecretValueCommand({ SecretId: secretId }))
    .catch((error: unknown) => {
      throw missing(error, secretId) ?? error;
    });
  const keys = parsePemKeys(SecretString?.trim() ?? '');
  if (keys !== undefined && VersionId !== undefined) return { keys, versionId: VersionId };
  throw new CommandError(
    `${secretId} in Secrets Manager holds something else than signing keys. If nothing of it is needed, run: aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string '{"version":1,"keys":[]}'`,
  );
}

function missing(error: unknown, secretId: string): CommandError | undefined {
  if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) return undefined;
  return new CommandError(
    `There is no secret ${secretId} in Secrets Manager. The stack makes it: deploy with this app in the configuration first (or name the stack with --stack-prefix, and the region with AWS_REGION).`,
  );
}

async function change(
  client: SecretsManagerClient,
  secretId: string,
  edit: (keys: readonly PemKey[]) => readonly PemKey[],
): Promise<void> {
  const { keys, versionId } = await read(client, secretId);
  const edited = formatPemKeys(edit(keys));
  if (edited.reveal() === formatPemKeys(keys).reveal()) return;
  const newVersionId = randomUUID();
  await client.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: newVersionId,
      SecretString: edited.reveal(),
      VersionStages: [preparedStage],
    }),
  );
  await moveCurrent(client, secretId, versionId, newVersionId);
  await removeStage(client, secretId, preparedStage, newVersionId);
}

async function moveCurrent(client: SecretsManagerClient, secretId: string, from: string, to: string): Promise<void> {
  const label = { SecretId: secretId, VersionStage: 'AWSCURRENT', RemoveFromVersionId: from, MoveToVersionId: to };
  try {
    await client.send(new UpdateSecretVersionStageCommand(label));
  } catch (error) {
    // An answer may have been lost: what counts is which version is current now.
    const current = await read(client, secretId);
    if (current.versionId === to) return;
    await removeStage(client, secretId, preparedStage, to);
    if (current.versionId === from) throw error;
    throw changedMeanwhile(secretId);
  }
}

function changedMeanwhile(secretId: string): CommandError {
  return new CommandError(`${secretId} was changed by another process meanwhile; nothing is lost. Run it again.`);
}

/** A retired key would stay readable in the version before. */
async function forgetPrevious(client: SecretsManagerClient, secretId: string): Promise<void> {
  const previous = await client
    .send(new GetSecretValueCommand({ SecretId: secretId, VersionStage: 'AWSPREVIOUS' }))
    .catch(() => undefined);
  if (previous?.VersionId !== undefined) await removeStage(client, secretId, 'AWSPREVIOUS', previous.VersionId);
}

/** A version without a label is deleted by Secrets Manager, in time. That the label is gone already is as good. */
async function removeStage(client: SecretsManagerClient, SecretId: string, VersionStage: string, versionId: string) {
  const label = { SecretId, VersionStage, RemoveFromVersionId: versionId };
  await client.send(new UpdateSecretVersionStageCommand(label)).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'InvalidParameterException')) throw error;
  });
}

function heldKey(client: SecretsManagerClient, secretId: string, key: PemKey): HeldKey {
  const privateKey = rsaKeyOf(key.privateKeyPem);
  if (privateKey === undefined) throw new Error(`Key ${key.id} of ${secretId} is no RSA key.`);
  return {
    id: key.id,
    place: `the secret ${secretId}`,
    certificateEndsAt: Date.parse(key.certificateEndsAt ?? '') || undefined,
    publicKey: async () => createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    sign: async (message) => sign('sha256', message, privateKey),
    noteCertificateEnd: (endsAt) =>
      change(client, secretId, (held) =>
        held.map((one) => (one.id === key.id ? { ...one, certificateEndsAt: rfc3339(endsAt) } : one)),
      ),
  };
}

function generated(id: SigningKeyId): PemKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return { id, privateKeyPem: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()) };
}
