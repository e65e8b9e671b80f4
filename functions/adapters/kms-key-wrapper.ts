/**
 * The KeyWrapper port on AWS KMS: data keys are made and opened there, under an encryption context of purpose and
 * scope, which the roles' policies name too (only `refresh` and `maintain` may open purpose `refresh`, only `refresh` and `token` purpose `access`).
 *
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
 */
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  KMSClient,
} from '@aws-sdk/client-kms';
import { KeysUnavailableError, SealError } from '../core/errors.ts';
import type { KeyContext, KeyWrapper } from '../core/ports.ts';
import { boundedClient } from './bounded-client.ts';

export interface KmsKeyWrapperOptions {
  readonly client: KMSClient;
  /** Id or ARN of a symmetric key. */
  readonly keyId: string;
}

export function createKmsKeyWrapper({ client, keyId }: KmsKeyWrapperOptions): KeyWrapper {
  return {
    async generateDataKey(context) {
      try {
        const answer = await client.send(
          new GenerateDataKeyCommand({
            KeyId: keyId,
            KeySpec: 'AES_256',
            EncryptionContext: encryptionContext(context),
          }),
        );
        return {
          plaintext: present(answer.Plaintext, 'plaintext'),
          wrapped: Buffer.from(present(answer.CiphertextBlob, 'wrapped key')).toString('base64'),
        };
      } catch (error) {
        throw failureOf(error, context);
      }
    },

    async unwrapDataKey(wrapped, context) {
      try {
        const answer = await client.send(
          new DecryptCommand({
            KeyId: keyId,
            CiphertextBlob: Buffer.from(wrapped, 'base64'),
            EncryptionContext: encryptionContext(context),
          }),
        );
        return present(answer.Plaintext, 'plaintext');
      } catch (error) {
        throw failureOf(error, context);
      }
    },
  };
}

export function createKmsClient(): KMSClient {
  return new KMSClient(boundedClient({ requestTimeoutMs: 3000, maxAttempts: 3 }));
}

function encryptionContext({ purpose, scope }: KeyContext): Record<string, string> {
  return { purpose, scope };
}

/** Only two errors say that the wrapped key is not of this context or key; all else is KMS's or its policy's trouble. */
function failureOf(error: unknown, { purpose, scope }: KeyContext): Error {
  if (error instanceof SealError) return error;
  if (error instanceof InvalidCiphertextException || error instanceof IncorrectKeyException) {
    const what = `A wrapped data key was not made for purpose ${purpose} and scope ${scope} under this KMS key.`;
    return new SealError(what, { cause: error });
  }
  const name = error instanceof Error ? error.name : 'an unknown error';
  return new KeysUnavailableError(`KMS did not give a data key for purpose ${purpose}: ${name}. Try again later.`, {
    cause: error,
  });
}

function present(value: Uint8Array | undefined, what: string): Uint8Array {
  if (value !== undefined) return value;
  throw new SealError(`KMS answered without the ${what} of a data key.`);
}
