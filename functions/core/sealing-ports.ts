/** Data keys and the seals made with them. */
import type { Secret } from './secret.ts';

export type KeyPurpose = 'access' | 'refresh';

/** Authenticated by the key service with each wrapped key: `scope` is an org id, or a session id for a callback's own. */
export interface KeyContext {
  readonly purpose: KeyPurpose;
  readonly scope: string;
}

/** KMS in AWS, a master key in a file for the local stack. Throws `KeysUnavailableError` where it does not answer. */
export interface KeyWrapper {
  /** A new data key of 32 bytes, in the clear and wrapped (base64). */
  generateDataKey(context: KeyContext): Promise<{ plaintext: Uint8Array; wrapped: string }>;
  /** Throws `SealError` where the wrapped key was not made under this context. */
  unwrapDataKey(wrapped: string, context: KeyContext): Promise<Uint8Array>;
}

/** Where a sealed token belongs; authenticated, so that a sealed value moved elsewhere does not open. */
export interface SealContext {
  readonly connectionId: string;
  readonly grantId: string;
  readonly purpose: KeyPurpose;
}

/** JWE compact serialization, `dir` and A256GCM (RFC 7516, RFC 7518 §4.5 and §5.3). */
export interface Sealer {
  seal(text: Secret, key: Uint8Array, keyId: string, context: SealContext): Promise<string>;
  /** Throws `SealError`. */
  open(sealed: string, key: Uint8Array, context: SealContext): Promise<Secret>;
  /** Under which key it says that it was sealed; nothing is verified. `undefined`: it does not say. */
  keyIdOf(sealed: string): string | undefined;
}
