/** The signing keys of one app, as `npx grantkeeper signing-key` makes, certifies and retires them. */
import type { SigningKeyId } from '../functions/adapters/signing-key-names.ts';
import type { CertifiedKey } from './certificate.ts';

export interface HeldKey extends CertifiedKey {
  readonly id: SigningKeyId;
  /** Where it lies, for people. */
  readonly place: string;
  /** Why it cannot sign, where it cannot. */
  readonly unusable?: string;
  /** Of the certificate last made for it, in milliseconds since the epoch. */
  readonly certificateEndsAt?: number;
  noteCertificateEnd(endsAt: number): Promise<void>;
}

export interface KeyRing {
  /** One, two or none, by id. */
  keys(): Promise<readonly HeldKey[]>;
  /** Another process may be making one of the same id: there is one key in the end. */
  make(id: SigningKeyId): Promise<HeldKey>;
  /** Answers what became of it, and how to bring it back where that can be done. Repeats do no harm. */
  retire(id: SigningKeyId): Promise<readonly string[]>;
}
