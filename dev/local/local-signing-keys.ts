/**
 * The signing key of the local stack, in KMS's place: made at the first start, kept in a file (mode 0600), with the
 * certificate to register beside it. The simulator is given the certificate; another server of `--salesforce` must be.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { rsaKeyOf } from '../../functions/adapters/pem-key-set.ts';
import { pemSigningKey } from '../../functions/adapters/pem-signing-keys.ts';
import { AppMisconfiguredError } from '../../functions/core/errors.ts';
import type { SigningKeys } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { readIfThere, replaceFile } from './durable-file.ts';

export interface LocalSigningKeysOptions {
  /** The one app that signs. */
  readonly app: string;
  /** Gets `<app>.key`. */
  readonly keysFolder: string;
  /** Gets `<app>.crt`. */
  readonly certificateFolder: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface LocalSigningKeys extends SigningKeys {
  readonly certificateFile: string;
  /** To register with Salesforce. */
  readonly certificatePem: string;
}

const keyId = '1';
const certificateDays = 3_650;
/** A certificate that ends sooner is made anew at the next start. */
const remainingMs = 30 * 86_400_000;

export async function createLocalSigningKeys(options: LocalSigningKeysOptions): Promise<LocalSigningKeys> {
  const { app, keysFolder, certificateFolder, now } = options;
  const privateKeyPem = privateKey(join(keysFolder, `${app}.key`));
  const certificateFile = join(certificateFolder, `${app}.crt`);
  const key = rsaKeyOf(privateKeyPem);
  if (key === undefined) throw damaged(join(keysFolder, `${app}.key`));
  const present = presentCertificate(certificateFile, key, now);
  const certificatePem = present ?? (await newCertificate(app, key, now));
  if (present === undefined) replaceFile(certificateFile, certificatePem);
  const requireApp = (asked: string) => {
    if (asked !== app) throw new AppMisconfiguredError(asked, `In the local stack, only ${app} signs; got ${asked}.`);
  };
  return {
    certificateFile,
    certificatePem,
    async of(asked) {
      requireApp(asked);
      return [pemSigningKey({ id: keyId, privateKeyPem })];
    },
    async certificateEnds(asked) {
      requireApp(asked);
      return [{ id: keyId, endsAt: new X509Certificate(certificatePem).validToDate.getTime() }];
    },
  };
}

function privateKey(path: string): Secret {
  const stored = readIfThere(path);
  if (stored === undefined) {
    const pem = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    replaceFile(path, pem.toString());
    return new Secret(pem.toString());
  }
  const mode = statSync(path).mode & 0o777;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(`${path} may be read by others (mode ${mode.toString(8)}, must be 600): run chmod 600 ${path}`);
  }
  return new Secret(stored);
}

/** As registered already: another one would have to be registered anew. */
function presentCertificate(path: string, key: KeyObject, now: number): string | undefined {
  const stored = readIfThere(path);
  if (stored === undefined) return undefined;
  try {
    const certificate = new X509Certificate(stored);
    const good = certificate.checkPrivateKey(key) && certificate.validToDate.getTime() > now + remainingMs;
    return good ? stored : undefined;
  } catch {
    // Torn or edited: it can be made again, the key is what counts.
    return undefined;
  }
}

async function newCertificate(app: string, key: KeyObject, now: number): Promise<string> {
  // The library takes a tenth of a second to load, and most starts have the certificate.
  const { selfSigned } = await import('../../cli/certificate.ts');
  const certified = {
    publicKey: async () => createPublicKey(key).export({ type: 'spki', format: 'der' }),
    sign: async (message: Uint8Array) => sign('sha256', message, key),
  };
  return (await selfSigned({ name: app, key: certified, now, days: certificateDays })).pem;
}

function damaged(path: string): Error {
  return new Error(`${path} is no RSA key in PEM. Put the file back, or delete it and register the new certificate.`);
}
