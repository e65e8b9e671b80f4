/**
 * One process at a time uses a data folder: two on one would corrupt its engines.
 *
 * The lock is an exclusive SQLite transaction on `DIR/lock`, that is a lock of the operating system on that file: it
 * ends with the process however that ends, so a killed process leaves nothing to clean up. `DIR/owner` only says who.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface FolderLock {
  release(): void;
}

export class FolderInUseError extends Error {
  readonly code = 'folder_in_use';

  constructor(folder: string, owner: string, options: ErrorOptions) {
    super(
      `The data folder ${folder} is in use by another Grantkeeper${owner === '' ? '' : ` (process ${owner})`}. Stop that one, or give --data another folder.`,
      options,
    );
    this.name = 'FolderInUseError';
  }
}

const sqliteBusy = 5;

/** Throws `FolderInUseError` while a live process (this one included) holds the folder. */
export function lockFolder(folder: string): FolderLock {
  const database = new DatabaseSync(join(folder, 'lock'));
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) {
      throw new FolderInUseError(folder, readOwner(folder), { cause: error });
    }
    throw error;
  }
  writeFileSync(ownerFile(folder), String(process.pid), { mode: 0o600 });
  return {
    release: () => {
      rmSync(ownerFile(folder), { force: true });
      database.close();
    },
  };
}

function readOwner(folder: string): string {
  try {
    return readFileSync(ownerFile(folder), 'utf8').slice(0, 20);
  } catch {
    return '';
  }
}

function ownerFile(folder: string): string {
  return join(folder, 'owner');
}
