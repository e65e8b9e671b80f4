/**
 * Signing keys in KMS. A key is found by its alias, and only one process can create an alias: of two that make a key at
 * once, the second takes the first's. They belong to no stack, so that its deletion does not end what Salesforce knows.
 *
 * Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
 */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GetPublicKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { canSign, certificateEndOf, signByKms } from '../functions/adapters/kms-signing-keys.ts';
import {
  certificateEndsTag,
  type SigningKeyId,
  signingKeyAlias,
  signingKeyIds,
} from '../functions/adapters/signing-key-names.ts';
import { rfc3339 } from '../functions/core/rfc3339.ts';
import { CommandError } from './command-error.ts';
import type { HeldKey, KeyRing } from './key-ring.ts';

export interface KmsKeyRingOptions {
  readonly client: KMSClient;
  readonly prefix: string;
  readonly app: string;
}

const pendingDays = 30;
/** Of a key that was never used. */
const shortestPendingDays = 7;
const aliasPattern = /^alias\/(?!aws\/)[A-Za-z0-9/_-]{1,250}$/;

export function createKmsKeyRing({ client, prefix, app }: KmsKeyRingOptions): KeyRing {
  const aliasOf = (id: SigningKeyId) => signingKeyAlias(prefix, app, id);
  if (!aliasPattern.test(aliasOf('1'))) {
    throw new CommandError(
      `--stack-prefix may hold letters, digits, "/", "_" and "-" for keys in KMS, and not begin with "aws/"; got ${JSON.stringify(prefix)}.`,
    );
  }
  return {
    keys: async () => {
      const found = await Promise.all(signingKeyIds.map((id) => find(client, id, aliasOf(id))));
      return Promise.all(found.flat().map((key) => heldKey(client, key)));
    },
    make: async (id) => heldKey(client, await makeKey(client, { id, alias: aliasOf(id), app, prefix })),
    retire: (id) => retireKey(client, aliasOf(id)),
  };
}

interface AliasedKey {
  readonly id: SigningKeyId;
  readonly alias: string;
  readonly keyId: string;
  readonly metadata: KeyMetadata;
}

async function find(client: KMSClient, id: SigningKeyId, alias: string): Promise<AliasedKey[]> {
  const metadata = await describe(client, alias);
  return metadata?.KeyId === undefined ? [] : [{ id, alias, keyId: metadata.KeyId, metadata }];
}

/** Asked by the key's own id: KMS may not know a new alias everywhere for some minutes. */
async function heldKey(client: KMSClient, { id, alias, keyId, metadata }: AliasedKey): Promise<HeldKey> {
  const { Tags } = await client.send(new ListResourceTagsCommand({ KeyId: keyId, Limit: 50 }));
  return {
    id,
    place: `${alias} (${metadata.Arn ?? keyId})`,
    unusable: canSign(metadata) ? undefined : `it is a key ${metadata.KeySpec} in state ${metadata.KeyState}`,
    certificateEndsAt: certificateEndOf(Tags),
    publicKey: () => publicKeyOf(client, keyId),
    sign: (message) => signByKms(client, keyId, message),
    async noteCertificateEnd(endsAt) {
      const tag = { TagKey: certificateEndsTag, TagValue: rfc3339(endsAt) };
      await client.send(new TagResourceCommand({ KeyId: keyId, Tags: [tag] }));
    },
  };
}

async function publicKeyOf(client: KMSClient, keyId: string): Promise<Uint8Array> {
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (PublicKey === undefined) throw new Error(`KMS answered without the public key of ${keyId}.`);
  return PublicKey;
}

interface NewKey {
  readonly id: SigningKeyId;
  readonly alias: string;
  readonly app: string;
  readonly prefix: string;
}

async function makeKey(client: KMSClient, { id, alias, app, prefix }: NewKey): Promise<AliasedKey> {
  const { KeyMetadata: metadata } = await client.send(
    new CreateKeyCommand({
      KeySpec: 'RSA_2048',
      KeyUsage: 'SIGN_VERIFY',
      Description: `Grantkeeper: signs the assertions of the app ${app} for Salesforce (key ${id})`,
      Tags: [
        { TagKey: 'grantkeeper:app', TagValue: app },
        { TagKey: 'grantkeeper:prefix', TagValue: prefix },
      ],
    }),
  );
  if (metadata?.KeyId === undefined) throw new Error('KMS answered without the id of the new key.');
  const made = { id, alias, keyId: metadata.KeyId, metadata };
  try {
    await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: made.keyId }));
    return made;
  } catch (error) {
    // Another process may have come first, or the answer to our own first try was lost.
    const [present] = await find(client, id, alias);
    if (present?.keyId === made.keyId) return made;
    // Without an alias nobody would find it, and it would be paid for.
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: made.keyId, PendingWindowInDays: shortestPendingDays }));
    if (present === undefined) throw error;
    return present;
  }
}

/** The alias goes last: it is how a run after a death in between finds what is left to do. */
async function retireKey(client: KMSClient, alias: string): Promise<readonly string[]> {
  const { KeyId, KeyState } = await mustDescribe(client, alias);
  if (KeyState === 'Enabled') await client.send(new DisableKeyCommand({ KeyId }));
  if (KeyState !== 'PendingDeletion') {
    await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: pendingDays }));
  }
  await client.send(new DeleteAliasCommand({ AliasName: alias }));
  return [
    `The key ${KeyId} is disabled, KMS deletes it in ${pendingDays} days, and ${alias} is gone.`,
    'To take it back before then:',
    `  aws kms cancel-key-deletion --key-id ${KeyId}`,
    `  aws kms enable-key --key-id ${KeyId}`,
    `  aws kms create-alias --alias-name ${alias} --target-key-id ${KeyId}`,
  ];
}

async function mustDescribe(client: KMSClient, alias: string): Promise<KeyMetadata> {
  const metadata = await describe(client, alias);
  if (metadata !== undefined) return metadata;
  throw new CommandError(`There is no ${alias} in KMS any more: another process retired it meanwhile.`);
}

async function describe(client: KMSClient, alias: string): Promise<KeyMetadata | undefined> {
  try {
    return (await client.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return undefined;
    throw error;
  }
}
