/**
 * Signing keys for flow tests, with their certificates: made once in a process, for an RSA key takes a tenth of a second
 * and every flow needs one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalSigningKeys, type LocalSigningKeys } from '../../dev/local/local-signing-keys.ts';
import type { SigningKeys } from '../../functions/core/ports.ts';
import { flowsBeginAt } from './flow-clock.ts';

const signingApp = 'crm-jwt';

const made = new Map<string, Promise<LocalSigningKeys>>();

/** One key, with id `1`, by a name of the test's own. */
export function flowSigningKeys(name = 'first'): Promise<LocalSigningKeys> {
  const keys = made.get(name) ?? make();
  made.set(name, keys);
  return keys;
}

async function make(): Promise<LocalSigningKeys> {
  const folder = mkdtempSync(join(tmpdir(), 'flow-signing-keys-'));
  try {
    const folders = { keysFolder: folder, certificateFolder: folder };
    return await createLocalSigningKeys({ app: signingApp, ...folders, now: flowsBeginAt });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The app has both, as while one is being replaced. */
export function twoKeys(first: SigningKeys, second: SigningKeys): SigningKeys {
  const numbered = <Key extends { readonly id: string }>(keys: readonly Key[], id: string) =>
    keys.map((key) => ({ ...key, id }));
  return {
    of: async (app) => [...numbered(await first.of(app), '1'), ...numbered(await second.of(app), '2')],
    certificateEnds: async (app) => [
      ...numbered(await first.certificateEnds(app), '1'),
      ...numbered(await second.certificateEnds(app), '2'),
    ],
  };
}
