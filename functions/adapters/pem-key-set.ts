/**
 * What lies in Secrets Manager for an app whose keys are PEM: `<prefix><app>/signing-key`, JSON
 * `{version: 1, keys: [{id, privateKeyPem, certificateEndsAt?}]}`. Read by the adapter, written by
 * `npx grantkeeper signing-key`. No error says anything of its content.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { Secret } from '../core/secret.ts';
import { unsetClientSecret } from './secrets-manager-client-secrets.ts';
import { type SigningKeyId, signingKeyIds } from './signing-key-names.ts';

const keySchema = z.strictObject({
  id: z.enum(signingKeyIds),
  /** PKCS #8. */
  privateKeyPem: z.string(),
  /** RFC 3339. */
  certificateEndsAt: z.optional(z.string()),
});
const setSchema = z.strictObject({
  version: z.literal(1),
  keys: z.array(keySchema).check(z.maxLength(signingKeyIds.length)),
});

export interface PemKey {
  readonly id: SigningKeyId;
  readonly privateKeyPem: Secret;
  /** RFC 3339. */
  readonly certificateEndsAt?: string;
}

/** By id. `undefined`: it is not of this form, or a key in it is no RSA key; the placeholder holds none. */
export function parsePemKeys(text: string): readonly PemKey[] | undefined {
  if (text === unsetClientSecret) return [];
  const parsed = setSchema.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const keys = parsed.data.keys
    .map((key): PemKey => ({ ...key, privateKeyPem: new Secret(key.privateKeyPem) }))
    .sort((a, b) => Number(a.id) - Number(b.id));
  const distinct = new Set(keys.map(({ id }) => id)).size === keys.length;
  return distinct && keys.every(({ privateKeyPem }) => rsaKeyOf(privateKeyPem) !== undefined) ? keys : undefined;
}

/** What goes into Secrets Manager. */
export function formatPemKeys(keys: readonly PemKey[]): Secret {
  const opened = keys.map((key) => ({ ...key, privateKeyPem: key.privateKeyPem.reveal() }));
  return new Secret(JSON.stringify({ version: 1, keys: opened }));
}

/** `undefined`: it is none. */
export function rsaKeyOf(privateKeyPem: Secret): KeyObject | undefined {
  try {
    const key = createPrivateKey(privateKeyPem.reveal());
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the text.
    return undefined;
  }
}
