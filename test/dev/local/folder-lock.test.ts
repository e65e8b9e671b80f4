import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FolderInUseError, lockFolder } from '../../../dev/local/folder-lock.ts';

describe('the lock of a data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps a second user out until the first releases it', () => {
    const first = lockFolder(folder);
    assert.throws(() => lockFolder(folder), FolderInUseError);
    first.release();
    lockFolder(folder).release();
  });

  it('names the process that has it, and ends with that process when it is killed', async () => {
    const module = new URL('../../../dev/local/folder-lock.ts', import.meta.url).href;
    const code = `const { lockFolder } = await import(${JSON.stringify(module)});
      globalThis.lock = lockFolder(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    assert.throws(() => lockFolder(folder), new RegExp(`in use by another Grantkeeper \\(process ${child.pid}\\)`));
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockFolder(folder).release();
  });
});
