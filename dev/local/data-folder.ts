/**
 * Where the local stack keeps its files: the folder of `--data`, or a temporary one for the keys alone.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readIfThere, replaceFile } from './durable-file.ts';
import { lockFolder } from './folder-lock.ts';

export interface DataFolder {
  /** Holds the master key; with `--data` it stays. */
  readonly keys: string;
  /** Holds the certificates to register with Salesforce. */
  readonly certificates: string;
  /** Absent: that engine keeps all in memory. */
  readonly dynamodb?: string;
  readonly messages?: string;
  readonly alerts?: string;
  readonly simulator?: string;
  readonly settings: Settings;
  /** Unlocks; removes what was temporary. */
  close(): void;
}

/** What must be the same after a restart. */
export interface Settings {
  /** The simulator's origin is stored in every connection. */
  readonly simulatorPort: number | undefined;
  keepSimulatorPort(port: number): void;
}

/** Throws `FolderInUseError`, `FolderUnusableError`. */
export function openDataFolder(folder: string | undefined): DataFolder {
  return folder === undefined ? temporaryFolder() : keptFolder(resolve(folder));
}

export class FolderUnusableError extends Error {
  readonly code = 'folder_unusable';

  constructor(folder: string, cause: unknown) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it cannot be made';
    super(`--data needs a folder that this process may write to; ${folder} is none (${reason}).`, { cause });
    this.name = 'FolderUnusableError';
  }
}

function makeFolder(root: string): void {
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FolderUnusableError(root, error);
  }
}

function keptFolder(root: string): DataFolder {
  makeFolder(root);
  const lock = lockFolder(root);
  const keys = join(root, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  chmodSync(keys, 0o700);
  return {
    keys,
    certificates: root,
    dynamodb: join(root, 'dynamodb'),
    messages: join(root, 'messages'),
    alerts: join(root, 'alerts.jsonl'),
    simulator: join(root, 'simulator.json'),
    settings: fileSettings(join(root, 'settings.json')),
    close: () => lock.release(),
  };
}

function temporaryFolder(): DataFolder {
  const keys = mkdtempSync(join(tmpdir(), 'grantkeeper-keys-'));
  return {
    keys,
    certificates: keys,
    settings: { simulatorPort: undefined, keepSimulatorPort: () => {} },
    close: () => rmSync(keys, { recursive: true, force: true }),
  };
}

function fileSettings(path: string): Settings {
  const stored: unknown = JSON.parse(readIfThere(path) ?? '{}');
  const port = (stored as { simulatorPort?: unknown }).simulatorPort;
  return {
    simulatorPort: typeof port === 'number' ? port : undefined,
    keepSimulatorPort: (simulatorPort) => replaceFile(path, `${JSON.stringify({ version: 1, simulatorPort })}\n`),
  };
}
