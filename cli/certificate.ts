/**
 * The self-signed X.509 certificate that Salesforce is given for a signing key. The key may be one that never leaves KMS:
 * signing is somebody else's.
 *
 * Source: RFC 5280 §4.1; Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
 */
import 'reflect-metadata';
import { createPublicKey, X509Certificate as NodeCertificate, randomBytes } from 'node:crypto';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';

export interface CertificateOrder {
  /** The common name; the app's. */
  readonly name: string;
  readonly key: CertifiedKey;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly days: number;
}

export interface CertifiedKey {
  /** SubjectPublicKeyInfo, DER. */
  publicKey(): Promise<Uint8Array>;
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface Certificate {
  readonly pem: string;
  /** Milliseconds since the epoch, on a whole second. */
  readonly endsAt: number;
}

const dayMs = 86_400_000;
/** Whoever judges it may have a clock behind ours. */
const backdatedMs = 3_600_000;

/** Throws where the signature is not of the public key. */
export async function selfSigned({ name, key, now, days }: CertificateOrder): Promise<Certificate> {
  const publicKey = Buffer.from(await key.publicKey());
  const subject = `CN=${name}`;
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: randomBytes(16).toString('hex'),
      subject,
      issuer: subject,
      notBefore: wholeSecond(now - backdatedMs),
      notAfter: wholeSecond(now + days * dayMs),
      publicKey,
      signingKey,
      // No key usage: a verifier could ask a self-signed certificate for the right to sign certificates.
      extensions: [new BasicConstraintsExtension(false, undefined, true)],
    },
    outsideSigner(key),
  );
  const pem = `${certificate.toString('pem')}\n`;
  if (!new NodeCertificate(pem).verify(createPublicKey({ key: publicKey, format: 'der', type: 'spki' }))) {
    throw new Error(
      `The certificate of ${name} is not signed by its own key: the key changed meanwhile. Run it again.`,
    );
  }
  return { pem, endsAt: certificate.notAfter.getTime() };
}

/** Stands for the key where the library asks for its algorithm; the key itself is not here. */
const signingKey = {
  type: 'private',
  extractable: false,
  usages: ['sign'],
  algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
} as unknown as CryptoKey;

/** WebCrypto as far as the library uses it for one certificate. */
function outsideSigner(key: CertifiedKey): Crypto {
  const sign = (_algorithm: unknown, _key: unknown, message: ArrayBuffer) => key.sign(new Uint8Array(message));
  return { subtle: { sign } } as unknown as Crypto;
}

function wholeSecond(epochMs: number): Date {
  return new Date(Math.floor(epochMs / 1_000) * 1_000);
}
