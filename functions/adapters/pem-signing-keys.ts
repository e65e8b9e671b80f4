/**
 * The SigningKeys port on Secrets Manager, for apps whose configuration says `signingKey: 'pem'`: the private keys lie in
 * the secret `<prefix><app>/signing-key` and sign in this process. Cached for five minutes in the warm process.
 */
import { type KeyObject, sign } from 'node:crypto';
import { ParameterNotFoundError } from '@aws-lambda-powertools/parameters/errors';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AppMisconfiguredError, KeysUnavailableError } from '../core/errors.ts';
import type { SigningKey, SigningKeys } from '../core/ports.ts';
import { type PemKey, parsePemKeys, rsaKeyOf } from './pem-key-set.ts';
import { makeKeyCommand, pemSecretName } from './signing-key-names.ts';

export interface PemSigningKeysOptions {
  readonly client: SecretsManagerClient;
  readonly prefix: string;
}

const cacheSeconds = 300;
const expectedForm =
  '{"version": 1, "keys": [{"id": "1", "privateKeyPem": "<RSA key>"}]}, with the keys 1 and 2 at most';

export function createPemSigningKeys({ client, prefix }: PemSigningKeysOptions): SigningKeys {
  const provider = new SecretsProvider({ awsSdkV3Client: client });

  async function keysOf(app: string): Promise<readonly PemKey[]> {
    const secretId = pemSecretName(prefix, app);
    let keys = await read(app, secretId, false);
    // Whoever has just made or mended the keys should not wait for the cached value to expire.
    if (keys === undefined || keys.length === 0) keys = await read(app, secretId, true);
    if (keys === undefined) throw misconfigured(app, prefix, `${secretId} in Secrets Manager is not ${expectedForm}`);
    if (keys.length === 0) throw misconfigured(app, prefix, `${secretId} in Secrets Manager holds none`);
    return keys;
  }

  /** `undefined`: not of the form. */
  async function read(app: string, secretId: string, forceFetch: boolean): Promise<readonly PemKey[] | undefined> {
    try {
      const text = await provider.get(secretId, { maxAge: cacheSeconds, forceFetch, throwOnMissing: true });
      return typeof text === 'string' ? parsePemKeys(text.trim()) : undefined;
    } catch (error) {
      throw unreadable(app, prefix, error);
    }
  }

  return {
    of: async (app) => (await keysOf(app)).map(pemSigningKey),
    certificateEnds: async (app) =>
      (await keysOf(app)).map(({ id, certificateEndsAt }) => ({ id, endsAt: epochMs(certificateEndsAt) })),
  };
}

/** The key in this process; for the local stack too. */
export function pemSigningKey({ id, privateKeyPem }: Pick<PemKey, 'id' | 'privateKeyPem'>): SigningKey {
  // Parsed here once, not for each signature.
  const key = rsaKeyOf(privateKeyPem);
  return {
    id,
    sign: async (input) => signBy(key, id, input),
  };
}

function signBy(key: KeyObject | undefined, id: string, input: string): Uint8Array {
  if (key === undefined) throw new KeysUnavailableError(`Key ${id} is no RSA key in PEM. Put an RSA key in its place.`);
  return sign('sha256', Buffer.from(input), key);
}

/** What only the deployer can mend; all else of Secrets Manager passes. */
const deployersTrouble: readonly string[] = ['AccessDeniedException', 'DecryptionFailure', 'InvalidRequestException'];

function unreadable(app: string, prefix: string, error: unknown): Error {
  const secretId = pemSecretName(prefix, app);
  if (error instanceof ParameterNotFoundError) return misconfigured(app, prefix, `there is no secret ${secretId}`);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const name = cause instanceof Error ? cause.name : 'an unknown error';
  if (deployersTrouble.includes(name)) return misconfigured(app, prefix, `${secretId} cannot be read (${name})`, cause);
  const what = `Secrets Manager did not give the signing keys of the app ${app}: ${name}. Try again later.`;
  return new KeysUnavailableError(what, { cause });
}

function misconfigured(app: string, prefix: string, why: string, cause?: unknown): AppMisconfiguredError {
  const what = `The app ${app} has no key that signs its assertions: ${why}. Run: ${makeKeyCommand(app, prefix)}`;
  return new AppMisconfiguredError(app, what, { cause });
}

function epochMs(time: string | undefined): number | undefined {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? undefined : parsed;
}
