/**
 * The SigningKeys port on AWS KMS: an app's keys are those behind the aliases `<prefix><app>/signing-1` and `-2`. The
 * private part never leaves KMS. `npx grantkeeper signing-key` makes key and alias, outside the stack.
 *
 * A signature names the alias, so that a role's policy can (`kms:RequestAlias`). Which of the two exist is remembered for
 * five minutes; that there is none is not, for whoever has just made a key should not wait.
 *
 * Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
import {
  DescribeKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ListResourceTagsCommand,
  SignCommand,
  type Tag,
} from '@aws-sdk/client-kms';
import { AppMisconfiguredError, KeysUnavailableError } from '../core/errors.ts';
import type { CertificateEnd, SigningKey, SigningKeys } from '../core/ports.ts';
import {
  certificateEndsTag,
  makeKeyCommand,
  type SigningKeyId,
  signingKeyAlias,
  signingKeyIds,
} from './signing-key-names.ts';

export interface KmsSigningKeysOptions {
  readonly client: KMSClient;
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const rememberMs = 300_000;

export function createKmsSigningKeys({ client, prefix, now }: KmsSigningKeysOptions): SigningKeys {
  const remembered = new Map<string, { readonly keys: readonly FoundKey[]; readonly until: number }>();

  async function found(app: string): Promise<readonly FoundKey[]> {
    const known = remembered.get(app);
    if (known !== undefined && known.until > now()) return known.keys;
    const answers = await Promise.all(
      signingKeyIds.map((id) => describe(client, id, signingKeyAlias(prefix, app, id))),
    );
    const keys = answers.flatMap((answer) => (answer.kind === 'found' ? [answer.key] : []));
    if (keys.length === 0) throw nothingFound(app, prefix, answers);
    // An alias about which KMS said nothing may stand for a key: it is asked for again the next time.
    if (!answers.some(({ kind }) => kind === 'unknown')) remembered.set(app, { keys, until: now() + rememberMs });
    return keys;
  }

  function signingKey(app: string, { id, alias }: FoundKey): SigningKey {
    return {
      id,
      async sign(input) {
        try {
          return await signByKms(client, alias, Buffer.from(input));
        } catch (error) {
          // Perhaps it is being retired: the next caller looks anew.
          remembered.delete(app);
          throw new KeysUnavailableError(`KMS did not sign with ${alias}: ${nameOf(error)}. Try again later.`, {
            cause: error,
          });
        }
      },
    };
  }

  return {
    of: async (app) => (await found(app)).map((key) => signingKey(app, key)),
    certificateEnds: async (app) =>
      Promise.all((await found(app)).map(async (key) => ({ id: key.id, endsAt: await certificateEnd(client, key) }))),
  };
}

/** @param keyId or alias. @param message at most 4,096 bytes: KMS hashes it. Throws what the SDK throws. */
export async function signByKms(client: KMSClient, keyId: string, message: Uint8Array): Promise<Uint8Array> {
  const { Signature } = await client.send(
    new SignCommand({
      KeyId: keyId,
      Message: message,
      MessageType: 'RAW',
      SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
    }),
  );
  if (Signature === undefined) throw new Error(`KMS answered without a signature of ${keyId}.`);
  return Signature;
}

/** Whether a key of KMS can sign assertions. */
export function canSign({ KeyState, KeyUsage, KeySpec }: KeyMetadata): boolean {
  return KeyState === 'Enabled' && KeyUsage === 'SIGN_VERIFY' && (KeySpec ?? '').startsWith('RSA_');
}

/** @param tags of a key, which has fifty at most: one page */
export function certificateEndOf(tags: readonly Tag[] = []): CertificateEnd['endsAt'] {
  const endsAt = Date.parse(tags.find(({ TagKey }) => TagKey === certificateEndsTag)?.TagValue ?? '');
  return Number.isNaN(endsAt) ? undefined : endsAt;
}

interface FoundKey {
  readonly id: SigningKeyId;
  readonly alias: string;
  /** Tags are not told by alias. */
  readonly keyId: string;
}

type Answer =
  | { readonly kind: 'found'; readonly key: FoundKey }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable'; readonly why: string }
  | { readonly kind: 'unknown'; readonly error: unknown };

async function describe(client: KMSClient, id: SigningKeyId, alias: string): Promise<Answer> {
  try {
    const { KeyMetadata: metadata } = await client.send(new DescribeKeyCommand({ KeyId: alias }));
    if (metadata?.KeyId === undefined) return { kind: 'absent' };
    if (canSign(metadata)) return { kind: 'found', key: { id, alias, keyId: metadata.KeyId } };
    return { kind: 'unusable', why: `${alias} is a key ${metadata.KeySpec} in state ${metadata.KeyState}` };
  } catch (error) {
    if (nameOf(error) === 'NotFoundException') return { kind: 'absent' };
    // Where an alias does not exist, a policy that names aliases may refuse before KMS looks.
    if (nameOf(error) === 'AccessDeniedException') return { kind: 'unusable', why: `access to ${alias} is denied` };
    return { kind: 'unknown', error };
  }
}

function nothingFound(app: string, prefix: string, answers: readonly Answer[]): Error {
  const unknown = answers.find((answer) => answer.kind === 'unknown');
  if (unknown !== undefined) {
    const what = `KMS did not say which signing keys the app ${app} has: ${nameOf(unknown.error)}. Try again later.`;
    return new KeysUnavailableError(what, { cause: unknown.error });
  }
  const reasons = answers.flatMap((answer) => (answer.kind === 'unusable' ? [answer.why] : []));
  const why = reasons.length === 0 ? `there is no ${signingKeyAlias(prefix, app, '1')} in KMS` : reasons.join('; ');
  return new AppMisconfiguredError(
    app,
    `The app ${app} has no key that signs its assertions: ${why}. Run: ${makeKeyCommand(app, prefix)}`,
  );
}

async function certificateEnd(client: KMSClient, { keyId }: FoundKey): Promise<CertificateEnd['endsAt']> {
  try {
    return certificateEndOf((await client.send(new ListResourceTagsCommand({ KeyId: keyId, Limit: 50 }))).Tags);
  } catch (error) {
    throw new KeysUnavailableError(`KMS did not tell the tags of ${keyId}: ${nameOf(error)}. Try again later.`, {
      cause: error,
    });
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an unknown error';
}
