/**
 * Files that survive a kill at any instant: the old text or the new one is there, never half of either.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file: written beside it, synced, renamed over it. Mode 0600. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.new`;
  writeSynced(temporary, 'w', text);
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Appends and syncs. A kill may leave the last line torn: readers pass over what does not parse. */
export function appendDurably(path: string, text: string): void {
  writeSynced(path, 'a', text);
}

/** The text of a file, or `undefined` where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeSynced(path: string, flags: 'w' | 'a', text: string): void {
  const file = openSync(path, flags, 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch {
    // Some file systems do not sync folders; the rename is atomic there all the same.
  } finally {
    closeSync(folder);
  }
}
