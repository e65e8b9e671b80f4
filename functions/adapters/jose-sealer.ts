/**
 * The Sealer port: compact JWE with direct encryption under A256GCM (RFC 7516 §3.1, RFC 7518 §4.5 and §5.3).
 *
 * The protected header holds a digest of where the value belongs (connection, grant, purpose): GCM authenticates it,
 * and `open` compares it with where the value was found, so a sealed token that was moved to another item does not
 * open. A digest and not the names, because each stored connection holds two of these headers.
 */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { SealError } from '../core/errors.ts';
import { sha256Base64url } from '../core/hash.ts';
import type { SealContext, Sealer } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';

/** AES-256. */
const keyBytes = 32;
/** Far above any token (JWT-format ones included): what is larger was not sealed here. */
const maxSealedLength = 65_536;

export function createJoseSealer(): Sealer {
  return { seal, open, keyIdOf };
}

async function seal(text: Secret, key: Uint8Array, keyId: string, context: SealContext): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text.reveal()))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: keyId, [placeName]: placeOf(context) })
    .encrypt(dataKey(key));
}

async function open(sealed: string, key: Uint8Array, context: SealContext): Promise<Secret> {
  if (sealed.length > maxSealedLength) {
    throw new SealError(`A sealed value has ${sealed.length} characters, more than the ${maxSealedLength} allowed.`);
  }
  const { plaintext, protectedHeader } = await decrypt(sealed, dataKey(key));
  if (protectedHeader[placeName] !== placeOf(context)) {
    const { connectionId, grantId, purpose } = context;
    throw new SealError(
      `A sealed value was made for another place than connection ${connectionId}, grant ${grantId}, purpose ${purpose}.`,
    );
  }
  return new Secret(new TextDecoder('utf-8', { fatal: true }).decode(plaintext));
}

function keyIdOf(sealed: string): string | undefined {
  if (sealed.length > maxSealedLength) return undefined;
  try {
    const { kid } = decodeProtectedHeader(sealed);
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    // Whoever opens it is told that it is damaged.
    return undefined;
  }
}

/** A name that no registered header parameter has (RFC 7516 §4.1). */
const placeName = 'place';

/** 128 bits: finding another place with the same digest is as hard as guessing half a key. */
function placeOf({ connectionId, grantId, purpose }: SealContext): string {
  return sha256Base64url(JSON.stringify([connectionId, grantId, purpose])).slice(0, 22);
}

async function decrypt(sealed: string, key: Uint8Array) {
  try {
    return await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
  } catch (error) {
    throw new SealError('A sealed value does not open: it was made under another key, or is damaged.', {
      cause: error,
    });
  }
}

function dataKey(key: Uint8Array): Uint8Array {
  if (key.byteLength === keyBytes) return key;
  throw new SealError(`A data key must have ${keyBytes} bytes; got ${key.byteLength}.`);
}
