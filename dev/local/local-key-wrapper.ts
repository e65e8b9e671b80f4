/**
 * The key service of the local stack, in KMS's place: a master key in a file wraps the data keys.
 *
 * AES-256-GCM with the context as authenticated data, as KMS does with its encryption context: a key that was wrapped
 * under one context does not open under another. Source: NIST SP 800-38D.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { SealError } from '../../functions/core/errors.ts';
import type { KeyContext, KeyWrapper } from '../../functions/core/ports.ts';
import { marked } from '../canary/canary.ts';
import { readIfThere, replaceFile } from './durable-file.ts';

const formatVersion = 1;
const ivBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/** Reads the master key of the folder, or makes it (file mode 0600). */
export function createLocalKeyWrapper(folder: string): KeyWrapper {
  const master = masterKey(join(folder, 'master.key'));
  return {
    generateDataKey: async (context) => {
      const plaintext = Buffer.from(marked(randomBytes(keyBytes)));
      return { plaintext, wrapped: wrap(master, plaintext, context) };
    },
    unwrapDataKey: async (wrapped, context) => unwrap(master, wrapped, context),
  };
}

function masterKey(path: string): Buffer {
  const stored = readIfThere(path);
  if (stored === undefined) {
    const made = randomBytes(keyBytes);
    replaceFile(path, `${made.toString('base64')}\n`);
    return made;
  }
  const mode = statSync(path).mode & 0o777;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(`${path} may be read by others (mode ${mode.toString(8)}, must be 600): run chmod 600 ${path}`);
  }
  const key = Buffer.from(stored, 'base64');
  if (key.length !== keyBytes) {
    throw new Error(
      `${path} is damaged: ${key.length} bytes, must be ${keyBytes}. Put the file back, or start with an empty --data folder.`,
    );
  }
  return key;
}

function wrap(master: Buffer, plaintext: Uint8Array, context: KeyContext): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', master, iv).setAAD(additionalData(context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.of(formatVersion), iv, sealed, cipher.getAuthTag()]).toString('base64');
}

function unwrap(master: Buffer, wrapped: string, context: KeyContext): Uint8Array {
  const bytes = Buffer.from(wrapped, 'base64');
  const expectedBytes = 1 + ivBytes + keyBytes + tagBytes;
  if (bytes.length !== expectedBytes || bytes[0] !== formatVersion) {
    throw new SealError(
      `Not a data key of the local key service: ${bytes.length} bytes of format ${bytes[0]}, must be ${expectedBytes} of format ${formatVersion}. It was wrapped elsewhere; start with an empty --data folder.`,
    );
  }
  const decipher = createDecipheriv('aes-256-gcm', master, bytes.subarray(1, 1 + ivBytes))
    .setAAD(additionalData(context))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(1 + ivBytes, -tagBytes)), decipher.final()]);
  } catch (error) {
    throw new SealError(
      `A data key does not open under ${context.purpose}/${context.scope}: it was wrapped under another context or another master key. If the keys folder was replaced, put the old one back.`,
      { cause: error },
    );
  }
}

function additionalData({ purpose, scope }: KeyContext): Buffer {
  return Buffer.from(JSON.stringify({ purpose, scope }));
}
