/** The file that a certificate goes to. A certificate may be replaced there; nothing else may. */
import { accessSync, closeSync, constants, openSync, readSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError } from './command-error.ts';

const beginning = '-----BEGIN CERTIFICATE-----';

/** Before anything is made: throws where `path` is another kind of file, or cannot be read. */
export function requireCertificatePath(path: string): void {
  const found = beginningOf(path);
  if (found === undefined) requireFolder(dirname(path));
  if (found === undefined || found === beginning) return;
  throw new CommandError(`${path} is there and is no certificate: it is left as it is. Name another file with --out.`);
}

export function writeCertificate(path: string, pem: string): void {
  try {
    writeFileSync(path, pem);
  } catch (error) {
    throw unusable(path, 'written', error);
  }
}

/** A key whose certificate has nowhere to go should not be made. */
function requireFolder(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw unusable(folder, 'written to', error);
  }
}

/** `undefined`: there is no such file. */
function beginningOf(path: string): string | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(beginning.length);
      return bytes.toString('latin1', 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, 'read', error);
  }
}

function unusable(path: string, verb: string, error: unknown): CommandError {
  const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new CommandError(`${path} cannot be ${verb} (${reason}). Name another file with --out.`);
}
